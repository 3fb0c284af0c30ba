/** What a member does in the background so that its copies are like those of other homes. */
import { Exchanges, type ExchangeStatus } from "../antientropy/exchanges.ts";
import type { Forest } from "../antientropy/forest.ts";
import { TreeServer } from "../antientropy/tree-server.ts";
import type { CoordinatorParts } from "../coordinator/coordination.ts";
import type { Random } from "../ports/random.ts";
import { Scrub } from "../replica/scrub.ts";

export interface UpkeepParts extends CoordinatorParts {
  readonly random: Random;
}

export interface UpkeepStatus {
  /** Slots whose sums are being found out, after a start or a finding of damage. */
  readonly slotsUnknown: number;
  readonly exchanges: readonly ExchangeStatus[];
}

export class Upkeep {
  readonly trees: TreeServer;
  readonly scrub: Scrub;
  readonly #forest: Forest;
  readonly #exchanges: Exchanges;

  constructor(parts: UpkeepParts, forest: Forest) {
    this.#forest = forest;
    this.trees = new TreeServer(parts, forest);
    this.scrub = new Scrub(parts);
    this.#exchanges = new Exchanges({ ...parts, forest }, parts.random);
  }

  start(): void {
    this.#forest.start();
    this.#exchanges.start();
    this.scrub.start();
  }

  status(): UpkeepStatus {
    return { slotsUnknown: this.#forest.unknown, exchanges: this.#exchanges.status() };
  }
}
