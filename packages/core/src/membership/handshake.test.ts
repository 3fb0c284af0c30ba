import { expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../config/limits.ts";
import { hlcOfMs } from "../version/hlc.ts";
import { encodePing, encodeRefuse, encodeTopology } from "../wire/encode-link.ts";
import { encodeRead } from "../wire/encode.ts";
import type { Hello } from "../wire/messages.ts";
import type { TestWriter } from "../wire/wire.fixture.ts";
import { Stranger, aloneMember2, textOf } from "./stranger.fixture.ts";
import { topologyOf } from "./topology.fixture.ts";
import { World } from "./world.fixture.ts";

const { handshakeMsMax } = DEFAULT_LIMITS;

test("two members with different lists refuse each other, and both name the difference", () => {
  const world = new World(1);
  const a = world.start(1, { topology: topologyOf([1, 2]) });
  const b = world.start(2, { topology: topologyOf([1, 2, 3]) });
  world.run(3000);
  for (const [member, peer] of [
    [a, 2],
    [b, 1],
  ] as const) {
    expect(member.links.state(peer)).toBe("refused");
    expect(member.links.reason(peer)).toContain("the topologies differ: ");
    expect(member.links.reason(peer)).toContain("member-3");
    expect(textOf(member, "peer-refused")).toContain("member-3");
    expect(member.peerEvents).toEqual([]);
    expect(member.links.reachable(peer)).toBe(false);
    // Called again and again, told once.
    expect(member.toldNames().filter((name) => name === "peer-refused")).toHaveLength(1);
  }
  expect(a.transport.dials).toBeGreaterThan(4);
});

test("a refused member is accepted as soon as the lists agree", () => {
  const world = new World(2);
  const a = world.start(1, { topology: topologyOf([1, 2]) });
  const b = world.start(2, { topology: topologyOf([1, 2, 3]) });
  world.run(1000);
  b.crash();
  world.start(2, { topology: topologyOf([1, 2]) });
  world.run(3000);
  expect(a.links.state(2)).toBe("up");
  expect(a.links.reason(2)).toBe("");
});

test("a refusal is not believed for ever when the other side calls no more", () => {
  const world = new World(3);
  const a = world.start(1, { topology: topologyOf([1, 2]) });
  const b = world.start(2, { topology: topologyOf([1, 2, 3]) });
  world.run(1000);
  expect(b.links.state(1)).toBe("refused");
  a.crash();
  world.run(12_000);
  expect(b.links.state(1)).toBe("down");
  expect(b.links.reason(1)).toContain("nothing heard since it was refused");
});

test("another cluster is refused on both sides, with both names", () => {
  const world = new World(4);
  const a = world.start(1, { topology: topologyOf([1, 2], "blue") });
  const b = world.start(2, { topology: topologyOf([1, 2], "green") });
  world.run(100);
  expect(a.links.state(2)).toBe("refused");
  expect(a.links.reason(2)).toBe(
    'the other side refused: one side belongs to cluster "green", the other to cluster "blue"',
  );
  expect(b.links.state(1)).toBe("refused");
  expect(b.links.reason(1)).toBe('one side belongs to cluster "green", the other to cluster "blue"');
});

test("an address that leads to another member is refused and named", () => {
  const world = new World(5);
  const topology = topologyOf([1, 2, 3]);
  const a = world.start(1, { topology });
  a.transport.overrides.set(2, 3);
  world.start(3, { topology });
  world.start(2, { topology });
  world.run(1000);
  expect(a.links.state(2)).toBe("refused");
  expect(a.links.reason(2)).toContain(", and member 3 answered (");
});

test("an address that leads back to its owner is refused and named", () => {
  const world = new World(6);
  const a = world.start(1, { topology: topologyOf([1, 2]) });
  a.transport.overrides.set(2, 1);
  world.run(100);
  expect(a.links.state(2)).toBe("refused");
  expect(a.links.reason(2)).toContain("both sides say they are member 1");
});

test.each([
  [
    { cluster: "te\u0007st" },
    'CLUSTER: one side belongs to cluster "test", the other to cluster "te\\u0007st"',
  ],
  [{ protocolMin: 2, protocolMax: 9 }, "PROTOCOL: member 2 speaks peer protocol 1 to 1, member 1 2 to 9"],
  [{ protocolMin: 0, protocolMax: 0 }, "PROTOCOL: member 2 speaks peer protocol 1 to 1, member 1 0 to 0"],
  [{ member: 2 }, "SAMEID: both sides say they are member 2"],
  [{ member: 9 }, "MEMBER: member 9 is not in the topology"],
  [{ member: 0 }, "MEMBER: member 0 is not in the topology"],
  [{ member: 3 }, "MEMBER: member 3 called member 2, but the one with the lower id calls"],
] satisfies [Partial<Hello>, string][])("a HELLO with %o is refused", (fields, refusal) => {
  const member = aloneMember2();
  const stranger = new Stranger(member).hello(fields);
  expect(stranger.refusal).toContain(refusal);
  expect(stranger.names).toEqual(["refuse"]);
  expect(stranger.open).toBe(false);
  expect(member.peerEvents).toEqual([]);
});

test("a newer release that still speaks our protocol is welcome", () => {
  const stranger = new Stranger(aloneMember2()).hello({ protocolMin: 1, protocolMax: 7 });
  expect(stranger.names).toEqual(["hello"]);
});

test("the one who called is up with its first ping, not before", () => {
  const member = aloneMember2();
  const stranger = new Stranger(member).hello();
  expect(stranger.names).toEqual(["hello"]);
  expect(member.links.state(1)).toBe("down");
  stranger.send((writer) => {
    encodePing(writer, 5, 0);
    encodeRead(writer, 1, 2, false, new Uint8Array([3]));
  });
  expect(member.links.state(1)).toBe("up");
  expect(member.peerEvents).toEqual(["up 1"]);
  expect(stranger.names).toEqual(["hello", "ping", "pong"]);
  expect(stranger.heard()[2]).toMatchObject({ name: "pong", fields: { echo: 5 } });
  expect(member.recorder.messages.map(({ name }) => name)).toEqual(["read"]);
});

test("requests before both sides agree end the link", () => {
  const read = (writer: TestWriter): void => encodeRead(writer, 1, 2, false, new Uint8Array([3]));
  for (const greeted of [false, true]) {
    const member = aloneMember2();
    const stranger = new Stranger(member);
    if (greeted) stranger.hello();
    stranger.send(read);
    expect(stranger.open).toBe(false);
    expect(member.recorder.messages).toEqual([]);
    expect(textOf(member, "protocol-violation")).toContain("out of place");
  }
});

test("messages out of their order end the link", () => {
  const words: [string, (stranger: Stranger) => void][] = [
    ["a second HELLO", (stranger) => stranger.hello().hello()],
    ["a topology that was not asked for", (s) => s.send((w) => encodeTopology(w, new Uint8Array(3)))],
    ["a ping or pong that cannot be", (s) => s.send((w) => encodePing(w, 1, 0))],
  ];
  for (const [text, act] of words) {
    const member = aloneMember2();
    const stranger = new Stranger(member);
    act(stranger);
    expect(stranger.open).toBe(false);
    expect(textOf(member, "protocol-violation")).toContain(text);
  }
});

test("a stranger gets little memory, and a topology's worth only when the topologies differ", () => {
  const big = new Uint8Array(5000).fill(0x61);
  const first = new Stranger(aloneMember2());
  first.send((writer) => encodeTopology(writer, big));
  expect(first.open).toBe(false);
  expect(textOf(first.member, "protocol-violation")).toContain("at most 4096 are allowed");

  const other = new Stranger(aloneMember2()).hello({ digest: new Uint8Array(16) });
  expect(other.names).toEqual(["hello", "topology"]);
  other.send((writer) => encodeTopology(writer, big));
  expect(other.refusal).toContain("TOPOLOGY: the topologies differ: ");
  expect(other.open).toBe(false);
});

test("few topologies are awaited at a time: the memory of strangers is bounded", () => {
  const member = aloneMember2();
  const strangers = Array.from({ length: 5 }, () =>
    new Stranger(member).hello({ digest: new Uint8Array(16) }),
  );
  expect(strangers.map(({ open }) => open)).toEqual([true, true, false, false, false]);
  expect(strangers[4]?.names).toEqual(["hello", "topology", "refuse"]);
  strangers[0]?.send((writer) => encodeTopology(writer, new Uint8Array(3)));
  expect(new Stranger(member).hello({ digest: new Uint8Array(16) }).open).toBe(true);
  expect(new Stranger(member).hello({ digest: new Uint8Array(16) }).open).toBe(false);
});

test("a topology that never comes leaves the two refused all the same", () => {
  const member = aloneMember2();
  const stranger = new Stranger(member).hello({ digest: new Uint8Array(16) });
  member.world.run(handshakeMsMax + 10);
  expect(stranger.open).toBe(false);
  expect(member.links.state(1)).toBe("refused");
  expect(member.links.reason(1)).toBe("the topologies differ");
});

test("equal texts under different digests are still refused", () => {
  const world = new World(8);
  const a = world.start(1, { topology: topologyOf([1, 2]) });
  world.start(2, { topology: { ...topologyOf([1, 2]), digest: new Uint8Array(16) } });
  world.run(100);
  expect(a.links.reason(2)).toBe("the topologies differ: only in their digests");
});

test("whoever says nothing, or stops half way, is closed in time", () => {
  const member = aloneMember2();
  const silent = new Stranger(member);
  const half = new Stranger(member);
  half.sendBytes(new Uint8Array([0x4b, 0x56]));
  const greeted = new Stranger(member).hello();
  member.world.run(handshakeMsMax - 10);
  expect([silent.open, half.open, greeted.open]).toEqual([true, true, true]);
  member.world.run(20);
  expect([silent.open, half.open, greeted.open]).toEqual([false, false, false]);
  expect(member.links.reason(1)).toBe(`no agreement within ${handshakeMsMax} ms`);
});

test("a caller that says hello anew has its unfinished link replaced", () => {
  const member = aloneMember2();
  const first = new Stranger(member).hello();
  const second = new Stranger(member).hello();
  expect([first.open, second.open]).toEqual([false, true]);
  const bulk = new Stranger(member).hello({ lane: "bulk" });
  expect([second.open, bulk.open]).toEqual([true, true]);
});

test("garbage closes its connection and harms nobody", () => {
  const world = new World(9);
  const topology = topologyOf([1, 2]);
  const a = world.start(1, { topology });
  const b = world.start(2, { topology });
  world.run(500);
  for (let i = 0; i < 50; i++) {
    const bytes = Uint8Array.from({ length: 1 + world.random.below(200) }, () => world.random.below(256));
    const stranger = new Stranger(b).sendBytes(bytes);
    expect(stranger.open).toBe(bytes.length < 32);
  }
  world.run(handshakeMsMax + 10);
  expect(b.transport.ends.size).toBe(2);
  expect(a.peerEvents).toEqual(["up 2"]);
  expect(b.peerEvents).toEqual(["up 1"]);
  expect(b.toldNames().filter((name) => name === "protocol-violation").length).toBeLessThanOrEqual(2);
});

test("a frame of another epoch ends the link", () => {
  const member = aloneMember2();
  const stranger = new Stranger(member).hello();
  stranger.send((writer) => encodePing(writer, 1, 0), 2);
  expect(stranger.refusal).toBe("EPOCH: this member is at epoch 1, and a frame at epoch 2 came in");
  expect(stranger.open).toBe(false);
});

test("a refusal's words reach the operator", () => {
  const member = aloneMember2();
  const stranger = new Stranger(member).hello();
  stranger.send((writer) => encodeRefuse(writer, "PROTOCOL", "too\u001b[2Jold für us"));
  expect(stranger.open).toBe(false);
  expect(member.links.state(1)).toBe("refused");
  expect(textOf(member, "peer-refused")).toBe(
    "no talk with member 1 (member-1): the other side refused: too?[2Jold für us",
  );
});

test("a peer that heard a clock beyond our storage stops us: the storage was rolled back", () => {
  const ceiling = hlcOfMs(Date.UTC(2025, 5, 1));
  const heard = ceiling + 1;
  const member = aloneMember2({ ceiling });
  new Stranger(member).hello({ heard: ceiling });
  expect(member.told.filter(({ level }) => level === "fatal")).toEqual([]);
  const stranger = new Stranger(member).hello({ heard });
  const fatal = member.told.find(({ level }) => level === "fatal");
  expect(fatal?.name).toBe("rolled-back");
  expect(fatal?.text).toBe(
    `member 1 has heard member 2 mint the clock ${heard}, but the data directory of member 2 remembers none above ` +
      `${ceiling}: it was wiped, or copied back from an older state. Under its old id it would claim writes that it ` +
      `has forgotten. Put the right directory back, or take member 2 out of the topology and let it join under a new id.`,
  );
  expect(stranger.open).toBe(false);
  expect(stranger.names).toEqual([]);
  member.world.run(5000);
  expect(member.peerEvents).toEqual([]);
});

test("a wiped member is stopped by the first peer that remembers it, over real links", () => {
  const world = new World(10);
  const topology = topologyOf([1, 2, 3]);
  const members = [1, 2, 3].map((id) => world.start(id, { topology }));
  const wiped = world.member(2);
  wiped.hlc.raiseCeiling(wiped.hlc.nextCeiling(3000));
  wiped.hlc.mint(0);
  world.run(1000);
  wiped.crash();
  world.run(100);
  const again = world.start(2, { topology });
  world.run(1000);
  expect(again.told.find(({ level }) => level === "fatal")?.name).toBe("rolled-back");
  expect(again.told.find(({ level }) => level === "fatal")?.text).toContain("remembers none:");
  expect(members[0]?.links.state(2)).toBe("down");
});

test("a restart over its own storage, and a new link in one life, are no roll-back", () => {
  const world = new World(11);
  const topology = topologyOf([1, 2]);
  const a = world.start(1, { topology });
  const b = world.start(2, { topology });
  const ceiling = b.hlc.nextCeiling(3000);
  b.hlc.raiseCeiling(ceiling);
  b.hlc.mint(0);
  world.run(1000);
  for (const id of a.transport.ends.keys()) a.input((links) => links.onLinkDown(id, "cut"));
  a.transport.ends.clear();
  world.run(3000);
  expect(b.links.state(1)).toBe("up");
  b.crash();
  const again = world.start(2, { topology, ceiling });
  world.run(3000);
  expect(again.links.state(1)).toBe("up");
  expect([...b.told, ...again.told].filter(({ level }) => level === "fatal")).toEqual([]);
});

test("what a member has heard from its peers survives its own restart", () => {
  const world = new World(12);
  const topology = topologyOf([1, 2]);
  const lost = hlcOfMs(Date.UTC(2025, 11, 31));
  world.start(1, { topology, heard: new Map([[2, lost]]) });
  const b = world.start(2, { topology });
  world.run(100);
  expect(b.told.find(({ level }) => level === "fatal")?.name).toBe("rolled-back");
});
