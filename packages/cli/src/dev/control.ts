/**
 * How `kvorum dev stop 2` and its kin reach the supervisor: one line of JSON each way over a unix socket in the cluster's
 * directory. Listening on it is also what makes a supervisor the only one there.
 */
import { chmodSync, rmSync } from "node:fs";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { EXIT, Failure, systemCodeOf, wordsOf } from "../failure.ts";
import { booleanOf, numberOf, objectOf, parseJson, stringOf } from "../json.ts";
import type { DevDirectory } from "./dev-directory.ts";

export const MEMBER_VERBS = ["stop", "kill", "start", "pause", "resume"] as const;
export type MemberVerb = (typeof MEMBER_VERBS)[number];

export type ControlRequest = MemberRequest | LinkRequest | WhoRequest;

export interface MemberRequest {
  readonly verb: MemberVerb;
  /** A number or a name. */
  readonly member: string;
}

/** `oneWay`: only what A sends to B vanishes. */
export interface LinkRequest {
  readonly verb: "partition" | "heal";
  /** Two members, `A:B`; empty: every link (`heal`). */
  readonly link: string;
  readonly oneWay: boolean;
}

/** Asks for nothing: the answer names the supervisor. */
interface WhoRequest {
  readonly verb: "who";
}

export interface ControlAnswer {
  readonly ok: boolean;
  readonly text: string;
  /** Of the supervisor. */
  readonly pid: number;
}

const LINE_BYTES_MAX = 4096;

/** Listens, or fails because another supervisor does. */
export async function listenControl(
  directory: DevDirectory,
  answer: (request: ControlRequest) => Promise<ControlAnswer>,
): Promise<Server> {
  const path = directory.controlSocket;
  const server = createServer((socket) => serve(socket, answer));
  if (await tryListen(server, path)) return server;
  const holder = await whoHolds(path);
  if (holder === null) {
    // Left behind by a supervisor that was killed: nobody listens any more.
    rmSync(path, { force: true });
    if ((await tryListen(server, path)) && (await stillOurs(path))) return server;
  }
  const pid = holder === null || holder === 0 ? "" : ` (pid ${holder})`;
  throw new Failure(
    EXIT.refused,
    "RUNNING",
    `a cluster already runs in ${directory.root}${pid}`,
    "stop it with Ctrl-C where it runs, or start another with --dir DIR --port-base PORT",
  );
}

function tryListen(server: Server, path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error): void => {
      server.off("listening", onListening);
      if (systemCodeOf(error) === "EADDRINUSE") resolve(false);
      else
        reject(new Failure(EXIT.refused, systemCodeOf(error), `cannot listen on ${path}: ${wordsOf(error)}`));
    };
    const onListening = (): void => {
      server.off("error", onError);
      chmodSync(path, 0o600);
      resolve(true);
    };
    server.once("error", onError);
    server.once("listening", onListening);
    server.listen(path);
  });
}

/** Two that start at once may both find the old socket dead, and the slower one removes the other's new one. */
async function stillOurs(path: string): Promise<boolean> {
  await new Promise((resolve) => setTimeout(resolve, 100));
  return (await whoHolds(path)) === process.pid;
}

/** The pid of the supervisor that listens; 0 when it does not say; null when nobody listens. */
async function whoHolds(path: string): Promise<number | null> {
  try {
    return (await exchange(path, { verb: "who" }, 2000)).pid;
  } catch (error) {
    const code = systemCodeOf(error);
    return code === "ECONNREFUSED" || code === "ENOENT" ? null : 0;
  }
}

function serve(socket: Socket, answer: (request: ControlRequest) => Promise<ControlAnswer>): void {
  let text = "";
  let asked = false;
  socket.setEncoding("utf8");
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: string) => {
    text += chunk;
    const end = text.indexOf("\n");
    if (asked) return;
    if (end < 0) {
      if (text.length > LINE_BYTES_MAX) socket.destroy();
      return;
    }
    asked = true;
    void reply(socket, text.slice(0, end), answer);
  });
}

async function reply(
  socket: Socket,
  line: string,
  answer: (request: ControlRequest) => Promise<ControlAnswer>,
): Promise<void> {
  let result: ControlAnswer;
  try {
    result = await answer(readRequest(line));
  } catch (error) {
    result = { ok: false, text: wordsOf(error), pid: process.pid };
  }
  socket.end(`${JSON.stringify(result)}\n`);
}

function readRequest(line: string): ControlRequest {
  const request = objectOf(parseJson(line, "the request"), "the request");
  const verb = stringOf(request["verb"], "verb");
  if (verb === "who") return { verb };
  if (verb === "partition" || verb === "heal")
    return { verb, link: stringOf(request["link"], "link"), oneWay: booleanOf(request["oneWay"], "oneWay") };
  const known = MEMBER_VERBS.find((candidate) => candidate === verb);
  if (known === undefined) throw new Error(`${verb} is not known here`);
  return { verb: known, member: stringOf(request["member"], "member") };
}

/** Asks the supervisor that listens there. Rejects with the system's error when nobody does. */
export function exchange(path: string, request: ControlRequest, timeoutMs: number): Promise<ControlAnswer> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    let text = "";
    socket.setEncoding("utf8");
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
    socket.on("connect", () => socket.write(`${JSON.stringify(request)}\n`));
    socket.on("data", (chunk: string) => (text += chunk));
    socket.on("error", reject);
    socket.on("close", () => {
      try {
        const answer = objectOf(parseJson(text, "the answer"), "the answer");
        resolve({
          ok: booleanOf(answer["ok"], "ok"),
          text: stringOf(answer["text"], "text"),
          pid: numberOf(answer["pid"], "pid"),
        });
      } catch {
        reject(new Error("the supervisor ended before it answered"));
      }
    });
  });
}
