/** The birth of a data directory, and that nobody hears of it before it is there for good. */
import { describe, expect, it } from "vitest";
import { latin1Decode } from "../base/utf8.ts";
import { metadataKey } from "../storage/keyspace.ts";
import { decodeClockMemory } from "../storage/metadata-store.ts";
import { unhex } from "../wire/hex.fixture.ts";
import { TestCluster, type TestMember } from "./cluster.fixture.ts";

const CLOCK = latin1Decode(metadataKey("clock"));

function memoryOf({ storage }: TestMember) {
  return decodeClockMemory(storage.rows.get(CLOCK) ?? new Uint8Array(0));
}

function birthOf(member: TestMember): number {
  return memoryOf(member)?.birth ?? 0;
}

describe("a directory's birth", () => {
  it("is its own, the peers remember it, and it outlives the process", () => {
    const cluster = new TestCluster(3);
    cluster.run(2_000);
    const births = cluster.members.map(birthOf);
    expect(new Set(births).size).toBe(3);
    for (const birth of births) expect(birth > 0 && birth < 2 ** 48).toBe(true);
    for (const member of cluster.members) {
      const others = cluster.members.filter(({ id }) => id !== member.id);
      expect(memoryOf(member)?.births).toEqual(new Map(others.map((other) => [other.id, birthOf(other)])));
    }
    cluster.at(1).crash();
    cluster.at(1).boot();
    cluster.run(3_000);
    expect(cluster.at(2).member?.reachable(1)).toBe(true);
    expect(cluster.members.map(birthOf)).toEqual(births);
  });

  it("is on disk before there is a member, and a crash before that leaves no trace with anybody", () => {
    const cluster = new TestCluster(3);
    const late = cluster.at(3);
    // As if it had never been there.
    for (const { storage } of cluster.members) storage.rows.clear();
    for (const member of cluster.members) member.crash();
    for (const id of [1, 2]) cluster.at(id).boot();
    late.storage.held = true;
    late.boot();
    cluster.run(2_000);
    expect([late.member, birthOf(late)]).toEqual([null, 0]);
    late.crash();
    late.boot();
    cluster.run(3_000);
    expect(birthOf(late)).toBeGreaterThan(0);
    expect(cluster.at(1).member?.reachable(3)).toBe(true);
    expect(memoryOf(cluster.at(1))?.births.get(3)).toBe(birthOf(late));
  });

  it("once on disk it stays, though the process died before anybody heard of it", () => {
    const cluster = new TestCluster(3);
    const member = cluster.at(3);
    member.crash();
    member.storage.rows.clear();
    member.boot();
    member.storage.pump();
    member.storage.pump();
    const birth = birthOf(member);
    expect(birth).toBeGreaterThan(0);
    member.crash();
    member.boot();
    member.storage.pump();
    member.storage.pump();
    expect(birthOf(member)).toBe(birth);
  });

  it("is given to a directory of an earlier release, and what that remembered is kept", () => {
    const cluster = new TestCluster(3);
    const member = cluster.at(3);
    member.crash();
    for (const id of [1, 2]) cluster.at(id).crash();
    for (const { storage } of cluster.members) storage.rows.clear();
    member.storage.rows.set(CLOCK, unhex("0100000000000000070001000000020000000000000063"));
    for (const each of cluster.members) each.boot();
    cluster.run(3_000);
    expect(birthOf(member)).toBeGreaterThan(0);
    expect(memoryOf(member)?.heard.get(2)).toBe(99);
    expect(cluster.at(1).member?.reachable(3)).toBe(true);
  });
});

it("a member that was wiped, and has served alone since, is stopped by the others", () => {
  const cluster = new TestCluster(3);
  const member = cluster.at(1);
  cluster.run(2_000);
  member.crash();
  member.storage.rows.clear();
  cluster.cut(1, 2);
  cluster.cut(1, 3);
  member.boot();
  cluster.run(3_000);
  expect(member.member?.status().state).toBe("serving");
  member.crash();
  cluster.heal();
  member.boot();
  cluster.run(3_000);
  expect(member.fatals).toEqual(["rolled-back"]);
  for (const id of [2, 3]) expect(cluster.at(id).member?.reachable(1)).toBe(false);
});
