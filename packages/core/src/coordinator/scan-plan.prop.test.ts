import fc from "fast-check";
import { expect, test } from "vitest";
import type { Topology } from "../model/topology.ts";
import { homesNeeded, QUORUM } from "../quorum/needed.ts";
import { homesOf, partitionOfSlot } from "../ring/placement.ts";
import { SLOTS } from "../ring/slot.ts";
import { planScan } from "./scan-plan.ts";

const MEMBERS = [1, 2, 3, 4, 5, 6];
const PARTITIONS = 16;
const WIDTH = SLOTS / PARTITIONS;

const topologies: fc.Arbitrary<Topology> = fc
  .array(fc.shuffledSubarray(MEMBERS, { minLength: 1, maxLength: 5 }), {
    minLength: PARTITIONS,
    maxLength: PARTITIONS,
  })
  .map((lists) => ({
    cluster: "test",
    epoch: 1,
    members: [],
    namespaces: [],
    replicas: 5,
    preferenceLists: lists.map((homes) => ({ homes, fallbacks: [] })),
    digest: new Uint8Array(16),
  }));

test("a majority of the homes of every partition in the stretch is asked, and it ends before the first that lacks one", () => {
  fc.assert(
    fc.property(
      topologies,
      fc.subarray(MEMBERS),
      fc.integer({ min: 1, max: 5 }),
      fc.nat(SLOTS - 1),
      fc.integer({ min: 1, max: SLOTS }),
      fc.integer({ min: 1, max: 20 }),
      (topology, up, n, slot, span, partitions) => {
        const slotEnd = Math.min(SLOTS, slot + span);
        const cost = (member: number): number => (up.includes(member) ? 10 - member : Infinity);
        const plan = planScan(topology, n, slot, slotEnd, partitions, cost);
        expect(plan.slotEnd).toBeGreaterThanOrEqual(slot);
        expect(plan.slotEnd).toBeLessThanOrEqual(slotEnd);
        for (const member of plan.members) expect(up).toContain(member);
        const first = partitionOfSlot(slot, PARTITIONS);
        let expectedEnd = slot;
        for (let i = 0; i < partitions && expectedEnd < slotEnd; i++) {
          const homes = homesOf(topology, n, first + i);
          const needed = homesNeeded(QUORUM, homes.length);
          const able = homes.filter((home) => up.includes(home)).length;
          if (able < needed) {
            expect([plan.able, plan.needed]).toEqual([able, needed]);
            break;
          }
          expect(homes.filter((home) => plan.members.has(home)).length).toBeGreaterThanOrEqual(needed);
          expectedEnd = Math.min((first + i + 1) * WIDTH, slotEnd);
        }
        expect(plan.slotEnd).toBe(expectedEnd);
      },
    ),
  );
});

test("the cheapest homes are asked, and those asked already first", () => {
  const lists = [
    [1, 2, 3],
    [3, 2, 1],
    [4, 3, 2],
  ];
  const topology: Topology = {
    cluster: "test",
    epoch: 1,
    members: [],
    namespaces: [],
    replicas: 3,
    preferenceLists: Array.from({ length: PARTITIONS }, (_, i) => ({
      homes: lists[i % 3] ?? [],
      fallbacks: [],
    })),
    digest: new Uint8Array(16),
  };
  const plan = (partitions: number): number[] => [
    ...planScan(topology, 3, 0, SLOTS, partitions, (member) => member).members,
  ];
  expect(plan(1)).toEqual([1, 2]);
  expect(plan(2)).toEqual([1, 2]);
  expect(plan(3)).toEqual([1, 2, 3]);
});
