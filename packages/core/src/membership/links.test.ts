import { expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../config/limits.ts";
import type { MemberId } from "../model/member.ts";
import type { Lane } from "../ports/transport.ts";
import { HLC_TICKS } from "../version/hlc.ts";
import { encodePing } from "../wire/encode-link.ts";
import { encodeRead, encodeReplicate } from "../wire/encode.ts";
import { type TestMember, type TestMemberOptions, World } from "./world.fixture.ts";
import { topologyOf } from "./topology.fixture.ts";

const { suspectAfterMs, pingEveryMs, maxClockDriftMs } = DEFAULT_LIMITS;

function start(
  world: World,
  ids: readonly MemberId[],
  options: Partial<TestMemberOptions> = {},
): TestMember[] {
  const topology = topologyOf(ids);
  return ids.map((id) => world.start(id, { topology, ...options }));
}

function pair(seed = 1): { world: World; a: TestMember; b: TestMember } {
  const world = new World(seed);
  start(world, [1, 2]);
  world.run(1000);
  return { world, a: world.member(1), b: world.member(2) };
}

function say(from: TestMember, to: MemberId, id: number, lane: Lane = "foreground"): boolean {
  let sent = false;
  from.input(() => {
    const writer = from.links.writer(to, lane);
    if (writer === null) return;
    encodeRead(writer, id, id + 1, true, new Uint8Array([id & 0xff]));
    sent = true;
  });
  return sent;
}

test("all members come to know all others, with one link per lane and pair", () => {
  const world = new World(7);
  const ids = [1, 2, 3, 4, 5];
  const members = start(world, ids);
  world.run(1000);
  for (const member of members) {
    for (const id of ids) {
      if (id === member.id) continue;
      expect(member.links.state(id)).toBe("up");
      expect(member.links.reason(id)).toBe("");
      expect(member.links.reachable(id)).toBe(true);
      expect(member.links.state(id)).toBe("up");
      expect(member.links.roundTripMs(id)).toBeCloseTo(2, 0);
    }
    expect(member.transport.ends.size).toBe(2 * (ids.length - 1));
    expect(member.transport.dials).toBe(2 * (ids.length - member.id));
    expect(member.peerEvents.sort()).toEqual(ids.filter((id) => id !== member.id).map((id) => `up ${id}`));
  }
});

test("a member that is not in the topology is not reachable, and neither is this one by itself", () => {
  const { a } = pair();
  for (const id of [1, 9]) {
    expect(a.links.reachable(id)).toBe(false);
    expect(a.links.state(id)).toBe("down");
    expect(a.links.writer(id, "foreground")).toBeNull();
    expect(a.links.state(id)).toBe("down");
    expect(a.links.reason(id)).toBe("not a member");
    expect(a.links.roundTripMs(id)).toBe(0);
    expect(a.links.clockOffsetMs(id)).toBe(0);
    expect(a.links.peerClock(id)).toBe(0);
  }
});

test("messages of one turn travel in one frame, in order, on both lanes and both ways", () => {
  const { world, a, b } = pair();
  a.input(() => {
    for (let id = 0; id < 5; id++) {
      const writer = a.links.writer(2, id === 3 ? "bulk" : "foreground");
      if (writer !== null) encodeRead(writer, id, 10, true, new Uint8Array([id]));
    }
  });
  say(b, 1, 77);
  world.run(50);
  const idsAt = (member: TestMember): number[] =>
    member.recorder.messages.map(({ fields }) => ("id" in fields ? fields.id : -1));
  expect(idsAt(b).sort((x, y) => x - y)).toEqual([0, 1, 2, 3, 4]);
  expect(b.recorder.peers.every((peer) => peer === 1)).toBe(true);
  expect(idsAt(a)).toEqual([77]);
});

test("large messages are framed one by one and arrive whole, whatever the cuts", () => {
  const { world, a, b } = pair(3);
  const record = new Uint8Array(300_000).fill(7);
  a.input(() => {
    for (let id = 0; id < 4; id++) {
      const writer = a.links.writer(2, "bulk");
      if (writer !== null) encodeReplicate(writer, id, 1, true, false, new Uint8Array([1]), record);
    }
  });
  world.run(500);
  expect(b.recorder.messages.map(({ name }) => name)).toEqual(new Array(4).fill("replicate"));
  const [first] = b.recorder.messages;
  expect(first?.name === "replicate" && first.fields.record.length).toBe(600_000);
});

test("while there is no bulk link the foreground one serves for both", () => {
  const { world, a, b } = pair();
  const bulk = [...a.transport.ends.keys()].at(-1) ?? 0;
  a.input((links) => links.onLinkDown(bulk, "cut"));
  expect(a.links.state(2)).toBe("up");
  expect(say(a, 2, 5, "bulk")).toBe(true);
  world.run(20);
  expect(b.recorder.messages).toHaveLength(1);
  expect(a.peerEvents).toEqual(["up 2"]);
});

test("a link that holds too much takes nothing, and what was begun is still finished", () => {
  const { world, a, b } = pair();
  a.input(() => {
    const writer = a.links.writer(2, "foreground");
    if (writer !== null) encodeRead(writer, 1, 1, true, new Uint8Array(0));
    a.transport.full = true;
    expect(a.links.writer(2, "foreground")).toBeNull();
  });
  a.transport.full = false;
  world.run(10);
  expect(b.recorder.messages).toHaveLength(1);
});

test("a member that dies is down at once for the others, and up again when it returns", () => {
  const { world, a, b } = pair();
  b.crash();
  world.run(5);
  expect(a.links.state(2)).toBe("down");
  expect(a.links.reason(2)).toBe("reset");
  expect(a.peerEvents).toEqual(["up 2", "down 2"]);
  expect(say(a, 2, 1)).toBe(false);
  world.run(500);
  expect(a.links.reason(2)).toBe("connection refused");
  world.start(2, { topology: topologyOf([1, 2]) });
  world.run(2 * DEFAULT_LIMITS.redialMsMax);
  expect(a.peerEvents).toEqual(["up 2", "down 2", "up 2"]);
  expect(a.links.state(2)).toBe("up");
});

test("calls to a dead member are spread out, and never further apart than the limit", () => {
  const { world, a, b } = pair();
  b.crash();
  world.run(60_000);
  const dials = a.transport.dials - 2;
  const most = (2 * 60_000) / DEFAULT_LIMITS.redialMsMin;
  const least = (2 * 60_000) / (DEFAULT_LIMITS.redialMsMax + 2);
  expect(dials).toBeGreaterThan(least);
  expect(dials).toBeLessThan(most / 4);
});

test("a silent peer is passed over, and trusted again with its first word", () => {
  const { world, a } = pair();
  world.cut(2, 1);
  world.run(suspectAfterMs + 2 * pingEveryMs);
  expect(a.links.state(2)).toBe("suspect");
  expect(a.links.reason(2)).toBe("linked, but silent");
  expect(a.links.reachable(2)).toBe(false);
  expect(a.links.state(2)).toBe("suspect");
  expect(a.peerEvents).toEqual(["up 2", "suspect 2"]);
  world.heal(2, 1);
  world.run(3 * pingEveryMs);
  expect(a.peerEvents).toEqual(["up 2", "suspect 2", "trust 2"]);
  expect(a.links.reachable(2)).toBe(true);
});

test("nobody is suspected before the limit, everybody silent soon after it", () => {
  const { world, a } = pair();
  world.cut(2, 1);
  world.run(suspectAfterMs - pingEveryMs);
  expect(a.links.state(2)).toBe("up");
  world.run(3 * pingEveryMs);
  expect(a.links.state(2)).toBe("suspect");
});

test("a link that stays silent is given up, and the member is found again when the cable is mended", () => {
  const { world, a, b } = pair();
  world.cut(1, 2);
  world.cut(2, 1);
  world.run(20 * suspectAfterMs);
  expect(a.links.state(2)).toBe("down");
  expect(b.links.state(1)).toBe("down");
  expect(a.peerEvents).toEqual(["up 2", "suspect 2", "down 2"]);
  world.heal(1, 2);
  world.heal(2, 1);
  world.run(2 * DEFAULT_LIMITS.redialMsMax);
  expect(a.links.state(2)).toBe("up");
  expect(b.links.state(1)).toBe("up");
});

test("after a stall of its own a member suspects nobody", () => {
  const { world, a, b } = pair();
  a.stall(8 * suspectAfterMs);
  world.run(8 * suspectAfterMs + 1000);
  expect(a.peerEvents).toEqual(["up 2"]);
  expect(a.links.state(2)).toBe("up");
  expect(b.peerEvents).toEqual(["up 1", "suspect 1", "trust 1"]);
});

test("a peer that died during the stall is suspected soon after it", () => {
  const { world, a } = pair();
  a.stall(4 * suspectAfterMs);
  world.cut(2, 1);
  world.run(4 * suspectAfterMs + suspectAfterMs / 2);
  expect(a.links.state(2)).toBe("up");
  world.run(suspectAfterMs);
  expect(a.links.state(2)).toBe("suspect");
});

test("a newer link takes the place of the older, and what was asked on the old one is given up", () => {
  const { world, a, b } = pair();
  a.powerOff();
  const again = world.start(1, { topology: topologyOf([1, 2]) });
  world.run(100);
  expect(b.peerEvents).toEqual(["up 1", "down 1", "up 1"]);
  expect(again.links.state(2)).toBe("up");
  expect(b.links.state(1)).toBe("up");
  expect(b.transport.ends.size).toBe(2);
});

test("two processes under one id are pointed out", () => {
  const { world, b } = pair();
  const first = world.member(1);
  world.start(1, { topology: topologyOf([1, 2]) });
  world.run(30);
  expect(b.told.find(({ name }) => name === "peer-double")?.text).toBe(
    "two processes seem to speak as member 1 (member-1): stop one of them",
  );
  expect(first.id).toBe(1);
});

test("the highest clock minted by a peer is remembered, and told when it says hello", () => {
  const { world, a, b } = pair();
  b.hlc.raiseCeiling(b.hlc.nextCeiling(3000));
  const minted = b.hlc.mint(0);
  expect(minted).toBeGreaterThan(0);
  world.run(3 * pingEveryMs);
  expect(a.links.remembered().heard.get(2)).toBe(minted);
  expect(b.links.remembered().heard.has(1)).toBe(false);
});

test("a frame's clock is adopted and known as the peer's", () => {
  const world = new World(1);
  const topology = topologyOf([1, 2]);
  const a = world.start(1, { topology });
  const b = world.start(2, { topology, wallOffsetMs: maxClockDriftMs - 1000 });
  world.run(1000);
  expect(a.links.peerClock(2)).toBeGreaterThan(a.wallMs() - Date.UTC(2020, 0, 1));
  expect(b.hlc.reading() - a.hlc.reading()).toBeLessThan(2 * pingEveryMs * HLC_TICKS);
  expect(a.hlc.driftRefusals).toBe(0);
});

test("a stop closes all links for good", () => {
  const { world, a, b } = pair();
  a.input(() => a.links.stop());
  world.run(5000);
  expect(b.links.state(1)).toBe("down");
  expect(b.links.reason(1)).toBe("closed by the other side");
  expect(a.transport.ends.size).toBe(0);
  expect(a.transport.dials).toBe(2);
  a.input((links) => links.onLinkUp(99, 0, null));
  a.input((links) => links.onDialFailed(2, "foreground", "too late"));
  world.run(5000);
  expect(a.transport.dials).toBe(2);
});

test("what arrives on a link that is unknown or closed is ignored", () => {
  const { a } = pair();
  a.input((links) => links.onLinkBytes(12_345, new Uint8Array([1])));
  a.input((links) => links.onLinkDown(12_345, "?"));
  a.input((links) => links.onDialFailed(9, "bulk", "?"));
  expect(a.peerEvents).toEqual(["up 2"]);
});

test("a ping that claims a clock above its own frame's is a lie, and ends the link", () => {
  const { world, a, b } = pair();
  b.input(() => {
    const writer = b.links.writer(1, "foreground");
    if (writer !== null) encodePing(writer, 1, Number.MAX_SAFE_INTEGER);
  });
  world.run(5);
  expect(a.links.remembered().heard.get(2)).toBeUndefined();
  expect(a.told.find(({ name }) => name === "protocol-violation")?.text).toBe(
    "member 2 (member-2) broke the peer protocol: a ping or pong that cannot be; its link is closed",
  );
  expect(a.peerEvents).toEqual(["up 2", "down 2"]);
});
