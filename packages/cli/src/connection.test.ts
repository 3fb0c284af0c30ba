import { createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { OUTCOMES } from "@kvorum/core";
import { ask } from "./ask.ts";
import { Connection, failureOf, Unanswered } from "./connection.ts";
import { EXIT, Failure } from "./failure.ts";

const servers: Server[] = [];
afterEach(() =>
  Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve)))),
);

/** Something that answers each command with the given bytes; null hangs up, "" says nothing. */
function fake(answer: (command: string) => string | null): Promise<string> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      const name = chunk.toString("latin1").split("\r\n")[2]?.toLowerCase() ?? "";
      const bytes = answer(name);
      if (bytes === null) socket.destroy();
      else socket.write(bytes);
    });
  });
  servers.push(server);
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const bound = server.address();
      resolve(`127.0.0.1:${typeof bound === "object" && bound !== null ? bound.port : 0}`);
    });
  });
}

const pong = (name: string): string => (name === "ping" ? "+PONG\r\n" : "$2\r\nhi\r\n");
const question = { name: "KV.GET", words: ["key"], timeoutMs: 300, repeatable: true };

describe("a connection", () => {
  test("brings replies as they are: bytes, numbers, nothing, lists", async () => {
    const server = await fake((name) =>
      name === "ping" ? "+PONG\r\n" : "*4\r\n$2\r\n\x00\x01\r\n:7\r\n$-1\r\n*1\r\n+x\r\n",
    );
    const connection = await Connection.open(server);
    const reply = await connection.call(1000, "ANY");
    expect(reply).toEqual([Buffer.of(0, 1), 7, null, [Buffer.from("x")]]);
    connection.close();
  });

  test("is not made to who refuses, hangs or hangs up", async () => {
    await expect(Connection.open("127.0.0.1:1")).rejects.toThrow(Unanswered);
    await expect(Connection.open(await fake(() => ""))).rejects.toThrow("no answer within 1 s");
    await expect(Connection.open(await fake(() => null))).rejects.toThrow(Unanswered);
  });
});

describe("a question", () => {
  test("of another namespace chooses that first, and has asked nothing when that is not answered", async () => {
    const hangs = await fake((name) => (name === "kv.use" ? null : pong(name)));
    const said: string[] = [];
    const answers = await fake((name) => {
      said.push(name);
      return name === "kv.use" ? "+OK\r\n" : pong(name);
    });
    const put = { ...question, name: "KV.PUT", namespace: "carts", repeatable: false };
    expect(await ask([hangs, answers], put)).toMatchObject({ server: answers });
    expect(said).toEqual(["ping", "kv.use", "kv.put"]);
    const refuses = await fake((name) => (name === "kv.use" ? "-ERR no namespace 'x'\r\n" : pong(name)));
    await expect(ask([refuses, answers], put)).rejects.toThrow("ERR no namespace 'x'");
  });

  test("goes to the next member when one does not answer", async () => {
    const hangsUp = await fake((name) => (name === "ping" ? "+PONG\r\n" : null));
    const hangs = await fake((name) => (name === "ping" ? "+PONG\r\n" : ""));
    const loads = await fake((name) => (name === "ping" ? "+PONG\r\n" : "-LOADING in a moment\r\n"));
    const good = await fake(pong);
    const answer = await ask(["127.0.0.1:1", hangsUp, hangs, loads, good], question);
    expect(answer).toEqual({ server: good, reply: Buffer.from("hi") });
  });

  test("that nobody answers fails with everybody who was tried", async () => {
    const hangsUp = await fake(() => null);
    const failure = await ask(["127.0.0.1:1", hangsUp], question).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({ exitCode: EXIT.unreachable, code: "UNREACHABLE" });
    expect(String(failure)).toMatch(new RegExp(`127\\.0\\.0\\.1:1: .*; ${hangsUp}: `));
  });

  test("that must not be put twice is unknown once it was sent, and goes on before", async () => {
    const hangsUp = await fake((name) => (name === "ping" ? "+PONG\r\n" : null));
    let asked = 0;
    const other = await fake((name) => {
      if (name !== "ping") asked++;
      return pong(name);
    });
    const once = { ...question, name: "KV.PUT", repeatable: false };
    await expect(ask([hangsUp, other], once)).rejects.toMatchObject({ exitCode: EXIT.unknown });
    expect(asked).toBe(0);
    await expect(ask(["127.0.0.1:1", other], once)).resolves.toMatchObject({ server: other });
    expect(asked).toBe(1);
  });

  test("that a member refuses goes to nobody else", async () => {
    const refuses = await fake((name) => (name === "ping" ? "+PONG\r\n" : "-TOOLARGE the value\r\n"));
    const good = await fake(pong);
    await expect(ask([refuses, good], question)).rejects.toMatchObject({
      exitCode: EXIT.refused,
      code: "TOOLARGE",
      message: "TOOLARGE: the value",
    });
  });
});

test("every outcome has its exit code: refused when it is definite, unknown when it is not", () => {
  for (const [code, info] of Object.entries(OUTCOMES)) {
    if (code === "OK") continue;
    const expected = code === "LOADING" ? EXIT.unreachable : info.definite ? EXIT.refused : EXIT.unknown;
    expect([code, failureOf(`${info.resp} words`).exitCode]).toEqual([code, expected]);
  }
  expect(failureOf("NOAUTH words").exitCode).toBe(EXIT.refused);
});
