/**
 * The order of each partition's homes. The first is the usual coordinator, the second coordinates while the first
 * is down, and a namespace with fewer copies uses the first few: so for every k the first k homes are in as many
 * zones as k homes can be, and each member is among them as often as its fair share for k copies says. (For k of
 * two and more nearly so: where weights are very uneven, the shares for two lengths cannot always both be met.)
 *
 * From the last position to the second: of the homes still unplaced, one is put there. A choice for each partition
 * alone takes some members too often; then places are passed on along a shortest chain of partitions to a member
 * that stands there too seldom (augmenting paths: Ford and Fulkerson, "Maximal flow through a network", 1956).
 */
import type { Domains } from "./domains.ts";
import { fairShares } from "./fair-share.ts";
import type { Homes } from "./home-layout.ts";
import { nearWhole } from "./quota.ts";

const NOBODY = -1;

/** Whether every member is first home as often as its share says, rounded down or up. */
export function orderHomes(domains: Domains, quotas: Int32Array, homes: Homes, replicas: number): boolean {
  const order = new HomeOrder(domains, quotas, homes, replicas);
  let fair = true;
  for (let position = replicas - 1; position > 0; position--) fair = order.settle(position);
  return fair;
}

class HomeOrder {
  readonly #domains: Domains;
  readonly #homes: Homes;
  readonly #replicas: number;
  readonly #partitions: number;
  /** How often each member is among the homes that are not placed yet, and how often at the position in hand. */
  readonly #unplaced: Int32Array;
  readonly #placed: Int32Array;
  /** How often one member is second behind another as first: [first * members + second]. */
  readonly #behind: Int32Array;

  constructor(domains: Domains, quotas: Int32Array, homes: Homes, replicas: number) {
    this.#domains = domains;
    this.#homes = homes;
    this.#replicas = replicas;
    this.#partitions = homes.length / replicas;
    this.#unplaced = quotas.slice();
    this.#placed = new Int32Array(quotas.length);
    this.#behind = new Int32Array(quotas.length * quotas.length);
  }

  /**
   * Decides which of the homes up to this position stands at it, so that those before it are a good shorter list.
   * Whether each member is among those before it as often as its share says, rounded down or up.
   */
  settle(position: number): boolean {
    const shares = fairShares(this.#domains, this.#partitions, position).map(nearWhole);
    const due = shares.map((share, at) => (this.#unplaced[at] ?? 0) - share);
    this.#placed.fill(0);
    for (let front = 0; front < this.#homes.length; front += this.#replicas)
      this.#choose(front, position, due);
    const least = due.map(Math.floor);
    const most = due.map(Math.ceil);
    const above = (bounds: Float64Array) => (at: number) => (this.#placed[at] ?? 0) > (bounds[at] ?? 0);
    const below = (bounds: Float64Array) => (at: number) => (this.#placed[at] ?? 0) < (bounds[at] ?? 0);
    while (this.#passOn(position, above(most), below(most))) continue;
    while (this.#passOn(position, above(least), below(least))) continue;
    this.#placed.forEach((placed, at) => (this.#unplaced[at] = (this.#unplaced[at] ?? 0) - placed));
    return this.#placed.every((placed, at) => placed >= (least[at] ?? 0) && placed <= (most[at] ?? 0));
  }

  /** Of the homes that may stand here one that is due, least often in this company, furthest below what is due. */
  #choose(front: number, position: number, due: Float64Array): void {
    let best = NOBODY;
    let bestFull = true;
    let bestTogether = Infinity;
    let bestLevel = Infinity;
    for (let at = front; at <= front + position; at++) {
      if (!this.#mayStand(front, position, at)) continue;
      const member = this.#homes[at] ?? 0;
      const placed = this.#placed[member] ?? 0;
      const full = placed + 1 > (due[member] ?? 0);
      const together = this.#together(front, position, at);
      const level = (placed + 0.5) / Math.max(due[member] ?? 0, Number.MIN_VALUE);
      const better =
        full !== bestFull
          ? bestFull
          : together < bestTogether || (together === bestTogether && level < bestLevel);
      if (best !== NOBODY && !better) continue;
      best = at;
      bestFull = full;
      bestTogether = together;
      bestLevel = level;
    }
    this.#put(front, position, best);
  }

  /** Whether the others up to the position are in as many zones as can be without the home at `leaving`. */
  #mayStand(front: number, position: number, leaving: number): boolean {
    const { zoneOf, zones } = this.#domains;
    if (position < zones.length) return true;
    const zone = zoneOf[this.#homes[leaving] ?? 0];
    for (let at = front; at <= front + position; at++) {
      if (at !== leaving && zoneOf[this.#homes[at] ?? 0] === zone) return true;
    }
    return false;
  }

  /** How often the home at `second` stands already behind the other of two. */
  #together(front: number, position: number, second: number): number {
    if (position > 1) return 0;
    const first = second === front ? front + 1 : front;
    return this.#behind[(this.#homes[first] ?? 0) * this.#placed.length + (this.#homes[second] ?? 0)] ?? 0;
  }

  /** Moves the home at `from` to the position, and counts it. */
  #put(front: number, position: number, from: number): void {
    const member = this.#homes[from] ?? 0;
    this.#homes[from] = this.#homes[front + position] ?? 0;
    this.#homes[front + position] = member;
    this.#count(front, position, 1);
  }

  #count(front: number, position: number, by: 1 | -1): void {
    const member = this.#homes[front + position] ?? 0;
    this.#placed[member] = (this.#placed[member] ?? 0) + by;
    if (position > 1) return;
    const pair = (this.#homes[front] ?? 0) * this.#placed.length + member;
    this.#behind[pair] = (this.#behind[pair] ?? 0) + by;
  }

  /** One place less for a member that gives, one more for one that takes. False when there is no way, or no need. */
  #passOn(position: number, gives: (at: number) => boolean, takes: (at: number) => boolean): boolean {
    /** The home (an index of `#homes`) by which a member can come to stand, or NOBODY for one that gives. */
    const through = new Map<number, number>();
    const queue: number[] = [];
    for (let at = 0; at < this.#placed.length; at++) {
      if (!gives(at)) continue;
      through.set(at, NOBODY);
      queue.push(at);
    }
    if (queue.length === 0) return false;
    const fronts = this.#frontsByMember(position);
    for (const member of queue) {
      for (const front of fronts[member] ?? []) {
        for (let at = front; at < front + position; at++) {
          const other = this.#homes[at] ?? 0;
          if (through.has(other) || !this.#mayStand(front, position, at)) continue;
          through.set(other, at);
          if (takes(other)) {
            this.#passAlong(position, other, through);
            return true;
          }
          queue.push(other);
        }
      }
    }
    return false;
  }

  #passAlong(position: number, taker: number, through: ReadonlyMap<number, number>): void {
    let member = taker;
    for (let from = through.get(member) ?? NOBODY; from !== NOBODY; from = through.get(member) ?? NOBODY) {
      const front = from - (from % this.#replicas);
      member = this.#homes[front + position] ?? 0;
      this.#count(front, position, -1);
      this.#put(front, position, from);
    }
  }

  /** For each member the partitions (their first index of `#homes`) in which it stands at a position. */
  #frontsByMember(position: number): number[][] {
    const fronts = Array.from(this.#placed, (): number[] => []);
    for (let front = 0; front < this.#homes.length; front += this.#replicas) {
      fronts[this.#homes[front + position] ?? 0]?.push(front);
    }
    return fronts;
  }
}
