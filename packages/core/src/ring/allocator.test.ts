import { describe, expect, test } from "vitest";
import type { MemberInfo } from "../model/member.ts";
import type { Topology } from "../model/topology.ts";
import { allocate } from "./allocator.ts";
import { memberAt, topologyOf } from "./cluster.fixture.ts";
import { candidatesOf, domainsOf } from "./domains.ts";
import { fairShares } from "./fair-share.ts";
import { checkPlacement } from "./placement-check.ts";

/**
 * Every cluster of so many members in so many zones at most, weights 1 and 2, but for names: each zone is written as
 * how many members of each weight it has, in falling order.
 */
function* shapes(members: number, zonesMax: number): Generator<[number, number][]> {
  function* rest(
    left: number,
    most: readonly [number, number],
    zones: [number, number][],
  ): Generator<[number, number][]> {
    if (left === 0) yield [...zones];
    if (left === 0 || zones.length === zonesMax) return;
    for (let light = Math.min(left, most[0]); light >= 0; light--) {
      const heavyMost = light === most[0] ? Math.min(left - light, most[1]) : left - light;
      for (let heavy = heavyMost; heavy >= 0; heavy--) {
        if (light + heavy > 0) yield* rest(left - light - heavy, [light, heavy], [...zones, [light, heavy]]);
      }
    }
  }
  yield* rest(members, [members, members], []);
}

function build(
  shape: readonly (readonly [number, number])[],
  membersPerHost: number,
  idOf: (at: number) => number,
): MemberInfo[] {
  let at = 0;
  return shape.flatMap(([light, heavy], zone) =>
    Array.from({ length: light + heavy }, (_, i) => {
      const host = `host-${zone}-${Math.floor(i / membersPerHost)}`;
      return memberAt(idOf(at++), { host, zone: `zone-${zone}`, weight: i < light ? 1 : 2 });
    }),
  );
}

/** How far the number of times that a member is among the first k homes is from its share, at most. */
function worstPrefix({ members, preferenceLists: lists, replicas }: Topology): number {
  const domains = domainsOf(candidatesOf(members));
  let worst = 0;
  for (let k = 1; k <= replicas; k++) {
    const shares = fairShares(domains, lists.length, k);
    domains.members.forEach(({ id }, at) => {
      const count = lists.filter(({ homes }) => homes.slice(0, k).includes(id)).length;
      worst = Math.max(worst, Math.abs(count - (shares[at] ?? 0)));
    });
  }
  return worst;
}

describe("every small cluster (16 partitions, n to 3, zones to 4, weights 1 and 2)", () => {
  test.each([1, 2, 3, 4, 5, 6])("of %d members is placed as promised, for every shorter n too", (count) => {
    const orders = [(at: number) => at + 1, (at: number) => ((at * 5 + 3) % 7) * 10 + 1];
    for (const shape of shapes(count, 4)) {
      for (const membersPerHost of [1, 2, 3]) {
        for (const idOf of orders) {
          const members = build(shape, membersPerHost, idOf);
          for (let n = 1; n <= 3; n++) {
            const topology = topologyOf(members, 16, n, 3);
            const title = `${JSON.stringify(shape)}, ${membersPerHost} a host, n ${n}`;
            expect({ title, problems: checkPlacement(topology) }).toEqual({ title, problems: [] });
            expect({ title, off: worstPrefix(topology) > 1 + 1e-7 }).toEqual({ title, off: false });
          }
        }
      }
    }
  });
});

/** Members 1, 2 … in zones in turn, each on a host of its own. */
function row(length: number, zones: number): MemberInfo[] {
  return Array.from({ length }, (_, at) =>
    memberAt(at + 1, { host: `host-${at}`, zone: `zone-${at % zones}`, weight: 1 }),
  );
}

/** How often each pair that occurs does. */
function tally(pairs: readonly (readonly [number, number])[]): number[] {
  const counts = new Map<string, number>();
  for (const pair of pairs) counts.set(pair.join(), (counts.get(pair.join()) ?? 0) + 1);
  return [...counts.values()];
}

describe("when a member dies", () => {
  const members = row(10, 1);
  const { lists } = allocate({ members: candidatesOf(members), partitions: 256, n: 3, fallbacksMax: 3 });

  test("the other homes of its partitions are all others, nearly alike", () => {
    const pairs = tally(
      lists.flatMap(({ homes }) =>
        homes.flatMap((a) => homes.filter((b) => b !== a).map((b) => [a, b] as const)),
      ),
    );
    expect(pairs).toHaveLength(90);
    // 256 * 3 * 2 / 90 = 17.07 on average.
    expect(Math.min(...pairs)).toBeGreaterThanOrEqual(15);
    expect(Math.max(...pairs)).toBeLessThanOrEqual(19);
  });

  test("what it coordinated goes to all others", () => {
    const pairs = tally(lists.map(({ homes }) => [homes[0] ?? 0, homes[1] ?? 0] as const));
    expect(pairs).toHaveLength(90);
    expect(Math.max(...pairs)).toBeLessThanOrEqual(6);
  });

  test("its writes fall back to all others, nearly alike", () => {
    const pairs = tally(
      lists.flatMap(({ homes, fallbacks }) => homes.map((home) => [home, fallbacks[0] ?? 0] as const)),
    );
    expect(pairs).toHaveLength(90);
    expect(Math.min(...pairs)).toBeGreaterThanOrEqual(6);
    expect(Math.max(...pairs)).toBeLessThanOrEqual(11);
  });
});

describe("fallbacks", () => {
  test("are as many as asked for, or as hosts allow", () => {
    const lengths = (members: number, fallbacksMax: number) => {
      const { lists } = allocate({
        members: candidatesOf(row(members, 3)),
        partitions: 16,
        n: 3,
        fallbacksMax,
      });
      return [...new Set(lists.map(({ fallbacks }) => fallbacks.length))];
    };
    expect(lengths(3, 3)).toEqual([0]);
    expect(lengths(4, 3)).toEqual([1]);
    expect(lengths(9, 3)).toEqual([3]);
    expect(lengths(9, 2)).toEqual([2]);
    expect(lengths(9, 0)).toEqual([0]);
  });

  test("are spread by weight at each position", () => {
    const members = row(12, 1).map((member) => ({ ...member, weight: member.id <= 6 ? 1 : 3 }));
    const { lists } = allocate({ members: candidatesOf(members), partitions: 1024, n: 3, fallbacksMax: 2 });
    for (const position of [0, 1]) {
      const light = lists.filter(({ fallbacks }) => (fallbacks[position] ?? 0) <= 6).length;
      expect(Math.abs(light - 256)).toBeLessThan(20);
    }
  });
});

test("where the first layout allows no fair first homes another is found", () => {
  const weights = [10, 3, 4, 5, 1, 9, 1, 1, 5, 1];
  const members = weights.map((weight, at) => {
    const host = Math.floor(at / 3);
    return memberAt(at + 1, { host: `host-${host}`, zone: host < 3 ? "large" : "small", weight });
  });
  expect(checkPlacement(topologyOf(members, 16, 4, 3))).toEqual([]);
});

test("the largest cluster: 16,384 partitions, 200 members, 7 copies", () => {
  const members = row(200, 4).map((member) => ({ ...member, weight: 1 + (member.id % 10) }));
  expect(checkPlacement(topologyOf(members, 16_384, 7, 3))).toEqual([]);
});
