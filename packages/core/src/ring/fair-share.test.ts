import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clusters, memberAt, type Place } from "./cluster.fixture.ts";
import { candidatesOf, type Domain, type Domains, domainsOf } from "./domains.ts";
import { fairShares } from "./fair-share.ts";

function domainsAt(places: readonly Place[]): Domains {
  return domainsOf(candidatesOf(places.map((place, at) => memberAt(at + 1, place))));
}

/** Members written `zone/host*weight`. */
function shares(text: string, partitions: number, replicas: number): number[] {
  const places = text.split(" ").map((word) => {
    const [zone = "", host = "", weight = ""] = word.split(/[/*]/);
    return { zone, host, weight: Number(weight) };
  });
  return [...fairShares(domainsAt(places), partitions, replicas)].map(
    (share) => Math.round(share * 1000) / 1000,
  );
}

describe("known shares of 60 partitions", () => {
  test.each<[string, string, number, number[]]>([
    ["all alike", "a/1*1 b/2*1 c/3*1", 3, [60, 60, 60]],
    ["by weight", "a/1*1 a/2*2 a/3*3", 1, [10, 20, 30]],
    ["a heavy host is held at one home of each partition", "a/1*1 a/2*1 a/3*10", 2, [30, 30, 60]],
    ["and its members share that", "a/1*1 a/2*1 a/3*9 a/3*1", 2, [30, 30, 54, 6]],
    [
      "a large zone is held at one home of each partition",
      "a/1*1 a/2*1 a/3*1 b/4*1 c/5*1",
      3,
      [20, 20, 20, 60, 60],
    ],
    ["a small zone is raised to one", "a/1*1 a/2*1 a/3*1 a/4*1 b/5*1", 3, [30, 30, 30, 30, 60]],
    ["raised at the cost of those that are not held", "a/1*9 a/2*1 a/3*1 b/4*1", 3, [60, 30, 30, 60]],
    ["more zones than homes, none held", "a/1*1 b/2*1 c/3*2", 2, [30, 30, 60]],
    ["one host", "a/1*1 a/1*2", 1, [20, 40]],
  ])("%s", (_, places, replicas, expected) => {
    expect(shares(places, 60, replicas)).toEqual(expected);
  });
});

const NEAR = 1e-6;

/**
 * The definition of max-min fairness: whoever stands higher than another could give nothing to it, because the lower
 * is in a domain that is full, or the higher in one that has only what it must have (and the other is not in it).
 */
function unfair(domains: Domains, found: Float64Array, partitions: number, replicas: number): string | null {
  const share = (domain: Domain) => domain.members.reduce((sum, at) => sum + (found[at] ?? 0), 0);
  const apart = replicas <= domains.zones.length;
  const full = (apart ? domains.zones : domains.hosts).filter((each) => share(each) > partitions - NEAR);
  const bare = apart ? [] : domains.zones.filter((each) => share(each) < partitions + NEAR);
  const level = (at: number) => (found[at] ?? 0) / (domains.members[at]?.weight ?? 1);
  for (let high = 0; high < found.length; high++) {
    for (let low = 0; low < found.length; low++) {
      if (level(high) <= level(low) + NEAR) continue;
      const parts = (domain: Domain, inside: number, outside: number) =>
        domain.members.includes(inside) && !domain.members.includes(outside);
      const stuck =
        full.some((each) => parts(each, low, high)) || bare.some((each) => parts(each, high, low));
      if (!stuck) return `member ${high} could give to member ${low}`;
    }
  }
  return null;
}

test("shares add up, keep the bounds, and are max-min fair", () => {
  fc.assert(
    fc.property(
      clusters(14, 12),
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 4, max: 14 }),
      (members, n, bits) => {
        const partitions = 1 << bits;
        const domains = domainsOf(candidatesOf(members));
        const replicas = Math.min(n, domains.hosts.length);
        const found = fairShares(domains, partitions, replicas);
        const sum = (all: readonly number[]) => all.reduce((total, at) => total + (found[at] ?? 0), 0);
        expect(sum([...found.keys()])).toBeCloseTo(partitions * replicas, 5);
        for (const host of domains.hosts) expect(sum(host.members)).toBeLessThan(partitions + NEAR);
        for (const zone of domains.zones) {
          if (replicas <= domains.zones.length) expect(sum(zone.members)).toBeLessThan(partitions + NEAR);
          else expect(sum(zone.members)).toBeGreaterThan(partitions - NEAR);
        }
        expect(unfair(domains, found, partitions, replicas)).toBeNull();
      },
    ),
  );
});

test("a host in two zones is a fault of the caller", () => {
  const places = ["a", "b"].map((zone) => ({ host: "box", zone, weight: 1 }));
  expect(() => domainsAt(places)).toThrow("host box is in one zone");
});
