import { expect, test } from "vitest";
import type { MemberApi, MemberStatus } from "@kvorum/core";
import { MemoryMember, testMember } from "../resp/memory-member.fixture.ts";
import { readiness } from "./readiness.ts";

function member(unreachable: readonly number[], size = 3, change: Partial<MemberStatus> = {}): MemberApi {
  const made = new MemoryMember({
    members: Array.from({ length: size }, (_, index) => testMember(index + 1)),
  });
  for (const id of unreachable) made.unreachable.add(id);
  const peers = Array.from({ length: size - 1 }, (_, index) => ({
    id: index + 2,
    name: `member-${index + 2}`,
    state: unreachable.includes(index + 2) ? ("down" as const) : ("up" as const),
    reason: unreachable.includes(index + 2) ? "connection refused" : "",
    roundTripMs: 1,
    clockOffsetMs: 0,
  }));
  const status = made.status();
  made.status = () => ({ ...status, peers, ...change });
  return made;
}

test.each([
  [[], true, true],
  [[2], true, false],
  [[3], true, false],
  [[2, 3], false, false],
])("of three members without %j: traffic %j, restart %j", (gone, traffic, restart) => {
  expect(readiness(member(gone), "traffic").ready).toBe(traffic);
  expect(readiness(member(gone), "restart").ready).toBe(restart);
});

test("what is missing is named", () => {
  const found = readiness(member([2, 3]), "traffic");
  expect(found.missing).toEqual([
    {
      code: "quorum",
      text: "16 of 16 partitions of namespace default have no quorum: they cannot reach member-2, member-3",
    },
  ]);
  expect(found.unreachable).toEqual([
    { id: 2, name: "member-2", state: "down", reason: "connection refused" },
    { id: 3, name: "member-3", state: "down", reason: "connection refused" },
  ]);
  expect(readiness(member([2]), "restart").missing[0]?.text).toContain("would be without member-1, member-2");
});

test("only the partitions that it is a home of count", () => {
  // Of five members each holds the partitions that begin at itself and at the two before it.
  const without = readiness(member([2, 3], 5), "traffic");
  expect(without.missing[0]?.text).toMatch(/^4 of 10 partitions .* member-2, member-3$/);
  const elsewhere = readiness(member([3, 4], 5), "traffic");
  expect(elsewhere).toMatchObject({ ready: true, unreachable: [{ id: 3 }, { id: 4 }] });
});

test("a member that does not serve yet is not ready, whoever it reaches", () => {
  const found = readiness(member([], 3, { state: "starting" }), "traffic");
  expect(found).toMatchObject({ ready: false, state: "starting", missing: [{ code: "state" }] });
});

test("namespaces of one n are told together, and one copy is a quorum of itself until it is away", () => {
  const alone = member([]);
  const { topology } = alone;
  const namespaces = Array.from({ length: 7 }, (_, index) => ({
    id: index + 1,
    name: `name-${index + 1}`,
    policy: "siblings" as const,
    n: 1,
  }));
  const single = Object.assign(alone, { topology: { ...topology, namespaces } });
  expect(readiness(single, "traffic").ready).toBe(true);
  expect(readiness(single, "restart").missing.map(({ text }) => text)).toEqual([
    expect.stringMatching(
      /^\d of \d partitions of namespaces name-1, .*name-5, \.\.\. have no quorum: they would be without member-1$/,
    ),
  ]);
});
