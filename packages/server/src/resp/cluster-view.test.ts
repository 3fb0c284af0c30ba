import { expect, test } from "vitest";
import { SLOTS } from "@kvorum/core";
import { ClusterView } from "./cluster-view.ts";
import { MemoryMember, testMember } from "./memory-member.fixture.ts";

function mastersOf(view: ClusterView): number[] {
  return view.runs().map(({ members }) => members[0]?.id ?? 0);
}

test("runs cover every slot once, in order", () => {
  const runs = new ClusterView(new MemoryMember()).runs();
  let next = 0;
  for (const { first, last } of runs) {
    expect(first).toBe(next);
    next = last + 1;
  }
  expect(next).toBe(SLOTS);
});

test("the master is the first home that can be reached, the others follow", () => {
  const member = new MemoryMember();
  const view = new ClusterView(member);
  expect(mastersOf(view).slice(0, 4)).toEqual([1, 2, 3, 1]);
  member.unreachable.add(2);
  expect(mastersOf(view).slice(0, 4)).toEqual([1, 3, 3, 1]);
  expect(view.runs()[1]?.members.map(({ id }) => id)).toEqual([3, 2, 1]);
  expect(view.slotsOk()).toBe(SLOTS);
  member.unreachable.delete(2);
  expect(mastersOf(view).slice(0, 4)).toEqual([1, 2, 3, 1]);
});

test("with no home in reach the first one stands for the slot, which is not ok", () => {
  const member = new MemoryMember();
  for (const id of [1, 2, 3]) member.unreachable.add(id);
  const view = new ClusterView(member);
  expect(mastersOf(view).slice(0, 3)).toEqual([1, 2, 3]);
  expect(view.slotsOk()).toBe(0);
});

test("a new topology is seen at once", () => {
  const member = new MemoryMember();
  const view = new ClusterView(member);
  expect(view.runs()).toHaveLength(16);
  const [list] = member.topology.preferenceLists;
  if (list === undefined) throw new Error("there is a partition");
  member.topology = { ...member.topology, epoch: 2, preferenceLists: new Array<typeof list>(32).fill(list) };
  expect(view.runs()).toHaveLength(1);
});

test("neighbours with the same members make one run, and equal runs one shard", () => {
  const view = new ClusterView(new MemoryMember());
  expect(view.shards().map(({ members }) => members.map(({ id }) => id))).toEqual([
    [1, 2, 3],
    [2, 3, 1],
    [3, 1, 2],
  ]);
  expect(view.shards().reduce((sum, { runs }) => sum + runs.length, 0)).toBe(16);
  expect(new ClusterView(new MemoryMember({ members: [testMember(1)] })).runs()).toHaveLength(1);
});

test("node ids are 40 hexadecimal digits, the same everywhere, different for every member and cluster", () => {
  const view = new ClusterView(new MemoryMember());
  const elsewhere = new ClusterView(new MemoryMember({ id: 2 }));
  expect(view.nodeId(1)).toMatch(/^[0-9a-f]{40}$/);
  expect(view.nodeId(1)).toBe(elsewhere.nodeId(1));
  const other = new MemoryMember();
  other.topology = { ...other.topology, cluster: "other" };
  expect(new Set([view.nodeId(1), view.nodeId(2), new ClusterView(other).nodeId(1)]).size).toBe(3);
});
