/**
 * Which members are the homes of each partition, for given quotas: first any valid layout, then a good one.
 *
 * The first is McNaughton's wrap-around rule ("Scheduling with deadlines and loss functions", 1959): write down
 * every member as often as its quota says, the members of a host next to each other and the hosts of a zone too,
 * and deal the row out to the partitions in turns. A host has at most Q places in the row, so no partition
 * gets two of them; a zone with at most Q places gives no partition two, one with at least Q gives each at least one.
 *
 * It puts the same members together again and again, and when one of them died the others would have to do all
 * of its work. So homes then trade places between partitions, at random, keeping quotas and constraints, and after
 * that only where it makes the pairs of members that share partitions more even.
 */
import type { Prng } from "../base/prng.ts";
import type { Domains } from "./domains.ts";

/** Trades tried for each home, at random and then for evenness; measured: more brings little. */
const SHUFFLES = 4;
const IMPROVEMENTS = 16;

/** Homes are indexes of members, those of partition p at `p * replicas` and after. */
export type Homes = Int32Array;

export function layOutHomes(
  domains: Domains,
  quotas: Int32Array,
  partitions: number,
  replicas: number,
  prng: Prng,
): Homes {
  const homes = deal(domains, quotas, partitions, replicas);
  if (partitions * replicas > 0) new Trader(domains, quotas, homes, replicas).run(prng);
  return homes;
}

function deal(domains: Domains, quotas: Int32Array, partitions: number, replicas: number): Homes {
  const homes = new Int32Array(partitions * replicas);
  let place = 0;
  const hosts = domains.hosts.toSorted((a, b) => a.zone - b.zone);
  for (const host of hosts) {
    for (const at of host.members) {
      for (let i = quotas[at] ?? 0; i > 0; i--) {
        homes[(place % partitions) * replicas + Math.floor(place / partitions)] = at;
        place++;
      }
    }
  }
  return homes;
}

class Trader {
  readonly #homes: Homes;
  readonly #replicas: number;
  readonly #hostOf: Int32Array;
  readonly #zoneOf: Int32Array;
  readonly #members: number;
  /** Whether no zone may have two homes of a partition; else every zone must have one. */
  readonly #zonesApart: boolean;
  /** In how many partitions each pair of members meets: [a * members + b] and [b * members + a]. */
  readonly #meetings: Int32Array;
  /** 1 / quota: pairs should meet in proportion to the product of their quotas. */
  readonly #scarcity: Float64Array;

  constructor(domains: Domains, quotas: Int32Array, homes: Homes, replicas: number) {
    this.#homes = homes;
    this.#replicas = replicas;
    this.#hostOf = domains.hostOf;
    this.#zoneOf = domains.zoneOf;
    this.#members = domains.members.length;
    this.#zonesApart = replicas <= domains.zones.length;
    this.#meetings = new Int32Array(this.#members * this.#members);
    this.#scarcity = Float64Array.from(quotas, (quota) => (quota === 0 ? 0 : 1 / quota));
  }

  run(prng: Prng): void {
    const count = this.#homes.length;
    for (let i = SHUFFLES * count; i > 0; i--) this.#shuffle(prng.below(count), prng.below(count));
    for (let at = 0; at < count; at++) this.#meet(at, this.#homes[at] ?? 0, 1);
    // Each meeting was noted by both.
    this.#meetings.forEach((meetings, pair) => (this.#meetings[pair] = meetings / 2));
    for (let i = IMPROVEMENTS * count; i > 0; i--) this.#improve(prng.below(count), prng.below(count));
  }

  #shuffle(at: number, other: number): void {
    if (this.#mayTrade(at, other)) this.#swap(at, other);
  }

  #swap(at: number, other: number): void {
    const member = this.#homes[at] ?? 0;
    this.#homes[at] = this.#homes[other] ?? 0;
    this.#homes[other] = member;
  }

  /** Trades two homes unless that makes the meetings less even. */
  #improve(at: number, other: number): void {
    if (!this.#mayTrade(at, other)) return;
    const change = this.#trade(at, other);
    if (change > 0) this.#trade(at, other);
  }

  /** Returns by how much the sum of squared meetings, each over its pair's quotas, has grown. */
  #trade(at: number, other: number): number {
    const a = this.#homes[at] ?? 0;
    const b = this.#homes[other] ?? 0;
    let change = this.#meet(at, a, -1) + this.#meet(other, b, -1);
    this.#swap(at, other);
    change += this.#meet(at, b, 1) + this.#meet(other, a, 1);
    return change;
  }

  /** Counts the meetings of `member` with the others at its partition, `by` 1 or -1, and returns the change of the sum. */
  #meet(at: number, member: number, by: 1 | -1): number {
    const first = at - (at % this.#replicas);
    let change = 0;
    for (let each = first; each < first + this.#replicas; each++) {
      if (each === at) continue;
      const other = this.#homes[each] ?? 0;
      const pair = member * this.#members + other;
      const before = this.#meetings[pair] ?? 0;
      this.#meetings[pair] = before + by;
      this.#meetings[other * this.#members + member] = before + by;
      change += (2 * by * before + 1) * (this.#scarcity[other] ?? 0);
    }
    return change * (this.#scarcity[member] ?? 0);
  }

  /** Whether two homes of different partitions may take each other's place. */
  #mayTrade(at: number, other: number): boolean {
    const a = this.#homes[at] ?? 0;
    const b = this.#homes[other] ?? 0;
    return a !== b && this.#mayTake(at, b) && this.#mayTake(other, a);
  }

  /** Whether `member` may stand where another stands now. */
  #mayTake(at: number, member: number): boolean {
    const host = this.#hostOf[member];
    const zone = this.#zoneOf[member];
    const leaving = this.#zoneOf[this.#homes[at] ?? 0];
    const first = at - (at % this.#replicas);
    let joins = 0;
    let stay = 0;
    for (let each = first; each < first + this.#replicas; each++) {
      if (each === at) continue;
      const home = this.#homes[each] ?? 0;
      if (this.#hostOf[home] === host) return false;
      if (this.#zoneOf[home] === zone) joins++;
      if (this.#zoneOf[home] === leaving) stay++;
    }
    if (zone === leaving) return true;
    return this.#zonesApart ? joins === 0 : stay > 0;
  }
}
