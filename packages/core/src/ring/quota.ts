/**
 * Whole numbers of homes out of fractional shares, such that every member, every host, every zone and the total
 * gets its share rounded down or up: so the bounds, which are whole, still hold. Rounded from the top of the tree
 * to the leaves, at each step by largest remainders (Cox and Ernst, "Controlled rounding", 1982).
 */
import { assert } from "../base/assert.ts";
import type { Domains } from "./domains.ts";

/** Fractions have denominators below 2^20, so what is nearer than this to a whole number is that number. */
const NEARLY = 1e-7;

/** For each member the number of homes that it gets; they add up to `total`. */
export function quotasOf(domains: Domains, shares: Float64Array, total: number): Int32Array {
  const quotas = new Int32Array(shares.length);
  const sum = (members: readonly number[]) => members.reduce((all, at) => all + (shares[at] ?? 0), 0);
  const zones = apportion(
    total,
    domains.zones.map((zone) => sum(zone.members)),
  );
  domains.zones.forEach((_, zoneAt) => {
    const inZone = domains.hosts.filter((host) => host.zone === zoneAt);
    const hosts = apportion(
      zones[zoneAt] ?? 0,
      inZone.map((host) => sum(host.members)),
    );
    inZone.forEach((host, hostAt) => {
      const members = apportion(
        hosts[hostAt] ?? 0,
        host.members.map((at) => shares[at] ?? 0),
      );
      host.members.forEach((at, i) => (quotas[at] = members[i] ?? 0));
    });
  });
  return quotas;
}

/** Each part rounded down or up, so that they add up to `total`, which is their sum rounded down or up. */
function apportion(total: number, fractions: readonly number[]): number[] {
  const parts = fractions.map(nearWhole);
  const whole = parts.map(Math.floor);
  let left = total - whole.reduce((all, part) => all + part, 0);
  const byRemainder = parts
    .map((part, at) => ({ at, remainder: part - Math.floor(part) }))
    .filter((part) => part.remainder > 0)
    .toSorted((a, b) => b.remainder - a.remainder || a.at - b.at);
  assert(left >= 0 && left <= byRemainder.length, "parts rounded down or up add up to their rounded sum");
  for (const { at } of byRemainder) {
    if (left-- === 0) break;
    whole[at] = (whole[at] ?? 0) + 1;
  }
  return whole;
}

/** A share that is a whole number but for errors of rounding, made whole. */
export function nearWhole(share: number): number {
  const whole = Math.round(share);
  return Math.abs(share - whole) < NEARLY ? whole : share;
}
