import fc from "fast-check";
import { expect, test } from "vitest";
import { clusters, memberAt } from "./cluster.fixture.ts";
import { candidatesOf, domainsOf } from "./domains.ts";
import { fairShares } from "./fair-share.ts";
import { nearWhole, quotasOf } from "./quota.ts";

test("the largest remainders are rounded up", () => {
  const members = [4, 3, 3].map((weight, at) => memberAt(at + 1, { host: `h${at}`, zone: "a", weight }));
  const domains = domainsOf(candidatesOf(members));
  // 6.4, 4.8 and 4.8.
  expect([...quotasOf(domains, fairShares(domains, 16, 1), 16)]).toEqual([6, 5, 5]);
});

test("every member, host and zone gets its share rounded down or up, and all together the whole", () => {
  fc.assert(
    fc.property(
      clusters(40, 1000),
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 4, max: 14 }),
      (members, n, bits) => {
        const partitions = 1 << bits;
        const domains = domainsOf(candidatesOf(members));
        const replicas = Math.min(n, domains.hosts.length);
        const shares = fairShares(domains, partitions, replicas);
        const quotas = quotasOf(domains, shares, partitions * replicas);
        const all = { members: [...quotas.keys()] };
        for (const group of [
          all,
          ...domains.zones,
          ...domains.hosts,
          ...all.members.map((at) => ({ members: [at] })),
        ]) {
          const share = nearWhole(group.members.reduce((sum, at) => sum + (shares[at] ?? 0), 0));
          const quota = group.members.reduce((sum, at) => sum + (quotas[at] ?? 0), 0);
          expect(quota).toBeGreaterThanOrEqual(Math.floor(share));
          expect(quota).toBeLessThanOrEqual(Math.ceil(share));
        }
      },
    ),
  );
});
