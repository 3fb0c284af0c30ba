/**
 * The faults of a seed. Each class has its own stream and its own rhythm, so that a class that is switched off
 * changes nothing in the others. Whatever is broken is mended after a while, and at the end by `World.healAll`.
 */
import type { MemberId, Prng } from "@kvorum/core";
import { between, exponential, oneIn, pick } from "../world/draws.ts";
import type { FaultClass } from "../world/options.ts";
import type { Target } from "../world/scheduler.ts";
import type { World } from "../world/world.ts";

const STRIKE = 0;

/** A step of the wall clock stays within this, so that any two members stay within what they bear. */
const CLOCK_STEP_MS = 2_000;

export class Nemesis {
  #isOver = false;
  readonly #strikes = new Map<FaultClass, number>();

  constructor(world: World, root: Prng) {
    for (const kind of world.options.faults) {
      const striker = new Striker(kind, world, root.fork(`nemesis-${kind}`), this);
      striker.next();
    }
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** How often each class has struck. */
  get strikes(): ReadonlyMap<FaultClass, number> {
    return this.#strikes;
  }

  stop(): void {
    this.#isOver = true;
  }

  count(kind: FaultClass): void {
    this.#strikes.set(kind, (this.#strikes.get(kind) ?? 0) + 1);
  }
}

/** One class of faults. */
class Striker implements Target {
  readonly #kind: FaultClass;
  readonly #world: World;
  readonly #random: Prng;
  readonly #nemesis: Nemesis;

  constructor(kind: FaultClass, world: World, random: Prng, nemesis: Nemesis) {
    this.#kind = kind;
    this.#world = world;
    this.#random = random;
    this.#nemesis = nemesis;
  }

  next(): void {
    const { faultEveryUs } = this.#world.options;
    this.#world.scheduler.after(1 + exponential(this.#random, faultEveryUs), this, STRIKE);
  }

  onDue(): void {
    if (this.#nemesis.isOver) return;
    this.#nemesis.count(this.#kind);
    this.#strike();
    this.next();
  }

  #strike(): void {
    switch (this.#kind) {
      case "kill":
        return this.#crash((id) => this.#world.member(id).kill());
      case "power-cut":
        return this.#crash((id) => this.#world.member(id).powerCut());
      case "pause":
        return this.#pause();
      case "cut":
        return this.#cut();
      case "reset":
        return this.#pair((a, b) => this.#world.network.reset(a, b));
      case "slow-link":
        return this.#slowLink();
      case "slow-disk":
        return this.#slowDisk();
      case "failed-sync":
        return this.#failedSync();
      case "clock-step":
        return this.#clockStep();
    }
  }

  /** Usually one member, sometimes all at once; each comes back on its own. */
  #crash(strike: (id: MemberId) => void): void {
    const ids = oneIn(this.#random, 8) ? this.#world.ids : [this.#anyone()];
    for (const id of ids) {
      strike(id);
      this.#later(between(this.#random, 1_000, this.#mendUsMax), () => this.#world.member(id).boot());
    }
  }

  #pause(): void {
    const id = this.#anyone();
    this.#world.member(id).pause();
    this.#later(between(this.#random, 1_000, pick(this.#random, [50_000, this.#mendUsMax, 4_000_000])), () =>
      this.#world.member(id).resume(),
    );
  }

  /** One way, both ways, or a member cut off from everybody. */
  #cut(): void {
    const manner = between(this.#random, 0, 2);
    const forUs = between(this.#random, 10_000, pick(this.#random, [200_000, this.#mendUsMax, 6_000_000]));
    const { network, ids } = this.#world;
    const ways: (readonly [MemberId, MemberId])[] = [];
    if (manner === 2) {
      const id = this.#anyone();
      for (const other of ids) if (other !== id) ways.push([id, other], [other, id]);
    } else {
      this.#pair((a, b) => {
        ways.push([a, b]);
        if (manner === 1) ways.push([b, a]);
      });
    }
    for (const [from, to] of ways) network.cut(from, to);
    this.#later(forUs, () => {
      for (const [from, to] of ways) network.heal(from, to);
    });
  }

  #slowLink(): void {
    const factor = pick(this.#random, [3, 30, 300]);
    this.#pair((a, b) => {
      this.#world.network.slow(a, b, factor);
      this.#later(between(this.#random, 10_000, this.#mendUsMax), () => this.#world.network.slow(a, b, 1));
    });
  }

  #slowDisk(): void {
    const { disk } = this.#world.member(this.#anyone());
    disk.slowness = pick(this.#random, [5, 50]);
    this.#later(between(this.#random, 10_000, this.#mendUsMax), () => {
      disk.slowness = 1;
    });
  }

  /** The member stops of itself, and is started again. */
  #failedSync(): void {
    const id = this.#anyone();
    this.#world.member(id).disk.failNextSync();
    this.#later(between(this.#random, 100_000, this.#mendUsMax), () => this.#world.member(id).boot());
  }

  #clockStep(): void {
    this.#world.member(this.#anyone()).stepClock(between(this.#random, -CLOCK_STEP_MS, CLOCK_STEP_MS));
  }

  /** What strikes often is mended soon, or nothing would be left to look at. */
  get #mendUsMax(): number {
    return this.#world.options.faultEveryUs;
  }

  #anyone(): MemberId {
    return between(this.#random, 1, this.#world.ids.length);
  }

  #pair(act: (a: MemberId, b: MemberId) => void): void {
    const count = this.#world.ids.length;
    if (count < 2) return;
    const a = this.#anyone();
    act(a, ((a - 1 + between(this.#random, 1, count - 1)) % count) + 1);
  }

  #later(delayUs: number, mend: () => void): void {
    this.#world.scheduler.after(delayUs, { onDue: mend }, 0);
  }
}
