import { type LinkId, type LinkInputs, type MemberId, Prng } from "@kvorum/core";
import { expect, test } from "vitest";
import { EventLog } from "./event-log.ts";
import type { Host } from "./host.ts";
import { Network, type NetworkOptions } from "./network.ts";
import { Scheduler, type Target } from "./scheduler.ts";
import { SimTransport } from "./transport.ts";

const plain: NetworkOptions = {
  delayUsMin: 100,
  delayUsMean: 200,
  dialTimeoutUs: 5_000_000,
  splitOneIn: 0,
  lingerOneIn: 0,
  sendBufferBytes: 10_000,
  giveUpUsMin: 10_000_000,
  giveUpUsMax: 20_000_000,
};

/** A process without core: it notes what it is told, byte by byte. */
class Listening implements Host, LinkInputs {
  readonly member: MemberId;
  readonly links = this;
  isAlive = true;
  isPaused = false;
  readonly parked: [Target, number][] = [];
  readonly told: string[] = [];
  readonly received: number[] = [];
  link: LinkId = 0;

  constructor(member: MemberId) {
    this.member = member;
  }

  admits(target: Target, tag: number): boolean {
    if (this.isPaused) this.parked.push([target, tag]);
    return this.isAlive && !this.isPaused;
  }

  resume(): void {
    this.isPaused = false;
    for (const [target, tag] of this.parked.splice(0)) target.onDue(tag);
  }

  onLinkUp(link: LinkId, peer: MemberId): void {
    this.link = link;
    this.told.push(`up ${peer}`);
  }

  onDialFailed(peer: MemberId, _lane: string, reason: string): void {
    this.told.push(`failed ${peer}: ${reason}`);
  }

  onLinkBytes(_link: LinkId, chunk: Uint8Array): void {
    this.received.push(...chunk);
  }

  onLinkDown(_link: LinkId, reason: string): void {
    this.told.push(`down: ${reason}`);
  }
}

function pair(options: Partial<NetworkOptions> = {}, seed = 1) {
  const root = new Prng(seed);
  const scheduler = new Scheduler(root.fork("schedule"));
  const network = new Network(2, scheduler, root.fork("network"), new EventLog(null), {
    ...plain,
    ...options,
  });
  const join = (member: MemberId) => {
    const host = new Listening(member);
    const transport = new SimTransport(host, network);
    network.powerOn(member);
    network.listen(transport);
    const say = (bytes: readonly number[]) => {
      const writer = transport.writer(host.link);
      if (writer === null) return false;
      writer.ensure(bytes.length);
      writer.bytes.set(bytes, writer.end);
      writer.end += bytes.length;
      transport.flush();
      return true;
    };
    const crash = (withPower: boolean) => {
      host.isAlive = false;
      network.silence(member, withPower);
    };
    return { host, transport, say, crash };
  };
  const a = join(1);
  const b = join(2);
  const pass = (seconds: number) => scheduler.run(scheduler.nowUs + seconds * 1_000_000, null);
  return { scheduler, network, a, b, pass, join };
}

function connected(options: Partial<NetworkOptions> = {}, seed = 1) {
  const world = pair(options, seed);
  world.a.transport.dial(2, "foreground");
  world.pass(1);
  expect(world.a.host.told).toEqual(["up 2"]);
  expect(world.b.host.told).toEqual(["up 0"]);
  return world;
}

test("bytes arrive once and in order, however they are split and run together", () => {
  for (let seed = 1; seed <= 50; seed++) {
    const { a, b, scheduler, pass } = connected({ splitOneIn: 2, lingerOneIn: 2 }, seed);
    const sent = Array.from({ length: 200 }, (_, i) => i);
    for (let at = 0; at < 200; at += 8) {
      a.say(sent.slice(at, at + 8));
      scheduler.run(scheduler.nowUs + 100, null);
    }
    pass(1);
    expect(b.host.received).toEqual(sent);
  }
});

test("a cut holds bytes back one way only, and they arrive after it has healed", () => {
  const { network, a, b, pass } = connected();
  network.cut(1, 2);
  a.say([1, 2, 3]);
  b.say([9]);
  pass(1);
  expect(b.host.received).toEqual([]);
  expect(a.host.received).toEqual([9]);
  a.say([4]);
  network.heal(1, 2);
  pass(1);
  expect(b.host.received).toEqual([1, 2, 3, 4]);
});

test("a cut that lasts ends at the sender; the other side learns it when it has something to say", () => {
  const { network, a, b, pass } = connected();
  network.cut(1, 2);
  a.say([1]);
  pass(30);
  expect(a.host.told).toEqual(["up 2", "down: timed out"]);
  expect(b.host.told).toEqual(["up 0"]);
  network.heal(1, 2);
  b.say([7]);
  pass(1);
  expect(b.host.told).toEqual(["up 0", "down: connection reset"]);
  expect(a.host.received).toEqual([]);
  expect(b.host.received).toEqual([]);
});

test("a killed process resets its links in the middle of anything; one without power says nothing", () => {
  let partly = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const { a, b, pass } = connected({}, seed);
    a.say([1, 2, 3, 4, 5, 6]);
    a.crash(true);
    pass(1);
    expect(b.host.told).toEqual(["up 0", "down: connection reset"]);
    expect([1, 2, 3, 4, 5, 6].slice(0, b.host.received.length)).toEqual(b.host.received);
    if (b.host.received.length > 0 && b.host.received.length < 6) partly++;
  }
  expect(partly).toBeGreaterThan(5);

  const { a, b, pass, join } = connected();
  a.crash(false);
  pass(5);
  expect(b.host.told).toEqual(["up 0"]);
  b.say([1]);
  pass(5);
  expect(b.host.told).toEqual(["up 0"]);
  join(1);
  pass(5);
  expect(b.host.told).toEqual(["up 0", "down: connection reset"]);
});

test("dialling: refused by a machine without the process, hanging without power or way, retried within its time", () => {
  const { a, b, network, pass } = pair();
  b.crash(true);
  a.transport.dial(2, "foreground");
  pass(1);
  expect(a.host.told).toEqual(["failed 2: connection refused"]);
  network.silence(2, false);
  a.transport.dial(2, "bulk");
  pass(4);
  expect(a.host.told).toHaveLength(1);
  pass(2);
  expect(a.host.told[1]).toBe("failed 2: timed out");

  const healed = pair();
  healed.network.cut(2, 1);
  healed.a.transport.dial(2, "foreground");
  healed.pass(2);
  healed.network.heal(2, 1);
  healed.pass(2);
  expect(healed.a.host.told).toEqual(["up 2"]);
});

test("closing sends what is written first; a paused process learns everything in order when it goes on", () => {
  const { a, b, pass } = connected();
  b.host.isPaused = true;
  a.say([1, 2]);
  pass(1);
  const writer = a.transport.writer(a.host.link);
  expect(writer).not.toBeNull();
  if (writer !== null) writer.bytes[writer.end++] = 3;
  a.transport.close(a.host.link);
  pass(1);
  expect(a.host.told).toEqual(["up 2", "down: closed"]);
  expect(b.host.received).toEqual([]);
  b.host.resume();
  pass(1);
  expect(b.host.received).toEqual([1, 2, 3]);
  expect(b.host.told).toEqual(["up 0", "down: closed by peer"]);
});

test("a writer is withheld while more is unsent than its bound, and from a link that is gone", () => {
  const { a, network, pass } = connected({ sendBufferBytes: 10 });
  network.cut(1, 2);
  expect(a.say(Array.from({ length: 11 }, () => 1))).toBe(true);
  expect(a.say([1])).toBe(false);
  network.heal(1, 2);
  pass(1);
  expect(a.say([1])).toBe(true);
  network.reset(1, 2);
  pass(1);
  expect(a.host.told).toEqual(["up 2", "down: connection reset"]);
  expect(a.say([1])).toBe(false);
});

test("chunks are lent until return", () => {
  const { a, b, pass } = connected();
  const kept: Uint8Array[] = [];
  b.host.onLinkBytes = (_link, chunk) => void kept.push(chunk);
  a.say([1, 2, 3]);
  pass(1);
  expect(kept.map((chunk) => [...chunk])).toEqual([[0xdb, 0xdb, 0xdb]]);
});
