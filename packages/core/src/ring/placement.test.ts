import { expect, test } from "vitest";
import type { Topology } from "../model/topology.ts";
import { homesOf, partitionOfSlot, preferenceListOf, slotsOfPartition } from "./placement.ts";

const COUNTS = Array.from({ length: 11 }, (_, i) => 16 << i);

test.each(COUNTS)("%d partitions tile the slots in order, in equal runs", (partitions) => {
  let next = 0;
  for (let partition = 0; partition < partitions; partition++) {
    const { first, last } = slotsOfPartition(partition, partitions);
    expect(first).toBe(next);
    expect(last - first + 1).toBe(16_384 / partitions);
    expect(partitionOfSlot(first, partitions)).toBe(partition);
    expect(partitionOfSlot(last, partitions)).toBe(partition);
    next = last + 1;
  }
  expect(next).toBe(16_384);
});

test("doubling the partitions splits each in two", () => {
  for (let slot = 0; slot < 16_384; slot++) {
    expect(partitionOfSlot(slot, 64)).toBe(partitionOfSlot(slot, 128) >> 1);
  }
});

const topology: Topology = {
  cluster: "test",
  epoch: 1,
  members: [],
  namespaces: [],
  replicas: 3,
  preferenceLists: Array.from({ length: 16 }, (_, i) => ({
    homes: [i + 1, i + 2, i + 3],
    fallbacks: [i + 4],
  })),
  digest: new Uint8Array(16),
};

test("a slot's preference list is that of its partition", () => {
  expect(preferenceListOf(topology, 0)).toBe(topology.preferenceLists[0]);
  expect(preferenceListOf(topology, 1023)).toBe(topology.preferenceLists[0]);
  expect(preferenceListOf(topology, 1024)).toBe(topology.preferenceLists[1]);
  expect(preferenceListOf(topology, 16_383)).toBe(topology.preferenceLists[15]);
  expect(() => preferenceListOf(topology, 16_384)).toThrow("every partition");
});

test("a namespace has the first n homes, or all there are", () => {
  expect(homesOf(topology, 1, 2)).toEqual([3]);
  expect(homesOf(topology, 2, 2)).toEqual([3, 4]);
  expect(homesOf(topology, 3, 2)).toEqual([3, 4, 5]);
  expect(homesOf(topology, 7, 2)).toEqual([3, 4, 5]);
});
