import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createConnection, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { exchange, listenControl, type ControlAnswer, type ControlRequest } from "./control.ts";
import { DevDirectory } from "./dev-directory.ts";

const folder = mkdtempSync(join(tmpdir(), "kvorum-control-"));
const servers: Server[] = [];
afterEach(() =>
  Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve)))),
);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let made = 0;
function directory(): DevDirectory {
  const created = new DevDirectory(join(folder, `dir-${made++}`));
  created.create();
  return created;
}

const yes = (request: ControlRequest): Promise<ControlAnswer> =>
  Promise.resolve({ ok: true, text: textOf(request), pid: process.pid });

function textOf(request: ControlRequest): string {
  if (request.verb === "who") return "who";
  return "link" in request
    ? `${request.verb} ${request.link} ${request.oneWay}`
    : `${request.verb} ${request.member}`;
}

async function listen(dir: DevDirectory, answer = yes): Promise<Server> {
  const server = await listenControl(dir, answer);
  servers.push(server);
  return server;
}

/** What comes back for raw bytes, until the other side closes. */
function raw(path: string, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = createConnection(path, () => socket.write(bytes));
    let text = "";
    socket.on("data", (chunk) => (text += chunk.toString()));
    socket.on("error", () => {});
    socket.on("close", () => resolve(text));
  });
}

describe("the control socket", () => {
  test("carries a request and its answer, and is the owner's alone", async () => {
    const dir = directory();
    await listen(dir);
    const answer = await exchange(dir.controlSocket, { verb: "pause", member: "2" }, 1000);
    expect(answer).toEqual({ ok: true, text: "pause 2", pid: process.pid });
    const cut = await exchange(dir.controlSocket, { verb: "partition", link: "1:2", oneWay: true }, 1000);
    expect(cut.text).toBe("partition 1:2 true");
    expect(statSync(dir.controlSocket).mode & 0o077).toBe(0);
  });

  test("is held by one at a time, and a second one is told by whom", async () => {
    const dir = directory();
    await listen(dir);
    await expect(listenControl(dir, yes)).rejects.toThrow(
      `a cluster already runs in ${dir.root} (pid ${process.pid})`,
    );
  });

  test("that nobody listens on any more is taken over", async () => {
    const dir = directory();
    // A file in its place behaves as the socket of a process that was killed: nobody accepts.
    writeFileSync(dir.controlSocket, "");
    await listen(dir);
    expect((await exchange(dir.controlSocket, { verb: "who" }, 1000)).ok).toBe(true);
  });

  test("of a supervisor that hangs is not taken over", async () => {
    const dir = directory();
    const silent = createServer((socket) => socket.on("close", () => socket.destroy()).resume());
    servers.push(silent);
    await new Promise<void>((resolve) => silent.listen(dir.controlSocket, resolve));
    await expect(listenControl(dir, yes)).rejects.toThrow("a cluster already runs in");
  });

  test("answers mistakes with words and does not listen to endless lines", async () => {
    const dir = directory();
    await listen(dir);
    expect(await raw(dir.controlSocket, "nonsense\n")).toContain('"ok":false');
    expect(await raw(dir.controlSocket, '{"verb":"explode","member":"1"}\n')).toContain(
      "explode is not known here",
    );
    expect(await raw(dir.controlSocket, "[]\n")).toContain("is not an object");
    expect(await raw(dir.controlSocket, "x".repeat(100_000))).toBe("");
  });

  test("that nobody listens on rejects with the system's reason", async () => {
    const dir = directory();
    await expect(exchange(dir.controlSocket, { verb: "stop", member: "1" }, 1000)).rejects.toMatchObject({
      code: "ENOENT",
    });
  });
});
