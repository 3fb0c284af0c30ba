import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { LinkProxy, type ProxyAddress } from "./link-proxy.ts";

const PATIENCE = { timeout: 10_000, interval: 5 };
/** Long enough for bytes that must not come. */
const SILENCE_MS = 100;
const cleanups: (() => unknown)[] = [];

afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

/** One end of a connection, with what it has heard. */
class End {
  readonly socket: Socket;
  heard = "";
  hasEnded = false;
  isClosed = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => (this.heard += chunk.toString()));
    socket.on("end", () => (this.hasEnded = true));
    socket.on("close", () => (this.isClosed = true));
    socket.on("error", () => undefined);
    cleanups.push(() => socket.destroy());
  }

  async hears(text: string): Promise<void> {
    await vi.waitFor(() => {
      if (this.heard !== text) throw new Error(`heard ${this.heard.length} characters, not ${text.length}`);
    }, PATIENCE);
  }
}

class Place {
  readonly proxy: LinkProxy;
  readonly address: ProxyAddress;
  readonly server: Server;
  /** Accepted behind the proxy. */
  readonly accepted: End[];

  private constructor(proxy: LinkProxy, address: ProxyAddress, server: Server, accepted: End[]) {
    this.proxy = proxy;
    this.address = address;
    this.server = server;
    this.accepted = accepted;
  }

  static async make(): Promise<Place> {
    const accepted: End[] = [];
    const server = createServer((socket) => accepted.push(new End(socket)));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    cleanups.push(() => server.close());
    const proxy = new LinkProxy({ host: "127.0.0.1", port: (server.address() as AddressInfo).port });
    cleanups.push(() => proxy.close());
    return new Place(proxy, await proxy.listen(), server, accepted);
  }

  async dial(): Promise<End> {
    const socket = connect(this.address);
    const end = new End(socket);
    await once(socket, "connect");
    return end;
  }

  async pair(): Promise<{ near: End; far: End }> {
    const count = this.accepted.length;
    const near = await this.dial();
    const far = await vi.waitFor(() => {
      const last = this.accepted[count];
      if (last === undefined) throw new Error("nobody was accepted");
      return last;
    }, PATIENCE);
    return { near, far };
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

test("bytes and ends pass both ways, also large ones", async () => {
  const place = await Place.make();
  const { near, far } = await place.pair();
  const large = "x".repeat(3_000_000);
  near.socket.write(large);
  far.socket.write("back");
  await near.hears("back");
  await far.hears(large);
  expect(await place.proxy.carries(1, 1000)).toBe(true);
  expect(await place.proxy.carries(2, 20)).toBe(false);
  near.socket.end("bye");
  await vi.waitFor(() => expect(far.isClosed).toBe(true), PATIENCE);
  expect(far.heard).toBe(`${large}bye`);
  await vi.waitFor(() => expect(near.isClosed).toBe(true), PATIENCE);
});

test("a connection to where nobody listens ends", async () => {
  const place = await Place.make();
  place.server.close();
  const near = await place.dial();
  await vi.waitFor(() => expect(near.isClosed).toBe(true), PATIENCE);
});

test("a cut is silence both ways, and what was sent meanwhile comes late", async () => {
  const place = await Place.make();
  const { near, far } = await place.pair();
  place.proxy.cut("out", "back");
  near.socket.write("a");
  far.socket.write("b");
  await pause(SILENCE_MS);
  expect([near.heard, far.heard, near.isClosed, far.isClosed]).toEqual(["", "", false, false]);
  place.proxy.mend();
  await near.hears("b");
  await far.hears("a");
});

test("a cut of one way leaves the other", async () => {
  const place = await Place.make();
  const { near, far } = await place.pair();
  place.proxy.cut("out");
  near.socket.write("a");
  far.socket.write("b");
  await near.hears("b");
  expect(far.heard).toBe("");
  place.proxy.cut("back");
  far.socket.write("c");
  await pause(SILENCE_MS);
  expect([near.heard, far.heard]).toEqual(["b", ""]);
  place.proxy.mend();
  await far.hears("a");
  await near.hears("bc");
});

test("the end of one side is not told across a cut, but when it is mended", async () => {
  const place = await Place.make();
  const one = await place.pair();
  const other = await place.pair();
  place.proxy.cut("out", "back");
  one.near.socket.end("last words");
  other.far.socket.resetAndDestroy();
  await pause(SILENCE_MS);
  expect([one.far.isClosed, one.far.hasEnded, other.near.isClosed]).toEqual([false, false, false]);
  place.proxy.mend();
  await vi.waitFor(() => expect([one.far.isClosed, other.near.isClosed]).toEqual([true, true]), PATIENCE);
  expect(one.far.heard).toBe("last words");
});

test("a dial hangs while one way is cut, is taken up afterwards, and old ones do not pile up", async () => {
  const place = await Place.make();
  place.proxy.cut("back");
  const dialled: End[] = [];
  for (let i = 0; i < 6; i++) dialled.push(await place.dial());
  dialled[5]?.socket.write("hello");
  await pause(SILENCE_MS);
  expect(place.accepted).toHaveLength(0);
  expect(dialled.map(({ isClosed }) => isClosed)).toEqual([true, true, false, false, false, false]);
  place.proxy.mend();
  await vi.waitFor(() => {
    expect(place.accepted.map(({ heard }) => heard).toSorted()).toEqual(["", "", "", "hello"]);
  }, PATIENCE);
});
