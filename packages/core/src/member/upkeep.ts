/** What a member does in the background so that its copies are like those of other homes. */
import { Exchanges, type ExchangeStatus, type Proof } from "../antientropy/exchanges.ts";
import type { Forest, PartitionSize } from "../antientropy/forest.ts";
import { TreeServer } from "../antientropy/tree-server.ts";
import type { CoordinatorParts } from "../coordinator/coordination.ts";
import type { Hints } from "../hints/hints.ts";
import type { TargetStatus } from "../hints/hint-tally.ts";
import type { MemberId } from "../model/member.ts";
import type { Random } from "../ports/random.ts";
import { Scrub } from "../replica/scrub.ts";

export interface UpkeepParts extends CoordinatorParts {
  readonly random: Random;
  readonly hints: Hints;
}

export interface UpkeepStatus {
  /** Slots whose sums are being found out, after a start or a finding of damage. */
  readonly slotsUnknown: number;
  /** In this time the turn of each peer comes. */
  readonly exchangeEveryMs: number;
  readonly exchanges: readonly ExchangeStatus[];
  /** For each member for which there are hints, or were since the start. */
  readonly hints: readonly TargetStatus[];
}

/** A partition as one of its homes sees it. */
export interface PartitionStatus extends PartitionSize {
  readonly partition: number;
  readonly homes: readonly MemberId[];
  /** As this member found it; a peer may have later ones. */
  readonly proofs: readonly Proof[];
}

export class Upkeep {
  readonly #parts: UpkeepParts;
  readonly trees: TreeServer;
  readonly scrub: Scrub;
  readonly #forest: Forest;
  readonly #exchanges: Exchanges;
  readonly #hints: Hints;

  constructor(parts: UpkeepParts, forest: Forest) {
    this.#parts = parts;
    this.#forest = forest;
    this.#hints = parts.hints;
    this.trees = new TreeServer(parts, forest);
    this.scrub = new Scrub(parts);
    this.#exchanges = new Exchanges({ ...parts, forest }, parts.random);
  }

  start(): void {
    this.#forest.start();
    this.#exchanges.start();
    this.#hints.start();
    this.scrub.start();
  }

  /** It can be reached again. */
  onPeerUp(peer: MemberId): void {
    this.#hints.onPeerUp(peer);
  }

  status(): UpkeepStatus {
    const { exchangeEveryMs } = this.#parts.limits;
    return {
      slotsUnknown: this.#forest.unknown,
      exchangeEveryMs,
      exchanges: this.#exchanges.status(),
      hints: this.#hints.status(),
    };
  }

  /**
   * Of `count` partitions from `first` on, those that this member is a home of. Nothing is read for it: what a slot holds
   * is counted with its sums.
   */
  partitions(first: number, count: number): PartitionStatus[] {
    const { topology, self } = this.#parts;
    return topology.preferenceLists.slice(first, first + count).flatMap(({ homes }, i) => {
      const partition = first + i;
      if (!homes.includes(self)) return [];
      const proofs = this.#exchanges.proofsOf(partition);
      return [{ partition, homes, ...this.#forest.sizeOf(partition), proofs }];
    });
  }
}
