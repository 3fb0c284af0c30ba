import { expect, test } from "vitest";
import type { PartitionRow } from "../admin-copies.ts";
import type { MemberRow } from "../admin.ts";
import type { Told } from "../each-member.ts";
import { seenPartitions } from "./partitions.ts";

function told(id: number, answer: PartitionRow[] | null): Told<PartitionRow[]> {
  const where = { host: "h", zone: "z", region: "r", weight: 1, peer: "", resp: "", http: "" };
  const member: MemberRow = { id, name: `m${id}`, ...where, reachable: true };
  return { member, answer, error: "" };
}

function row(partition: number, homes: number[], keys: number, proofs: PartitionRow["proofs"]): PartitionRow {
  return { partition, homes, slots: 64, slotsKnown: 60, keys, bytes: 100 * keys, proofs };
}

test("a partition is what all of its homes say, in their order, and a pair's proof the younger of two", () => {
  const proof = (peer: number, ageMs: number | null) => ({ peer, ageMs });
  const seen = seenPartitions([
    told(1, [row(0, [2, 1, 3], 5, [proof(2, 900), proof(3, null)])]),
    told(2, [row(0, [2, 1, 3], 4, [proof(1, 300), proof(3, null)]), row(7, [2, 4], 1, [proof(4, null)])]),
    told(3, null),
  ]);
  const of = (member: number, keys: number) => ({
    member,
    slots: 64,
    slotsKnown: 60,
    keys,
    bytes: 100 * keys,
  });
  expect(seen).toEqual([
    {
      partition: 0,
      homes: [2, 1, 3],
      copies: [of(2, 4), of(1, 5)],
      proofs: [
        { between: [1, 2], ageMs: 300 },
        { between: [1, 3], ageMs: null },
        { between: [2, 3], ageMs: null },
      ],
    },
    { partition: 7, homes: [2, 4], copies: [of(2, 1)], proofs: [{ between: [2, 4], ageMs: null }] },
  ]);
});
