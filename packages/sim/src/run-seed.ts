/**
 * One seed from beginning to end:
 *
 * 1. the cluster forms;
 * 2. clients work while the nemesis strikes, until enough has happened;
 * 3. a random core of members heals while all others stay away: what the core can serve has to succeed;
 * 4. everybody heals whose disk is not lost; every key is read from all homes at every member, written once more,
 *    and read again.
 *
 * Then the checkers judge what clients saw and what disks hold.
 */
import { Prng } from "@kvorum/core";
import { Nemesis } from "./faults/nemesis.ts";
import { judge } from "./judge.ts";
import { Afterwards } from "./phases/afterwards.ts";
import { Observer } from "./phases/observer.ts";
import { corePhase } from "./phases/core-phase.ts";
import { happenings } from "./coverage.ts";
import { Client } from "./workloads/client.ts";
import type { Operation, Violation } from "./workloads/history.ts";
import { SerialClient } from "./workloads/serial-client.ts";
import { Walker } from "./workloads/walker.ts";
import { Recorder } from "./workloads/recorder.ts";
import { type CoreCode, composeWith } from "./world/compose.ts";
import type { Tracer } from "./world/event-log.ts";
import { GuardError, guarded, unguarded } from "./world/guard.ts";
import { drawOptions, type WorldOptions } from "./world/options.ts";
import { World } from "./world/world.ts";

export interface SeedReport {
  readonly seed: number;
  readonly options: WorldOptions;
  readonly violations: readonly Violation[];
  readonly events: number;
  readonly operations: readonly Operation[];
  /** The hash of the event log, and what it was every 1,000 events. */
  readonly digest: string;
  readonly checkpoints: readonly string[];
  /** What happened, and how often. */
  readonly happened: ReadonlyMap<string, number>;
  /** For how long clients worked, and how many times the nemesis struck. */
  readonly workedUs: number;
  readonly strikes: number;
}

export interface RunChoices {
  /** The core that runs; a patched copy when a canary flies. */
  readonly code: CoreCode;
  readonly tracer?: Tracer;
  /** What to change of what the seed draws. */
  readonly change?: (options: WorldOptions) => WorldOptions;
}

const FORMING_MS_MAX = 30_000;
/** Clients look this often whether enough has happened. */
const SLICE_MS = 100;

export function runSeed(seed: number, choices: RunChoices): SeedReport {
  const root = new Prng(seed);
  const drawn = drawOptions(seed, root);
  const options = choices.change === undefined ? drawn : choices.change(drawn);
  const { code, tracer = null } = choices;
  const show: Tracer | null = tracer === null ? null : (line) => unguarded(() => tracer(line));
  const world = guarded(() => new World(options, root, composeWith(code, options), show));
  const run = new SeedRun(world, root);
  const violations = run.violations();
  return {
    seed,
    options,
    violations,
    events: world.scheduler.events,
    operations: run.recorder.operations,
    digest: world.log.digest,
    checkpoints: world.log.checkpoints,
    happened: run.happened(),
    workedUs: run.workedUs,
    strikes: run.strikes,
  };
}

class SeedRun {
  readonly #world: World;
  readonly #root: Prng;
  readonly recorder: Recorder;
  readonly #observer: Observer;
  readonly #afterwards: Afterwards;
  #nemesis: Nemesis | null = null;
  workedUs = 0;

  constructor(world: World, root: Prng) {
    this.#world = world;
    this.#root = root;
    this.recorder = new Recorder(world);
    this.#observer = new Observer(world);
    this.#afterwards = new Afterwards(world, this.recorder, this.#observer);
  }

  get strikes(): number {
    return this.#nemesis?.strikeCount ?? 0;
  }

  get #strikesByClass(): ReadonlyMap<string, number> {
    return this.#nemesis?.strikes ?? new Map<string, number>();
  }

  violations(): Violation[] {
    const violations: Violation[] = [];
    try {
      guarded(
        () => {
          this.#form(violations);
          this.#disturb();
          violations.push(...corePhase(this.#world, this.recorder, this.#root.fork("core")));
          violations.push(...this.#afterwards.run());
        },
        () => this.#world.current,
      );
    } catch (error) {
      const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
      const [checker, member] =
        error instanceof GuardError ? ["guard", error.member] : ["assertion", this.#world.current];
      const text = `the code of member ${member} threw\n  ${words}`;
      violations.push({ checker, key: "", text, operations: [] });
    }
    violations.push(...judge(this.#world, this.recorder, this.#afterwards.finalReads, this.#observer));
    for (const member of this.#world.members)
      if (member.process !== null) member.keepCounters(member.process);
    return violations;
  }

  happened(): ReadonlyMap<string, number> {
    return happenings(this.#world, this.recorder, this.#strikesByClass);
  }

  #form(violations: Violation[]): void {
    const world = this.#world;
    world.boot();
    if (world.passUntil(FORMING_MS_MAX, () => world.isWhole(world.ids))) return;
    violations.push({ checker: "liveness", key: "", text: "the cluster did not form", operations: [] });
  }

  #disturb(): void {
    const world = this.#world;
    const { workload } = world.options;
    const nemesis = new Nemesis(world, this.#root);
    this.#nemesis = nemesis;
    const clients = Array.from({ length: workload.clients }, (_, index) => {
      const fork = this.#root.fork(`client-${index + 1}`);
      return new Client(index + 1, this.recorder, world.options, fork);
    });
    const walkers = Array.from({ length: workload.walkers }, (_, index) => {
      const fork = this.#root.fork(`walker-${index + 1}`);
      return new Walker(world, fork, workload.thinkUs >> 2, this.recorder.walks);
    });
    const serial = Array.from({ length: workload.serialClients }, (_, index) => {
      const fork = this.#root.fork(`serial-client-${index + 1}`);
      return new SerialClient(index + 1, this.recorder, world.options, fork);
    });
    const all = [...clients, ...walkers, ...serial];
    for (const one of all) one.start();
    const begunUs = world.scheduler.nowUs;
    for (;;) {
      world.pass(SLICE_MS);
      this.#observer.look();
      const spentUs = world.scheduler.nowUs - begunUs;
      this.workedUs = spentUs;
      if (spentUs >= workload.durationUsMax) break;
      const isEnough =
        spentUs >= workload.durationUsMin &&
        world.scheduler.events >= workload.eventsMin &&
        this.recorder.operations.length >= workload.operationsMin;
      if (isEnough) break;
    }
    for (const one of all) one.stop();
    nemesis.stop();
  }
}
