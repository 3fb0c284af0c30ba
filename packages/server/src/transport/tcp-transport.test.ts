/** The transport alone, with plain sockets at the other end. */
import { once } from "node:events";
import { type AddressInfo, type Server, type Socket, connect, createServer } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import type { Address, Lane, LinkId, LinkInputs, MemberId } from "@kvorum/core";
import { type TcpLimits, TcpTransport } from "./tcp-transport.ts";
import { Turn } from "./turn.ts";

const PATIENCE = { timeout: 20_000, interval: 5 };
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Notes what it is told; `onLinkBytes` can be made to fail. */
class Inputs implements LinkInputs {
  readonly up: { link: LinkId; peer: MemberId; lane: Lane | null }[] = [];
  readonly down: { link: LinkId; reason: string }[] = [];
  readonly failed: string[] = [];
  readonly received: number[] = [];
  broken = false;

  onLinkUp(link: LinkId, peer: MemberId, lane: Lane | null): void {
    this.up.push({ link, peer, lane });
  }

  onDialFailed(peer: MemberId, lane: Lane, reason: string): void {
    this.failed.push(`${peer} ${lane}: ${reason}`);
  }

  onLinkBytes(_link: LinkId, chunk: Uint8Array): void {
    if (this.broken) throw new Error("assertion failed: a belief");
    if (chunk.constructor !== Uint8Array) this.failed.push("core gets plain byte arrays, not Buffers");
    for (const byte of chunk) this.received.push(byte);
  }

  onLinkDown(link: LinkId, reason: string): void {
    this.down.push({ link, reason });
  }
}

interface Made {
  transport: TcpTransport;
  turn: Turn;
  inputs: Inputs;
  failures: unknown[];
  addresses: Map<MemberId, Address>;
}

function make(limits: Partial<TcpLimits> = {}): Made {
  const failures: unknown[] = [];
  const turn = new Turn((error) => failures.push(error));
  const addresses = new Map<MemberId, Address>();
  const transport = new TcpTransport({ turn, addresses, overrides: new Map(), limits });
  const inputs = new Inputs();
  transport.attach(inputs);
  turn.add(() => transport.flush());
  cleanups.push(() => transport.stop());
  return { transport, turn, inputs, failures, addresses };
}

async function server(onSocket: (socket: Socket) => void): Promise<{ server: Server; address: Address }> {
  const listening = createServer((socket) => {
    socket.on("error", () => undefined);
    cleanups.push(() => socket.destroy());
    onSocket(socket);
  });
  listening.listen(0, "127.0.0.1");
  await once(listening, "listening");
  cleanups.push(() => listening.close());
  return {
    server: listening,
    address: { host: "127.0.0.1", port: (listening.address() as AddressInfo).port },
  };
}

async function client(port: number): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port });
  socket.on("error", () => undefined);
  cleanups.push(() => socket.destroy());
  await once(socket, "connect");
  return socket;
}

function put(transport: TcpTransport, link: LinkId, bytes: Uint8Array): boolean {
  const writer = transport.writer(link);
  if (writer === null) return false;
  writer.ensure(bytes.length);
  writer.bytes.set(bytes, writer.end);
  writer.end += bytes.length;
  return true;
}

test("a dialled link carries bytes both ways, all of a turn in one write", async () => {
  const chunks: Buffer[] = [];
  const { address } = await server((socket) => {
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.write("hello");
  });
  const { transport, inputs, addresses } = make();
  addresses.set(2, address);
  transport.dial(2, "bulk");
  await vi.waitFor(() => expect(inputs.up).toEqual([{ link: 1, peer: 2, lane: "bulk" }]), PATIENCE);
  for (let i = 0; i < 100; i++) expect(put(transport, 1, new Uint8Array([i]))).toBe(true);
  await vi.waitFor(() => expect(Buffer.concat(chunks).length).toBe(100), PATIENCE);
  expect(chunks).toHaveLength(1);
  expect([...(chunks[0] ?? [])]).toEqual(Array.from({ length: 100 }, (_, i) => i));
  await vi.waitFor(() => expect(Buffer.from(inputs.received).toString()).toBe("hello"), PATIENCE);
  expect(inputs.failed).toEqual([]);
});

test("an accepted link has no peer, and carries bytes both ways", async () => {
  const { transport, inputs } = make();
  const { port } = await transport.listen({ host: "127.0.0.1", port: 0 });
  const socket = await client(port);
  socket.write("who");
  await vi.waitFor(() => expect(Buffer.from(inputs.received).toString()).toBe("who"), PATIENCE);
  expect(inputs.up).toEqual([{ link: 1, peer: 0, lane: null }]);
  put(transport, 1, new Uint8Array([7]));
  expect(inputs.failed).toEqual([]);
  const [chunk] = (await once(socket, "data")) as [Buffer];
  expect([...chunk]).toEqual([7]);
});

test("large and many writes of a turn arrive whole", async () => {
  const { transport, inputs, addresses } = make();
  let length = 0;
  let sum = 0;
  const { address } = await server((socket) => {
    socket.on("data", (chunk: Buffer) => {
      length += chunk.length;
      for (const byte of chunk) sum += byte;
    });
  });
  addresses.set(2, address);
  transport.dial(2, "foreground");
  await vi.waitFor(() => expect(inputs.up).toHaveLength(1), PATIENCE);
  let total = 0;
  let expected = 0;
  for (const size of [1, 65_535, 65_536, 65_537, 1_000_000, 3_000_000, 5]) {
    put(transport, 1, new Uint8Array(size).fill(3));
    total += size;
    expected += 3 * size;
  }
  await vi.waitFor(() => expect(length).toBe(total), PATIENCE);
  expect(sum).toBe(expected);
});

test("close sends what is written, then ends; nothing comes in any more", async () => {
  let ended = false;
  const chunks: Buffer[] = [];
  const { address } = await server((socket) => {
    socket.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      socket.write("too late");
    });
    socket.on("end", () => {
      ended = true;
    });
  });
  const { transport, inputs, addresses } = make();
  addresses.set(2, address);
  transport.dial(2, "foreground");
  await vi.waitFor(() => expect(inputs.up).toHaveLength(1), PATIENCE);
  put(transport, 1, new Uint8Array(200_000).fill(1));
  transport.close(1);
  expect(transport.writer(1)).toBeNull();
  transport.close(1);
  await vi.waitFor(() => expect(inputs.down).toEqual([{ link: 1, reason: "closed here" }]), PATIENCE);
  await vi.waitFor(() => expect(ended).toBe(true), PATIENCE);
  expect(Buffer.concat(chunks).length).toBe(200_000);
  expect(inputs.received).toEqual([]);
});

test("a closed link whose other side takes nothing is cut", async () => {
  const { address } = await server((socket) => socket.pause());
  const { transport, inputs, addresses } = make({ closeMsMax: 50 });
  addresses.set(2, address);
  transport.dial(2, "foreground");
  await vi.waitFor(() => expect(inputs.up).toHaveLength(1), PATIENCE);
  put(transport, 1, new Uint8Array(20_000_000));
  transport.close(1);
  await vi.waitFor(() => expect(inputs.down).toHaveLength(1), PATIENCE);
});

test("a link that holds too many unsent bytes takes no more, until its socket has taken them", async () => {
  let taker: Socket | null = null;
  const { address } = await server((socket) => {
    taker = socket;
    socket.pause();
  });
  const unsentBytesMax = 16 * 1024 * 1024;
  const { transport, inputs, addresses } = make({ unsentBytesMax });
  addresses.set(2, address);
  transport.dial(2, "foreground");
  await vi.waitFor(() => expect(inputs.up).toHaveLength(1), PATIENCE);
  const chunk = new Uint8Array(1024 * 1024);
  let sent = 0;
  while (sent < 64 && put(transport, 1, chunk)) sent++;
  expect(sent).toBe(17);
  await vi.waitFor(() => expect(taker).not.toBeNull(), PATIENCE);
  expect(transport.writer(1)).toBeNull();
  const socket = taker as Socket | null;
  socket?.resume();
  await vi.waitFor(() => expect(transport.writer(1)).not.toBeNull(), PATIENCE);
});

test("a socket that takes nothing for long is closed", async () => {
  const { address } = await server((socket) => socket.pause());
  const { transport, inputs, addresses } = make({ stuckMsMax: 200 });
  addresses.set(2, address);
  transport.dial(2, "foreground");
  await vi.waitFor(() => expect(inputs.up).toHaveLength(1), PATIENCE);
  put(transport, 1, new Uint8Array(30_000_000));
  await vi.waitFor(() => {
    expect(inputs.down).toEqual([{ link: 1, reason: "it has taken nothing for 200 ms" }]);
  }, PATIENCE);
});

test("calls that cannot succeed fail with a reason, never inside the call", async () => {
  const closed = await server(() => undefined);
  closed.server.close();
  await once(closed.server, "close");
  const { transport, inputs, addresses } = make();
  addresses.set(2, closed.address);
  transport.dial(2, "foreground");
  transport.dial(3, "bulk");
  expect(inputs.failed).toEqual([]);
  await vi.waitFor(() => expect(inputs.failed).toHaveLength(2), PATIENCE);
  expect(inputs.failed.toSorted()).toEqual([
    `2 foreground: connect ECONNREFUSED 127.0.0.1:${closed.address.port}`,
    "3 bulk: no address is known for member 3",
  ]);
});

test("a call that nobody answers fails in time", async () => {
  const { transport, inputs, addresses } = make({ dialMsMax: 30 });
  // Reserved for documentation (RFC 5737): no answer, or at once that there is no way there.
  addresses.set(2, { host: "192.0.2.1", port: 7600 });
  transport.dial(2, "foreground");
  await vi.waitFor(() => expect(inputs.failed).toHaveLength(1), PATIENCE);
  expect(inputs.failed[0]).toMatch(/no connection to 192\.0\.2\.1:7600 within 30 ms|192\.0\.2\.1/);
});

test("a link that the other side ends or resets goes down once, with a reason", async () => {
  const { transport, inputs } = make();
  const { port } = await transport.listen({ host: "127.0.0.1", port: 0 });
  const ending = await client(port);
  await vi.waitFor(() => expect(inputs.up).toHaveLength(1), PATIENCE);
  ending.end();
  await vi.waitFor(() => expect(inputs.down).toHaveLength(1), PATIENCE);
  const resetting = await client(port);
  await vi.waitFor(() => expect(inputs.up).toHaveLength(2), PATIENCE);
  resetting.resetAndDestroy();
  await vi.waitFor(() => expect(inputs.down).toHaveLength(2), PATIENCE);
  expect(inputs.down).toEqual([
    { link: 1, reason: "closed by the other side" },
    { link: 2, reason: "read ECONNRESET" },
  ]);
  expect(put(transport, 1, new Uint8Array(1))).toBe(false);
});

test("strangers are bounded: one more closes the oldest, and whoever was answered is none", async () => {
  const { transport, inputs } = make({ strangersMax: 4 });
  const { port } = await transport.listen({ host: "127.0.0.1", port: 0 });
  for (let i = 1; i <= 4; i++) {
    await client(port);
    await vi.waitFor(() => expect(inputs.up).toHaveLength(i), PATIENCE);
  }
  put(transport, 1, new Uint8Array([1]));
  await client(port);
  await vi.waitFor(() => expect(inputs.up).toHaveLength(5), PATIENCE);
  expect(inputs.down).toEqual([]);
  await client(port);
  await vi.waitFor(() => expect(inputs.down).toHaveLength(1), PATIENCE);
  expect(inputs.down).toEqual([{ link: 2, reason: "too many connections that have not said who they are" }]);
  expect(transport.writer(1)).not.toBeNull();
});

test("a port in use is an error of listen", async () => {
  const { address } = await server(() => undefined);
  const { transport } = make();
  await expect(transport.listen(address)).rejects.toThrow("EADDRINUSE");
});

test("an error thrown by core ends the turns", async () => {
  const { transport, inputs, failures } = make();
  const { port } = await transport.listen({ host: "127.0.0.1", port: 0 });
  inputs.broken = true;
  const socket = await client(port);
  socket.write("x");
  await vi.waitFor(() => expect(failures).toHaveLength(1), PATIENCE);
  expect(String(failures[0])).toContain("a belief");
});

test("a stop sends nothing of a turn that has not ended", async () => {
  const { transport, inputs } = make();
  const { port } = await transport.listen({ host: "127.0.0.1", port: 0 });
  const socket = await client(port);
  let received = 0;
  socket.on("data", (chunk: Buffer) => {
    received += chunk.length;
  });
  await vi.waitFor(() => expect(inputs.up).toHaveLength(1), PATIENCE);
  put(transport, 1, new Uint8Array(100));
  await transport.stop();
  expect(received).toBe(0);
});

test("after a stop core is told of nothing, and the port is free", async () => {
  const { transport, inputs } = make();
  const at = await transport.listen({ host: "127.0.0.1", port: 0 });
  await client(at.port);
  await vi.waitFor(() => expect(inputs.up).toHaveLength(1), PATIENCE);
  await transport.stop();
  expect(inputs.down).toEqual([]);
  const { transport: next } = make();
  await expect(next.listen(at)).resolves.toEqual(at);
});
