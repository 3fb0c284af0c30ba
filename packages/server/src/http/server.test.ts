import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { MemoryMember } from "../resp/memory-member.fixture.ts";
import type { HttpLimits } from "./limits.ts";
import { HttpServer } from "./server.ts";

interface Face {
  readonly member: MemoryMember;
  readonly server: HttpServer;
  readonly port: number;
  readonly events: string[];
  readonly metrics: ReturnType<typeof vi.fn<() => Promise<string>>>;
}

async function startFace(limits: Partial<HttpLimits> = {}): Promise<Face> {
  const member = new MemoryMember();
  const events: string[] = [];
  const metrics = vi.fn<() => Promise<string>>(async () => "kvorum_up 1\n");
  const server = new HttpServer({
    member,
    metrics,
    limits: { lookEveryMs: 20, ...limits },
    events: {
      event: (_level, name, text) => void events.push(`${name}: ${text}`),
      fatal: (code) => void events.push(`fatal ${code}`),
    },
  });
  const port = await server.listen("127.0.0.1", 0);
  onTestFinished(() => server.close());
  return { member, server, port, events, metrics };
}

/** Sends bytes as they are and collects what comes back until the other side closes. */
async function raw(port: number, text: string): Promise<{ socket: Socket; all: Promise<string> }> {
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  let received = "";
  socket.on("data", (chunk: Buffer) => (received += chunk.toString("latin1")));
  socket.on("error", () => undefined);
  const all = new Promise<string>((resolve) => socket.once("close", () => resolve(received)));
  socket.write(text);
  return { socket, all };
}

const answerTo = async (port: number, text: string): Promise<string> => (await raw(port, text)).all;

function get(port: number, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}${path}`, init);
}

test("/healthz says that the process lives, whatever else is wrong", async () => {
  const { port, member } = await startFace();
  for (const id of [2, 3]) member.unreachable.add(id);
  const response = await get(port, "/healthz");
  expect([response.status, await response.text()]).toEqual([200, "ok\n"]);
  const head = await get(port, "/healthz", { method: "HEAD" });
  expect([head.status, await head.text()]).toEqual([200, ""]);
});

test("/readyz says whether, and what is missing", async () => {
  const { port, member } = await startFace();
  const ready = await get(port, "/readyz");
  expect([ready.status, await ready.json()]).toEqual([200, expect.objectContaining({ ready: true })]);
  member.unreachable.add(2);
  expect((await get(port, "/readyz")).status).toBe(200);
  expect((await get(port, "/readyz?for=traffic")).status).toBe(200);
  const restart = await get(port, "/readyz?for=restart");
  expect([restart.status, await restart.json()]).toEqual([503, expect.objectContaining({ for: "restart" })]);
  member.unreachable.add(3);
  const traffic = await get(port, "/readyz");
  expect(traffic.status).toBe(503);
  expect(JSON.stringify(await traffic.json())).toContain("cannot reach member-2, member-3");
  const wrong = await get(port, "/readyz?for=fun");
  expect([wrong.status, await wrong.json()]).toMatchObject([
    400,
    { detail: "for is traffic (the default) or restart" },
  ]);
});

test("/metrics is made when it is asked for, and not more often than makes sense", async () => {
  const { port, metrics } = await startFace({ metricsKeptMs: 60_000 });
  expect(metrics).not.toHaveBeenCalled();
  const response = await get(port, "/metrics");
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(await response.text()).toBe("kvorum_up 1\n");
  await Promise.all(Array.from({ length: 50 }, () => get(port, "/metrics")));
  expect(metrics).toHaveBeenCalledTimes(1);
});

test("a page that cannot be made is answered and told, and the next one is made again", async () => {
  const { port, metrics, events } = await startFace({ metricsKeptMs: 0 });
  metrics.mockRejectedValueOnce(new Error("broken counter"));
  const failed = await get(port, "/metrics");
  expect([failed.status, failed.headers.get("content-type")]).toEqual([
    500,
    expect.stringContaining("application/problem+json"),
  ]);
  expect(await failed.text()).not.toContain("broken counter");
  expect(events).toEqual([expect.stringContaining("http-error: Error: broken counter")]);
  expect((await get(port, "/metrics")).status).toBe(200);
});

test("a member that throws while it is asked harms nobody", async () => {
  const { port, member, events } = await startFace();
  member.status = () => {
    throw new Error("asserted");
  };
  expect((await get(port, "/readyz")).status).toBe(500);
  expect((await get(port, "/healthz")).status).toBe(200);
  expect(events).toEqual([expect.stringContaining("http-error: Error: asserted")]);
});

test.each(["/", "/metrics/", "/healthz/x", "//healthz", "/%00", "/METRICS", "/v1/kv/default/a"])(
  "there is nothing at %s, and it says what is somewhere",
  async (path) => {
    const { port } = await startFace();
    const response = await get(port, path);
    expect([response.status, response.headers.get("content-type")]).toEqual([
      404,
      expect.stringContaining("application/problem+json"),
    ]);
    expect(await response.json()).toMatchObject({ status: 404, paths: ["/healthz", "/metrics", "/readyz"] });
  },
);

test.each(["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"])("%s is not allowed", async (method) => {
  const { port } = await startFace();
  const answer = await answerTo(port, `${method} /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 405 Method Not Allowed\r\n/);
  expect(answer).toMatch(/\r\nallow: GET, HEAD\r\n/i);
  expect(answer).toMatch(/\r\nconnection: close\r\n/i);
});

test.each([
  ["a body", "GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello", 413],
  ["a body in chunks", "GET /healthz HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n", 413],
  ["another's name", "GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421],
  ["no name", "GET /healthz HTTP/1.0\r\n\r\n", 421],
  ["a way up", "GET /x/%2e%2e/healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 404],
  ["a broken address", "GET /%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 400],
  [
    "two lengths",
    "GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    400,
  ],
  [
    "length and chunks",
    "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    400,
  ],
  ["a folded header", "GET /healthz HTTP/1.1\r\nHost: localhost\r\nA: b\r\n c: d\r\n\r\n", 400],
  ["RESP", "*1\r\n$4\r\nPING\r\n", 400],
  ["large headers", `GET / HTTP/1.1\r\nHost: localhost\r\nA: ${"a".repeat(9_000)}\r\n\r\n`, 400],
])("%s is refused", async (_what, text, status) => {
  const { port, events } = await startFace();
  expect(await answerTo(port, text)).toMatch(
    new RegExp(`^HTTP/1\\.1 ${status} .*application/problem\\+json`, "s"),
  );
  expect((await get(port, "/healthz")).status).toBe(200);
  expect(events).toEqual([]);
});

test("who sends nothing, or headers by the byte, is let go of", async () => {
  const { port } = await startFace({ headersMs: 150, requestMs: 200 });
  const silent = await raw(port, "");
  const slow = await raw(port, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n");
  const drip = setInterval(() => slow.socket.write("A: b\r\n"), 20);
  onTestFinished(() => clearInterval(drip));
  await Promise.all([silent.all, slow.all]);
  expect((await get(port, "/healthz")).status).toBe(200);
});

test("a connection is not kept for longer than it is used", async () => {
  const { port } = await startFace({ idleMs: 50 });
  expect(await answerTo(port, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")).toContain("ok\n");
});

test("a connection serves so many requests and no more", async () => {
  const { port } = await startFace({ requestsPerConnectionMax: 3, idleMs: 50 });
  const answer = await answerTo(port, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(5));
  expect(answer.match(/HTTP\/1\.1 200/g)).toHaveLength(3);
});

test("at the limit a connection is served, beyond it is closed, and a place that gets free is taken", async () => {
  const { port, server } = await startFace({ connectionsMax: 3 });
  const held = await Promise.all([1, 2, 3].map(() => raw(port, "")));
  const beyond = await raw(port, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  expect(await beyond.all).toBe("");
  expect(server.refused).toBe(1);
  held[0]?.socket.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  expect(await held[0]?.all).toContain("ok\n");
  await expect.poll(async () => (await get(port, "/healthz")).status).toBe(200);
});

test("a port that is taken is an error of the one who asks for it", async () => {
  const { port } = await startFace();
  const member = new MemoryMember();
  const events = { event: () => undefined, fatal: () => undefined };
  const second = new HttpServer({ member, events, metrics: async () => "" });
  await expect(second.listen("127.0.0.1", port)).rejects.toMatchObject({ code: "EADDRINUSE" });
  await second.close();
});

test("closing ends idle connections at once", async () => {
  const { port, server } = await startFace();
  const idle = await raw(port, "");
  await server.close();
  expect(await idle.all).toBe("");
});
