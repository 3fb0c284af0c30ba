/** The links of core over real sockets. */
import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import type { Address, MemberId } from "@kvorum/core";
import { topologyOf } from "@kvorum/core/testing";
import { CuttingProxy } from "./cutting-proxy.fixture.ts";
import { TcpMember, type TcpMemberOptions } from "./tcp-member.fixture.ts";

const PATIENCE = { timeout: 20_000, interval: 5 };
const running = new Set<{ stop(): Promise<void> }>();

afterEach(async () => {
  await Promise.all([...running].map((member) => member.stop()));
  running.clear();
});

async function start(id: MemberId, options: TcpMemberOptions, port = 0): Promise<TcpMember> {
  const member = new TcpMember(id, options);
  running.add(member);
  await member.listen(port);
  return member;
}

async function pair(): Promise<{ a: TcpMember; b: TcpMember; addresses: Map<MemberId, Address> }> {
  const addresses = new Map<MemberId, Address>();
  const options = { topology: topologyOf([1, 2]), addresses };
  const a = await start(1, options);
  const b = await start(2, options);
  a.start();
  b.start();
  await Promise.all([a.waitFor("up", 2), b.waitFor("up", 1)]);
  return { a, b, addresses };
}

async function proxyTo(target: () => Address, seed: number): Promise<{ proxy: CuttingProxy; at: Address }> {
  const proxy = new CuttingProxy(target, seed);
  const at = await proxy.listen();
  running.add({ stop: () => proxy.close() });
  return { proxy, at };
}

/** Sends READs in turns until all are sent. */
async function sendAll(from: TcpMember, to: MemberId, count: number): Promise<void> {
  for (let sent = 0; sent < count;) {
    sent += from.sendReads(to, sent, Math.min(500, count - sent));
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

test("a hundred thousand messages each way arrive once, in order", async () => {
  const { a, b } = await pair();
  const count = 100_000;
  await Promise.all([sendAll(a, 2, count), sendAll(b, 1, count)]);
  await vi.waitFor(() => {
    expect(a.reads.length).toBe(count);
    expect(b.reads.length).toBe(count);
  }, PATIENCE);
  expect(a.reads).toEqual(upTo(count));
  expect(b.reads).toEqual(upTo(count));
  expect([...a.failures, ...b.failures]).toEqual([]);
});

test("a proxy that cuts everything into pieces changes nothing, and an override leads through it", async () => {
  const addresses = new Map<MemberId, Address>();
  const topology = topologyOf([1, 2]);
  const { proxy, at } = await proxyTo(() => addresses.get(2) ?? at, 7);
  const overrides = new Map([[2, at]]);
  const a = await start(1, { topology, addresses, overrides });
  const b = await start(2, { topology, addresses });
  a.start();
  b.start();
  await Promise.all([a.waitFor("up", 2), b.waitFor("up", 1)]);
  expect(proxy.connections).toBe(2);
  const records = [10, 65_535, 70_000, 1_048_576, 3_000_000].map((length, i) =>
    new Uint8Array(length).fill(i + 1, length >> 1),
  );
  for (const record of records) expect(a.sendRecord(2, record)).toBe(true);
  await sendAll(a, 2, 2000);
  await vi.waitFor(() => {
    expect(b.records).toHaveLength(records.length);
    expect(b.reads).toHaveLength(2000);
  }, PATIENCE);
  const sums = records.map((record) => ({
    length: record.length,
    sum: record.reduce((sum, byte) => (sum * 31 + byte) | 0, 0),
  }));
  const byLength = (x: { length: number }, y: { length: number }): number => x.length - y.length;
  expect(b.records.toSorted(byLength)).toEqual(sums);
  expect(b.reads).toEqual(upTo(2000));
  expect(proxy.pieces).toBeGreaterThan(100);
});

test("a peer that is to be called another way is linked again through there, and nothing written before is lost", async () => {
  const { a, b, addresses } = await pair();
  const { proxy, at } = await proxyTo(() => addresses.get(2) ?? at, 11);
  expect(a.sendReads(2, 0, 100)).toBe(100);
  a.transport.callAt(2, at);
  await vi.waitFor(() => expect(a.peerEvents).toEqual(["up 2", "down 2", "up 2"]), PATIENCE);
  expect(a.links.state(2)).toBe("up");
  await vi.waitFor(() => expect(proxy.connections).toBe(2), PATIENCE);
  await sendAll(a, 2, 100);
  await vi.waitFor(() => expect(b.reads).toEqual([...upTo(100), ...upTo(100)]), PATIENCE);
  expect([...a.failures, ...b.failures]).toEqual([]);
});

test("a member that goes is down, and up again when it returns at its address", async () => {
  const { a, b, addresses } = await pair();
  const port = addresses.get(2)?.port ?? 0;
  await b.stop();
  running.delete(b);
  await a.waitFor("down", 2);
  expect(a.sendReads(2, 0, 1)).toBe(0);
  const again = await start(2, { topology: topologyOf([1, 2]), addresses }, port);
  again.start();
  await Promise.all([a.waitFor("up", 2), again.waitFor("up", 1)]);
  expect(a.peerEvents).toEqual(["up 2", "down 2", "up 2"]);
  await sendAll(a, 2, 100);
  await vi.waitFor(() => expect(again.reads).toEqual(upTo(100)), PATIENCE);
});

test("a member of another cluster is refused with both names", async () => {
  const addresses = new Map<MemberId, Address>();
  const a = await start(1, { topology: topologyOf([1, 2], "blue"), addresses });
  const b = await start(2, { topology: topologyOf([1, 2], "green"), addresses });
  a.start();
  b.start();
  await Promise.all([a.waitFor("refused", 2), b.waitFor("refused", 1)]);
  for (const reason of [a.links.reason(2), b.links.reason(1)]) {
    expect(reason).toContain('one side belongs to cluster "green", the other to cluster "blue"');
  }
  expect([...a.peerEvents, ...b.peerEvents]).toEqual([]);
});

test("members with different lists name the difference on both sides", async () => {
  const addresses = new Map<MemberId, Address>();
  const a = await start(1, { topology: topologyOf([1, 2]), addresses });
  const b = await start(2, { topology: topologyOf([1, 2, 3]), addresses });
  a.start();
  b.start();
  await Promise.all([a.waitFor("refused", 2), b.waitFor("refused", 1)]);
  await vi.waitFor(() => {
    for (const member of [a, b]) {
      expect(member.texts.join("\n")).toMatch(/peer-refused: .*the topologies differ: .*member-3/);
    }
  }, PATIENCE);
});

test("garbage on the port closes its connection and harms nobody", async () => {
  const { a, b, addresses } = await pair();
  const port = addresses.get(2)?.port ?? 0;
  const garbage = [
    Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n"),
    Buffer.from("*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPING\r\n"),
    Buffer.alloc(100_000, 0xff),
    Buffer.concat([Buffer.from("KVF1"), Buffer.alloc(64)]),
  ];
  const before = process.memoryUsage().rss;
  for (let round = 0; round < 20; round++) {
    await Promise.all(
      garbage.map(async (bytes) => {
        const socket = connect({ host: "127.0.0.1", port });
        socket.on("error", () => undefined);
        socket.resume();
        socket.write(bytes);
        await once(socket, "close");
      }),
    );
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
  expect(a.links.state(2)).toBe("up");
  expect(a.peerEvents).toEqual(["up 2"]);
  expect(b.peerEvents).toEqual(["up 1"]);
  expect(b.texts.filter((text) => text.startsWith("protocol-violation")).length).toBeGreaterThan(0);
  await sendAll(a, 2, 100);
  await vi.waitFor(() => expect(b.reads).toEqual(upTo(100)), PATIENCE);
  expect(b.failures).toEqual([]);
});
