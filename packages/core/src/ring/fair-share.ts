/**
 * How many homes each member should have: in proportion to its weight, as far as the hard constraints let it.
 *
 * Every partition has r homes on distinct hosts, in min(r, zones) distinct zones. So of Q partitions
 * - with r zones or more, no zone can have more than Q homes;
 * - with fewer, no host can have more than Q, and no zone can have fewer.
 * The fair shares are the water-filling under these bounds: all members stand at the same level of homes per unit
 * of weight, except that a zone or host that would pass its bound is held at it (and its members share that by
 * weight), and the level of the others adjusts. That is the weighted max-min fair allocation (Bertsekas and
 * Gallager, "Data Networks", 6.5.2).
 *
 * The bounds nest, so a fractional share can always be rounded (quota.ts) and dealt out (home-layout.ts) exactly.
 */
import type { Domain, Domains } from "./domains.ts";

interface Bound {
  readonly kind: "most" | "least";
  readonly domain: Domain;
  open: boolean;
}

/** For each member the homes it should have, a fraction; they add up to `partitions * replicas`. */
export function fairShares(domains: Domains, partitions: number, replicas: number): Float64Array {
  const shares = new Float64Array(domains.members.length).fill(-1);
  const bounds = boundsOf(domains, replicas);
  let rest = partitions * replicas;
  let weight = domains.zones.reduce((sum, zone) => sum + zone.weight, 0);
  for (;;) {
    // By how much the bounds are missed at the level rest / weight, times weight: whole numbers, so exact.
    let above = 0;
    let below = 0;
    for (const bound of bounds) {
      if (!bound.open) continue;
      const excess = bound.domain.weight * rest - partitions * weight;
      if (bound.kind === "most" && excess > 0) above += excess;
      if (bound.kind === "least" && excess < 0) below -= excess;
    }
    if (above === 0 && below === 0) break;
    // Too much asked for above means that the level can only rise, so whoever is over its bound now stays over it.
    const level = { rest, weight };
    for (const bound of bounds) {
      if (!bound.open || (bound.kind === "most" ? above < below : below < above)) continue;
      const excess = bound.domain.weight * level.rest - partitions * level.weight;
      if (bound.kind === "most" ? excess <= 0 : excess >= 0) continue;
      hold(domains, bound.domain, partitions, shares);
      rest -= partitions;
      weight -= bound.domain.weight;
      bound.open = false;
    }
  }
  domains.members.forEach((member, at) => {
    if (shares[at] === -1) shares[at] = (member.weight * rest) / weight;
  });
  return shares;
}

function boundsOf(domains: Domains, replicas: number): Bound[] {
  if (replicas <= domains.zones.length) {
    return domains.zones.map((domain) => ({ kind: "most", domain, open: true }));
  }
  return [
    ...domains.hosts.map((domain): Bound => ({ kind: "most", domain, open: true })),
    ...domains.zones.map((domain): Bound => ({ kind: "least", domain, open: true })),
  ];
}

function hold(domains: Domains, domain: Domain, amount: number, shares: Float64Array): void {
  for (const at of domain.members) {
    shares[at] = ((domains.members[at]?.weight ?? 0) * amount) / domain.weight;
  }
}
