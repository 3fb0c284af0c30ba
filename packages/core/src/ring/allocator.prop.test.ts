import fc from "fast-check";
import { expect, test } from "vitest";
import { allocate } from "./allocator.ts";
import { clusters, topologyOf } from "./cluster.fixture.ts";
import { candidatesOf } from "./domains.ts";
import { checkPlacement } from "./placement-check.ts";

const copies = fc.integer({ min: 1, max: 7 });

test("any cluster of up to 30 members is placed as promised", () => {
  const bits = fc.integer({ min: 4, max: 9 });
  fc.assert(
    fc.property(clusters(30, 10), bits, copies, fc.nat(3), (members, bit, n, fallbacksMax) => {
      expect(checkPlacement(topologyOf(members, 1 << bit, n, fallbacksMax))).toEqual([]);
    }),
  );
});

test("any cluster of up to 200 members is placed as promised", () => {
  const bits = fc.integer({ min: 4, max: 12 });
  fc.assert(
    fc.property(clusters(200, 10), bits, copies, (members, bit, n) => {
      expect(checkPlacement(topologyOf(members, 1 << bit, n, 3))).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

test("very uneven weights change none of that", () => {
  fc.assert(
    fc.property(clusters(12, 1000), copies, (members, n) => {
      expect(checkPlacement(topologyOf(members, 64, n, 3))).toEqual([]);
    }),
  );
});

test("the placement depends on neither the order of the members nor the names of hosts and zones", () => {
  fc.assert(
    fc.property(clusters(12, 4), copies, fc.nat(), (members, n, shift) => {
      const input = { partitions: 32, n, fallbacksMax: 3 };
      const given = candidatesOf(members);
      const renamed = given
        .map((each) => ({ ...each, host: `z${each.host}`, zone: `${7 - Number(each.zone.slice(-1))}` }))
        .toSorted((a, b) => ((a.id * 7 + shift) % 13) - ((b.id * 7 + shift) % 13));
      expect(allocate({ ...input, members: renamed })).toEqual(allocate({ ...input, members: given }));
    }),
    { numRuns: 300 },
  );
});
