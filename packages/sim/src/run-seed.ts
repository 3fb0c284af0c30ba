/**
 * One seed from beginning to end: clients work while the nemesis strikes; then everything heals, everything is read
 * from all homes at every member, and every key is written and read once more. Then the checkers judge.
 */
import { type MemberId, Prng } from "@kvorum/core";
import { checkDurability } from "./checkers/durability-ledger.ts";
import { checkAgreement, checkLiveness } from "./checkers/liveness.ts";
import { checkReads } from "./checkers/quorum-reads.ts";
import { Nemesis } from "./faults/nemesis.ts";
import type { Operation, Violation } from "./workloads/history.ts";
import { Recorder } from "./workloads/recorder.ts";
import { RegisterClient } from "./workloads/register-client.ts";
import type { Wish } from "./workloads/stage.ts";
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
}

export interface RunChoices {
  /** The core that runs; a patched copy when a canary flies. */
  readonly code: CoreCode;
  readonly tracer?: Tracer;
  /** What to change of what the seed draws. */
  readonly change?: (options: WorldOptions) => WorldOptions;
}

const FORMING_MS_MAX = 30_000;
const HEALING_MS_MAX = 60_000;
/** Longer than any operation of a client and any retry of the network. */
const SETTLING_MS = 5_000;
const FINAL_TIMEOUT_MS = 10_000;

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
  };
}

class SeedRun {
  readonly #world: World;
  readonly #root: Prng;
  readonly recorder: Recorder;
  #nemesis: Nemesis | null = null;

  constructor(world: World, root: Prng) {
    this.#world = world;
    this.#root = root;
    this.recorder = new Recorder(world);
  }

  violations(): Violation[] {
    const violations: Violation[] = [];
    let finalReads: readonly Operation[] = [];
    try {
      guarded(
        () => {
          this.#form(violations);
          this.#disturb();
          this.#heal(violations);
          finalReads = this.#readAll();
          this.#writeAll();
        },
        () => this.#world.current,
      );
    } catch (error) {
      const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
      const [checker, member] =
        error instanceof GuardError ? ["guard", error.member] : ["assertion", this.#world.current];
      violations.push(worldly(checker, `the code of member ${member} threw\n  ${words}`));
    }
    this.#checkFatals(violations);
    const okReads = finalReads.filter(({ ending }) => ending === "ok");
    violations.push(
      ...checkDurability(this.recorder, okReads),
      ...checkReads(this.recorder),
      ...checkLiveness(this.recorder),
      ...checkAgreement(okReads),
    );
    return violations;
  }

  happened(): ReadonlyMap<string, number> {
    const happened = new Map<string, number>();
    const add = (name: string, count: number) => happened.set(name, (happened.get(name) ?? 0) + count);
    for (const { kind, ending, code } of this.recorder.operations) add(`${kind} ${ending} ${code}`, 1);
    for (const [kind, count] of this.#nemesis?.strikes ?? []) add(`fault ${kind}`, count);
    for (const member of this.#world.members) {
      for (const [name, count] of member.events) add(`event ${name}`, count);
    }
    return happened;
  }

  #form(violations: Violation[]): void {
    const world = this.#world;
    world.boot();
    if (!world.passUntil(FORMING_MS_MAX, () => world.isWhole))
      violations.push(worldly("liveness", "the cluster did not form"));
  }

  #disturb(): void {
    const world = this.#world;
    const { workload } = world.options;
    const untilUs = world.scheduler.nowUs + workload.durationUs;
    this.#nemesis = new Nemesis(world, this.#root);
    for (let client = 1; client <= workload.clients; client++) {
      const fork = this.#root.fork(`client-${client}`);
      new RegisterClient(client, this.recorder, world.options, fork, untilUs).start();
    }
    world.pass(workload.durationUs / 1000);
    this.#nemesis.stop();
  }

  #heal(violations: Violation[]): void {
    const world = this.#world;
    world.healAll();
    if (!world.passUntil(HEALING_MS_MAX, () => world.isWhole)) {
      violations.push(worldly("liveness", "the cluster did not become whole after healing"));
    }
    world.pass(SETTLING_MS);
    this.recorder.abandon();
  }

  /** Every key, from all homes, at every member. */
  #readAll(): readonly Operation[] {
    const keys = [...new Set(this.recorder.operations.map(({ key }) => key))].toSorted();
    const first = this.recorder.operations.length;
    this.#readEach(keys);
    return this.recorder.operations.slice(first);
  }

  /** All that is accepted now succeeds. */
  #writeAll(): void {
    const keys = [...new Set(this.recorder.operations.map(({ key }) => key))].toSorted();
    keys.forEach((key, index) => this.#ask(key, this.#world.ids[index % this.#world.ids.length] ?? 1, "put"));
    this.#finish();
    this.#readEach(keys);
  }

  #readEach(keys: readonly string[]): void {
    for (const key of keys) {
      for (const member of this.#world.ids) this.#ask(key, member, "get");
      this.#finish();
    }
  }

  #ask(key: string, member: MemberId, kind: Wish["kind"]): void {
    const wish: Wish = {
      client: 0,
      member,
      kind,
      key,
      homes: this.#world.options.replicas,
      durability: "fsync",
      context: null,
      valueBytes: 24,
      timeoutMs: FINAL_TIMEOUT_MS,
      isAfterHealing: true,
    };
    this.recorder.ask(wish, { onEnded: () => undefined });
  }

  #finish(): void {
    const { recorder } = this;
    this.#world.passUntil(2 * FINAL_TIMEOUT_MS, () => recorder.running === 0);
  }

  /** A member stops of itself only when its disk has failed it. */
  #checkFatals(violations: Violation[]): void {
    const excused = this.#nemesis?.strikes.get("failed-sync") ?? 0;
    const fatals = this.#world.members.flatMap((member) => member.fatals);
    if (fatals.length > excused)
      violations.push(worldly("fatal", `members stopped of themselves: ${fatals.join(", ")}`));
  }
}

function worldly(checker: string, text: string): Violation {
  return { checker, key: "", text, operations: [] };
}
