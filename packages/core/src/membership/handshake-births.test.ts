/** Members whose data directory is not the one that the others know them by. */
import { describe, expect, test } from "vitest";
import { encodePing } from "../wire/encode-link.ts";
import { Stranger, aloneMember2 } from "./stranger.fixture.ts";
import { topologyOf } from "./topology.fixture.ts";
import { type TestMember, type TestMemberOptions, World, birthOf } from "./world.fixture.ts";

const topology = topologyOf([1, 2]);
const WIPED = 7;

/** Members 1 and 2, which have met. */
function pair(): World {
  const world = new World(3);
  for (const id of [1, 2]) world.start(id, { topology });
  world.run(1_000);
  return world;
}

/** Dies and comes back over what its disk held, or over something else. */
function restart(member: TestMember, change: Partial<TestMemberOptions>): TestMember {
  const { world, id, links } = member;
  const { birth, heard, births } = links.remembered();
  const ceiling = member.hlc.ceiling;
  member.crash();
  world.run(100);
  return world.start(id, { topology, ceiling, birth, heard, births, ...change });
}

const EMPTY = { ceiling: 0, heard: new Map(), births: new Map() };

function fatals(member: TestMember): string[] {
  return member.told.filter(({ level }) => level === "fatal").map(({ name }) => name);
}

// Member 1 calls, member 2 is called.
describe.each([
  [1, 2],
  [2, 1],
] as const)("member %i, known to member %i,", (id, other) => {
  test("comes back over its own directory", () => {
    const world = pair();
    const again = restart(world.member(id), {});
    world.run(3_000);
    expect([again.links.state(other), world.member(other).links.state(id)]).toEqual(["up", "up"]);
    expect(again.links.remembered().births.get(other)).toBe(birthOf(other));
  });

  test("is stopped when its directory was wiped, though it never minted", () => {
    const world = pair();
    const again = restart(world.member(id), { ...EMPTY, birth: WIPED });
    world.run(3_000);
    expect(fatals(again)).toEqual(["rolled-back"]);
    expect(again.peerEvents).toEqual([]);
    expect(world.member(other).links.reachable(id)).toBe(false);
    expect(world.member(other).peerEvents).toEqual([`up ${id}`, `down ${id}`]);
  });

  test("is stopped when it was wiped and has run alone since, above every clock that was heard", () => {
    const world = pair();
    world.member(id).hlc.raiseCeiling(world.member(id).hlc.nextCeiling(3_000));
    world.member(id).hlc.mint(0);
    world.run(1_000);
    expect(world.member(other).links.remembered().heard.get(id)).toBeGreaterThan(0);
    world.cut(1, 2);
    world.cut(2, 1);
    const alone = restart(world.member(id), { ...EMPTY, birth: WIPED });
    alone.hlc.raiseCeiling(alone.hlc.nextCeiling(3_000));
    world.run(3_000);
    expect([fatals(alone), alone.peerEvents]).toEqual([[], []]);
    const again = restart(alone, {});
    world.heal(1, 2);
    world.heal(2, 1);
    world.run(5_000);
    expect(fatals(again)).toEqual(["rolled-back"]);
    expect(again.peerEvents).toEqual([]);
    expect(world.member(other).links.reachable(id)).toBe(false);
  });

  test("is stopped, whichever clock is wrong, when clocks agree again at the latest", () => {
    for (const wallOffsetMs of [-3_600_000, 3_600_000]) {
      const world = pair();
      const wrong = restart(world.member(id), { ...EMPTY, birth: WIPED, wallOffsetMs });
      world.run(3_000);
      expect(wrong.peerEvents).toEqual([]);
      const again = restart(wrong, { ceiling: world.member(other).hlc.reading(), wallOffsetMs: 0 });
      world.run(3_000);
      expect(fatals(again)).toEqual(["rolled-back"]);
      expect(again.peerEvents).toEqual([]);
    }
  });

  test("is recognised by what the other remembers over its own restart", () => {
    const world = pair();
    restart(world.member(other), {});
    const again = restart(world.member(id), { ...EMPTY, birth: WIPED });
    world.run(3_000);
    expect(fatals(again)).toEqual(["rolled-back"]);
  });

  test("is taken for new when the other has forgotten it", () => {
    const world = pair();
    restart(world.member(other), { births: new Map() });
    const again = restart(world.member(id), { ...EMPTY, birth: WIPED });
    world.run(3_000);
    expect(fatals(again)).toEqual([]);
    expect(world.member(other).links.state(id)).toBe("up");
    expect(world.member(other).links.remembered().births.get(id)).toBe(WIPED);
  });

  test("does not talk, and stops nobody, from a directory that had met others under the same names", () => {
    const world = pair();
    const elsewhere = new Map([[other, 9_999]]);
    const again = restart(world.member(id), { birth: WIPED, births: elsewhere });
    world.run(3_000);
    for (const [member, peer] of [
      [again, other],
      [world.member(other), id],
    ] as const) {
      expect(fatals(member)).toEqual([]);
      expect(member.links.state(peer)).toBe("refused");
      expect(member.links.reason(peer)).toContain("one of the two was exchanged");
    }
  });

  test("is stopped with an exchanged directory that knows nobody here", () => {
    const world = pair();
    const again = restart(world.member(id), { birth: WIPED, births: new Map([[9, 99]]) });
    world.run(3_000);
    expect(fatals(again)).toEqual(["rolled-back"]);
  });
});

test("a wiped caller hears by which directory it is known before it is refused", () => {
  const member = aloneMember2({ births: new Map([[1, birthOf(1)]]) });
  const stranger = new Stranger(member).hello({ birth: WIPED });
  expect(stranger.heard()).toMatchObject([
    { name: "hello", fields: { birth: birthOf(2), known: birthOf(1) } },
  ]);
  // It goes on all the same.
  stranger.send((writer) => encodePing(writer, 5, 0));
  expect(stranger.names).toEqual(["hello", "refuse"]);
  expect(stranger.refusal).toContain("MEMBER: member 2 knows member 1 by another data directory");
  expect(stranger.open).toBe(false);
  expect(member.peerEvents).toEqual([]);
  expect(member.links.state(1)).toBe("refused");
  expect(member.links.reason(1)).toContain("Put the right directory back");
  expect(member.toldNames()).toEqual(["peer-refused"]);
  expect(member.links.remembered().births.get(1)).toBe(birthOf(1));
});

test("of two processes under one id the one from another directory gets no link, on either lane", () => {
  const member = aloneMember2();
  const first = new Stranger(member).hello().send((writer) => encodePing(writer, 5, 0));
  expect(member.links.state(1)).toBe("up");
  const second = new Stranger(member).hello({ birth: WIPED, lane: "bulk" });
  second.send((writer) => encodePing(writer, 5, 0));
  expect([first.open, second.open]).toEqual([true, false]);
  expect(member.links.state(1)).toBe("up");
});

test("a directory is remembered when the link is up, not when somebody claims it", () => {
  const member = aloneMember2();
  const stranger = new Stranger(member).hello({ birth: WIPED });
  expect(member.links.remembered().births.size).toBe(0);
  stranger.send((writer) => encodePing(writer, 5, 0));
  expect(member.links.remembered().births).toEqual(new Map([[1, WIPED]]));
});
