/**
 * The members that take writes in place of homes that cannot be reached: on hosts where none of the partition's
 * homes or other fallbacks is, in zones where none is as long as there are such, and spread evenly by weight, in all
 * and behind each home: when a member dies, its writes go to all others alike.
 */
import type { Prng } from "../base/prng.ts";
import type { Domains } from "./domains.ts";
import type { Homes } from "./home-layout.ts";

const NOBODY = -1;

/** For each partition its fallbacks, indexes of members, in order; as many for each. */
export function chooseFallbacks(
  domains: Domains,
  homes: Homes,
  replicas: number,
  fallbacksMax: number,
  prng: Prng,
): number[][] {
  const partitions = homes.length / replicas;
  const count = Math.min(fallbacksMax, domains.hosts.length - replicas);
  const lists = Array.from({ length: partitions }, (): number[] => []);
  const chooser = new FallbackChooser(domains);
  for (let position = 0; position < count; position++) {
    chooser.nextPosition();
    lists.forEach((list, partition) => {
      const front = partition * replicas;
      list.push(chooser.choose(homes.subarray(front, front + replicas), list, prng));
    });
  }
  return lists;
}

class FallbackChooser {
  readonly #domains: Domains;
  /** How often each member has been chosen at this position, and behind each home at any. */
  readonly #chosen: Int32Array;
  readonly #behind: Int32Array;
  /** The round (one choice) in which a host or zone was last found taken: nothing needs clearing. */
  readonly #hostTaken: Int32Array;
  readonly #zoneTaken: Int32Array;
  #round = 0;

  constructor(domains: Domains) {
    const members = domains.members.length;
    this.#domains = domains;
    this.#chosen = new Int32Array(members);
    this.#behind = new Int32Array(members * members);
    this.#hostTaken = new Int32Array(domains.hosts.length);
    this.#zoneTaken = new Int32Array(domains.zones.length);
  }

  nextPosition(): void {
    this.#chosen.fill(0);
  }

  choose(homes: Int32Array, fallbacks: readonly number[], prng: Prng): number {
    const { members, hostOf, zoneOf } = this.#domains;
    this.#round++;
    homes.forEach((home) => this.#take(home));
    fallbacks.forEach((fallback) => this.#take(fallback));
    let best = NOBODY;
    let bestZoneTaken = true;
    let bestLevel = Infinity;
    let bestBehind = Infinity;
    // Where the search begins decides between equals.
    const start = prng.below(members.length);
    for (let i = 0; i < members.length; i++) {
      const at = (start + i) % members.length;
      if (this.#hostTaken[hostOf[at] ?? 0] === this.#round) continue;
      const zoneTaken = this.#zoneTaken[zoneOf[at] ?? 0] === this.#round;
      if (zoneTaken && !bestZoneTaken) continue;
      const level = ((this.#chosen[at] ?? 0) + 0.5) / (members[at]?.weight ?? 1);
      const better = zoneTaken !== bestZoneTaken || level < bestLevel;
      if (!better && level > bestLevel) continue;
      const behind = this.#behindOf(homes, at);
      if (!better && behind >= bestBehind) continue;
      best = at;
      bestZoneTaken = zoneTaken;
      bestLevel = level;
      bestBehind = behind;
    }
    this.#note(homes, best);
    return best;
  }

  #take(member: number): void {
    this.#hostTaken[this.#domains.hostOf[member] ?? 0] = this.#round;
    this.#zoneTaken[this.#domains.zoneOf[member] ?? 0] = this.#round;
  }

  #behindOf(homes: Int32Array, member: number): number {
    let sum = 0;
    for (const home of homes) sum += this.#behind[home * this.#domains.members.length + member] ?? 0;
    return sum;
  }

  #note(homes: Int32Array, member: number): void {
    this.#chosen[member] = (this.#chosen[member] ?? 0) + 1;
    for (const home of homes) {
      const pair = home * this.#domains.members.length + member;
      this.#behind[pair] = (this.#behind[pair] ?? 0) + 1;
    }
  }
}
