/** What is said of data directories and of memory; all else a HELLO may be refused for is tested over links. */
import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../config/limits.ts";
import { hlcOfMs, HybridClock } from "../version/hlc.ts";
import { ManualClock } from "../version/manual-clock.fixture.ts";
import type { Hello } from "../wire/messages.ts";
import { HelloCheck } from "./hello-check.ts";
import { topologyOf } from "./topology.fixture.ts";
import { birthOf } from "./world.fixture.ts";

const NOON = Date.UTC(2026, 4, 9, 12);
const CEILING = hlcOfMs(NOON - 3_600_000);
const OTHER = 7;

/** Member 2 of two, which may know member 1 by some directory. */
function member2(birthOf1: number): HelloCheck {
  return new HelloCheck({
    self: 2,
    topology: topologyOf([1, 2]),
    hlc: new HybridClock(new ManualClock(NOON, 0), DEFAULT_LIMITS.maxClockDriftMs, CEILING),
    session: 9,
    memory: {
      ceiling: CEILING,
      birth: birthOf(2),
      heard: new Map([[1, 55]]),
      births: new Map(birthOf1 === 0 ? [] : [[1, birthOf1]]),
    },
  });
}

function helloOf1(fields: Partial<Hello>): Hello {
  return {
    protocolMin: 1,
    protocolMax: 1,
    cluster: "test",
    member: 1,
    lane: "foreground",
    epoch: 1,
    digest: topologyOf([1, 2]).digest,
    session: 1,
    heard: 0,
    birth: birthOf(1),
    known: 0,
    ...fields,
  };
}

function outcome(knows1As: number, fields: Partial<Hello>): string {
  return member2(knows1As).judge(helloOf1(fields), 0, "foreground").outcome;
}

describe("what a HELLO says of ourselves", () => {
  it.each([
    ["strangers", 0, {}, "agreed"],
    ["one that we know and that does not know us", birthOf(1), {}, "agreed"],
    ["one that knows us, and we do not know it", 0, { known: birthOf(2) }, "agreed"],
    ["two that know each other", birthOf(1), { known: birthOf(2) }, "agreed"],
    ["one that knows us by another directory", 0, { known: OTHER }, "rolled-back"],
    ["one that we know, and it knows us by another directory", birthOf(1), { known: OTHER }, "rolled-back"],
    ["one from another directory", birthOf(1), { birth: OTHER }, "agreed"],
    ["one from another directory that knows ours", birthOf(1), { birth: OTHER, known: birthOf(2) }, "agreed"],
    ["each from another directory", birthOf(1), { birth: OTHER, known: OTHER }, "refused"],
    ["a clock below our ceiling", birthOf(1), { known: birthOf(2), heard: CEILING }, "agreed"],
    ["a clock that we forgot", birthOf(1), { known: birthOf(2), heard: CEILING + 1 }, "rolled-back"],
    ["a clock that we forgot, of a stranger", 0, { heard: CEILING + 1 }, "rolled-back"],
  ] satisfies [string, number, Partial<Hello>, string][])("%s", (_title, knows1As, fields, expected) => {
    expect(outcome(knows1As, fields)).toBe(expected);
  });

  it("stops nobody when the topologies differ, for then they are explained first", () => {
    expect(outcome(birthOf(1), { known: OTHER, digest: new Uint8Array(16) })).toBe("differs");
  });

  it("is put in words when it stops us", () => {
    expect(member2(0).judge(helloOf1({ known: OTHER }), 0, "foreground")).toEqual({
      outcome: "rolled-back",
      text:
        "member 1 knows member 2 by another data directory than the one it has now: that was wiped, or exchanged. " +
        "Under its old id it would claim writes that it has forgotten. Put the right directory back, or take " +
        "member 2 out of the topology and let it join under a new id.",
    });
  });

  it("is put in words when nobody can say which of the two is wrong", () => {
    const hello = helloOf1({ birth: OTHER, known: OTHER });
    expect(member2(birthOf(1)).judge(hello, 0, "foreground")).toEqual({
      outcome: "refused",
      code: "MEMBER",
      text:
        "members 2 and 1 know each other by other data directories than those they speak from: one of the two was " +
        "exchanged. Put the right directory back, or take that member out of the topology and let it join under a " +
        "new id.",
    });
  });
});

describe("our HELLO", () => {
  it("carries our directory's birth and what we know of the receiver", () => {
    expect(member2(OTHER).hello("bulk", 1)).toMatchObject({ birth: birthOf(2), known: OTHER, heard: 55 });
    expect(member2(0).hello("bulk", 1)).toMatchObject({ birth: birthOf(2), known: 0 });
    expect(member2(OTHER).hello("bulk", 3)).toMatchObject({ known: 0, heard: 0 });
  });
});

describe("the objection to a peer that has agreed", () => {
  it("is that we know it by another directory", () => {
    expect(member2(0).objection(1, OTHER)).toBe("");
    expect(member2(birthOf(1)).objection(1, birthOf(1))).toBe("");
    expect(member2(birthOf(1)).objection(1, OTHER)).toBe(
      "member 2 knows member 1 by another data directory than the one it speaks from: that was wiped, or exchanged. " +
        "Put the right directory back, or take member 1 out of the topology and let it join under a new id.",
    );
  });
});
