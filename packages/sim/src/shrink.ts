/**
 * Makes a failing seed small: leaves out classes of faults, then time, members, clients and keys, then whatever makes
 * the world uneven, then single strikes (delta debugging: Zeller and Hildebrandt, "Simplifying and Isolating
 * Failure-Inducing Input", 2002). A change stays if the same checker still finds something.
 */
import { type SeedReport, runSeed } from "./run-seed.ts";
import type { CoreCode } from "./world/compose.ts";
import type { WorldOptions } from "./world/options.ts";

export interface Shrunk {
  /** The smallest run that still fails. */
  readonly report: SeedReport;
  readonly checker: string;
  readonly runs: number;
}

const RUNS_MAX = 300;
const TIME_FACTORS = [0.25, 0.5, 0.75, 0.9] as const;

type Change = (options: WorldOptions) => WorldOptions;

/** Null when the seed does not fail. `tell` hears what was left out. */
export function shrink(seed: number, code: CoreCode, tell: (line: string) => void): Shrunk | null {
  const first = runSeed(seed, { code });
  const [violation] = first.violations;
  if (violation === undefined) return null;
  return new Shrinking(seed, code, first, violation.checker, tell).run();
}

class Shrinking {
  readonly #seed: number;
  readonly #code: CoreCode;
  readonly #checker: string;
  readonly #tell: (line: string) => void;
  #best: SeedReport;
  #runs = 1;

  constructor(
    seed: number,
    code: CoreCode,
    first: SeedReport,
    checker: string,
    tell: (line: string) => void,
  ) {
    this.#seed = seed;
    this.#code = code;
    this.#best = first;
    this.#checker = checker;
    this.#tell = tell;
  }

  run(): Shrunk {
    for (let before = -1; before !== this.#size() && this.#runs < RUNS_MAX;) {
      before = this.#size();
      this.#dropFaults();
      this.#shorten();
      this.#dropPeople();
      this.#flatten();
    }
    this.#dropStrikes();
    this.#shorten();
    return { report: this.#best, checker: this.#checker, runs: this.#runs };
  }

  /** What getting smaller means, in one number. */
  #size(): number {
    const { options, events } = this.#best;
    return events + 1000 * (options.faults.length + options.members + options.workload.clients);
  }

  #try(what: string, change: Change): boolean {
    if (this.#runs >= RUNS_MAX) return false;
    this.#runs++;
    const options = change(this.#best.options);
    const report = runSeed(this.#seed, { code: this.#code, change: () => options });
    if (!report.violations.some(({ checker }) => checker === this.#checker)) return false;
    this.#best = report;
    this.#tell(
      `${String(this.#runs).padStart(4)}  ${what}: ${report.events} events, ${report.operations.length} operations`,
    );
    return true;
  }

  #dropFaults(): void {
    if (this.#best.options.faults.length > 1)
      this.#try("no faults at all", (options) => ({ ...options, faults: [] }));
    for (const kind of this.#best.options.faults) {
      this.#try(`no ${kind}`, (options) => ({
        ...options,
        faults: options.faults.filter((other) => other !== kind),
      }));
    }
  }

  #shorten(): void {
    for (const factor of TIME_FACTORS) {
      while (
        this.#try(`${Math.round(100 * factor)} % of the time`, (options) => this.#lasting(options, factor))
      );
    }
  }

  #lasting(options: WorldOptions, factor: number): WorldOptions {
    const durationUs = Math.round(this.#best.workedUs * factor);
    const workload = {
      ...options.workload,
      eventsMin: 0,
      operationsMin: 0,
      durationUsMin: durationUs,
      durationUsMax: durationUs,
    };
    return { ...options, workload };
  }

  #dropPeople(): void {
    const { members, replicas, workload } = this.#best.options;
    for (let fewer = 1; fewer < members; fewer++) {
      const change: Change = (options) => ({
        ...options,
        members: fewer,
        replicas: Math.min(fewer, options.replicas),
        machines: options.machines.slice(0, fewer),
      });
      if (this.#try(`${fewer} members`, change)) break;
    }
    for (let fewer = 1; fewer < replicas; fewer++) {
      if (this.#try(`n=${fewer}`, (options) => ({ ...options, replicas: fewer }))) break;
    }
    for (const clients of [1, 2, workload.clients >> 1, workload.clients - 1]) {
      if (clients < 1 || clients >= this.#best.options.workload.clients) continue;
      if (this.#try(`${clients} clients`, inWorkload({ clients }))) break;
    }
    if (workload.keys > 1) this.#try("1 key", inWorkload({ keys: 1 }));
  }

  /** Everything even and calm that need not be otherwise. */
  #flatten(): void {
    const { workload } = this.#best.options;
    const families: readonly WorldOptions["workload"]["families"][] = [
      [100, 0, 0],
      [0, 0, 100],
      [0, 100, 0],
    ];
    if (Math.max(...workload.families) < 100)
      for (const only of families) if (this.#try("one family of keys", inWorkload({ families: only }))) break;
    if (workload.ttlPercent > 0) this.#try("nothing expires", inWorkload({ ttlPercent: 0 }));
    if (workload.serialClients > 0) this.#try("no serial clients", inWorkload({ serialClients: 0 }));
    if (workload.walkers > 0) this.#try("no walkers", inWorkload({ walkers: 0 }));
    if (workload.touchEvery > 0) this.#try("no touches", inWorkload({ touchEvery: 0 }));
    if (workload.impatiencePercent > 0) this.#try("patient clients", inWorkload({ impatiencePercent: 0 }));
    if (workload.osPercent > 0) this.#try("fsync only", inWorkload({ osPercent: 0 }));
    if (workload.quorums !== "majority") this.#try("majorities only", inWorkload({ quorums: "majority" }));
    if (workload.valueBytesMax > 16) this.#try("small values", inWorkload({ valueBytesMax: 16 }));
    const { machines, network, turnUsMax } = this.#best.options;
    if (machines.some(({ clockOffsetMs, clockDriftPpm }) => clockOffsetMs !== 0 || clockDriftPpm !== 0)) {
      const even = machines.map(() => ({ clockOffsetMs: 0, clockDriftPpm: 0 }));
      this.#try("clocks agree", (options) => ({ ...options, machines: even }));
    }
    if (network.splitOneIn + network.lingerOneIn > 0) {
      const whole = { ...network, splitOneIn: 0, lingerOneIn: 0 };
      this.#try("chunks stay whole", (options) => ({ ...options, network: whole }));
    }
    if (turnUsMax > 0) this.#try("short turns", (options) => ({ ...options, turnUsMax: 0 }));
  }

  /** Leaves out ever smaller parts of the strikes. */
  #dropStrikes(): void {
    for (let parts = 2; ; parts *= 2) {
      const left = this.#strikesLeft();
      if (left.length === 0) return;
      const size = Math.ceil(left.length / parts);
      for (let from = left.length - size; from > -size; from -= size) {
        const dropped = left.slice(Math.max(0, from), from + size);
        const skipping: Change = (options) => ({
          ...options,
          skippedStrikes: [...options.skippedStrikes, ...dropped].toSorted((a, b) => a - b),
        });
        this.#try(`without ${dropped.length} of ${left.length} strikes`, skipping);
      }
      if (size === 1 || this.#runs >= RUNS_MAX) return;
    }
  }

  #strikesLeft(): number[] {
    const { strikes, options } = this.#best;
    const skipped = new Set(options.skippedStrikes);
    return Array.from({ length: strikes }, (_, index) => index + 1).filter((strike) => !skipped.has(strike));
  }
}

function inWorkload(change: Partial<WorldOptions["workload"]>): Change {
  return (options) => ({ ...options, workload: { ...options.workload, ...change } });
}
