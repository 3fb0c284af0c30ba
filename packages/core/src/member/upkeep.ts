/** What a member does in the background so that its copies are like those of other homes. */
import { Exchanges, type ExchangeStatus } from "../antientropy/exchanges.ts";
import type { Forest } from "../antientropy/forest.ts";
import { TreeServer } from "../antientropy/tree-server.ts";
import type { CoordinatorParts } from "../coordinator/coordination.ts";
import type { Hints } from "../hints/hints.ts";
import type { TargetStatus } from "../hints/hint-tally.ts";
import type { MemberId } from "../model/member.ts";
import type { Random } from "../ports/random.ts";

export interface UpkeepParts extends CoordinatorParts {
  readonly random: Random;
  readonly hints: Hints;
}

export interface UpkeepStatus {
  /** Slots whose sums are being found out, after a start or a finding of damage. */
  readonly slotsUnknown: number;
  readonly exchanges: readonly ExchangeStatus[];
  /** For each member for which there are hints, or were since the start. */
  readonly hints: readonly TargetStatus[];
}

export class Upkeep {
  readonly trees: TreeServer;
  readonly #forest: Forest;
  readonly #exchanges: Exchanges;
  readonly #hints: Hints;

  constructor(parts: UpkeepParts, forest: Forest) {
    this.#forest = forest;
    this.#hints = parts.hints;
    this.trees = new TreeServer(parts, forest);
    this.#exchanges = new Exchanges({ ...parts, forest }, parts.random);
  }

  start(): void {
    this.#forest.start();
    this.#exchanges.start();
    this.#hints.start();
  }

  /** It can be reached again. */
  onPeerUp(peer: MemberId): void {
    this.#hints.onPeerUp(peer);
  }

  status(): UpkeepStatus {
    return {
      slotsUnknown: this.#forest.unknown,
      exchanges: this.#exchanges.status(),
      hints: this.#hints.status(),
    };
  }
}
