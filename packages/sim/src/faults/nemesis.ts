/**
 * The faults of a seed. Each class has its own stream and its own rhythm, so that a class that is switched off
 * changes nothing in the others. Whatever is broken is mended after a while, and at the end by `World.healAll`.
 */
import type { MemberId, Prng } from "@kvorum/core";
import { between, exponential, oneIn, pick } from "../world/draws.ts";
import type { FileCall } from "../world/disk-ports.ts";
import { CLOCK_SPREAD_MS, type FaultClass } from "../world/options.ts";
import type { Target } from "../world/scheduler.ts";
import type { World } from "../world/world.ts";
import { damageRecord, isAnythingDamaged } from "./damage.ts";

const STRIKE = 0;

/** A clock that is set wrong by a person, or by a time zone. */
const CLOCK_LEAP_MS = 3_600_000;

/** How often, and how many times, a disk is looked at until it is busy. */
const BUSY_LOOK_US = 100;
const BUSY_LOOKS = 200;

/** Mean time between two strikes, as a multiple of the seed's own. */
const RHYTHM: Readonly<Partial<Record<FaultClass, number>>> = {
  stall: 0.5,
  damage: 0.1,
  "full-disk": 2,
  "clock-leap": 3,
  "lost-disk": 3,
};

const FAILING: readonly [FileCall, ...FileCall[]] = [
  "datasync",
  "datasync",
  "datasync",
  "write",
  "syncDirectory",
  "unlink",
];

export class Nemesis {
  #isOver = false;
  #number = 0;
  readonly #skipped: ReadonlySet<number>;
  readonly #strikes = new Map<FaultClass, number>();

  constructor(world: World, root: Prng) {
    this.#skipped = new Set(world.options.skippedStrikes);
    for (const kind of world.options.faults) {
      const striker = new Striker(kind, world, root.fork(`nemesis-${kind}`), this);
      striker.next();
    }
  }

  /** Strikes are numbered; some may be left out, to see which of them matter. */
  mayStrike(): boolean {
    return !this.#skipped.has(++this.#number);
  }

  /** How many there were, left out or not. */
  get strikeCount(): number {
    return this.#number;
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
  /** When it strikes. */
  readonly #rhythm: Prng;
  /** What this strike does: each draws from a stream of its own, so that leaving one out shifts none. */
  #random: Prng;
  readonly #nemesis: Nemesis;
  #strikes = 0;

  constructor(kind: FaultClass, world: World, random: Prng, nemesis: Nemesis) {
    this.#kind = kind;
    this.#world = world;
    this.#rhythm = random;
    this.#random = random;
    this.#nemesis = nemesis;
  }

  next(): void {
    const everyUs = this.#world.options.faultEveryUs * (RHYTHM[this.#kind] ?? 1);
    this.#world.scheduler.after(1 + exponential(this.#rhythm, everyUs), this, STRIKE);
  }

  onDue(): void {
    if (this.#nemesis.isOver) return;
    this.#random = this.#rhythm.fork(`strike-${++this.#strikes}`);
    if (this.#nemesis.mayStrike() && this.#strike() !== false) this.#nemesis.count(this.#kind);
    this.next();
  }

  /** False: there was nothing to strike at. */
  #strike(): boolean | void {
    switch (this.#kind) {
      case "kill":
        return this.#crash((id) => this.#world.member(id).kill());
      case "power-cut":
        return this.#crash((id) => this.#cutPower(id, BUSY_LOOKS));
      case "pause":
        return this.#pause(pick(this.#random, [50_000, this.#mendUsMax, 4_000_000, 30_000_000]));
      case "stall":
        return this.#pause(pick(this.#random, [5_000, 100_000, 500_000]));
      case "cut":
        return this.#cut();
      case "reset":
        return this.#pair((a, b) => this.#world.network.reset(a, b));
      case "ghost":
        return this.#pair((a, b) => {
          const forUs = between(this.#random, 1_000, this.#mendUsMax);
          this.#world.network.ghost(Math.min(a, b), Math.max(a, b), forUs);
        });
      case "slow-link":
        return this.#slowLink();
      case "slow-disk":
        return this.#slowDisk();
      case "full-disk":
        return this.#fullDisk();
      case "failed-io":
        return this.#failedIo();
      case "damage":
        return this.#damage();
      case "lost-disk":
        return this.#lostDisk();
      case "clock-step":
        return this.#clockStep();
      case "clock-leap":
        return this.#clockLeap();
    }
  }

  /** Usually one member, sometimes all at once; each comes back on its own. */
  #crash(strike: (id: MemberId) => void): void {
    const ids = oneIn(this.#random, 8) ? this.#world.ids : [this.#anyone()];
    for (const id of ids) {
      strike(id);
      this.#later(between(this.#random, 30_000, Math.max(30_000, this.#mendUsMax)), () =>
        this.#world.member(id).boot(),
      );
    }
  }

  /** While something is on its way to the disk, if that is to be had: then there is most to lose. */
  #cutPower(id: MemberId, looks: number): void {
    const machine = this.#world.member(id);
    if (machine.disk.isSyncing || looks === 0) machine.powerCut();
    else this.#later(BUSY_LOOK_US, () => this.#cutPower(id, looks - 1));
  }

  #pause(usMax: number): void {
    const id = this.#anyone();
    this.#world.member(id).pause();
    this.#later(between(this.#random, 1_000, usMax), () => this.#world.member(id).resume());
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

  #fullDisk(): void {
    const { disk } = this.#world.member(this.#anyone());
    disk.isFull = true;
    this.#later(between(this.#random, 10_000, this.#mendUsMax), () => {
      disk.isFull = false;
    });
  }

  /** The member stops of itself, and is started again. Often its machine goes down with the disk. */
  #failedIo(): void {
    const machine = this.#world.member(this.#anyone());
    machine.disk.failNext(pick(this.#random, FAILING));
    if (!oneIn(this.#random, 4))
      this.#later(between(this.#random, 1_000, 100_000), () => machine.powerCut("everything"));
    this.#later(between(this.#random, 100_000, this.#mendUsMax), () => machine.boot());
  }

  /** Nothing is damaged beside a lost disk: what only the two of them held would be gone. */
  #damage(): boolean {
    if (this.#world.lasting.length < this.#world.ids.length) return false;
    const id = this.#anyone();
    this.#later(this.#mendUsMax, () => this.#world.member(id).disk.misread.clear());
    return damageRecord(this.#world, id, this.#random);
  }

  /**
   * Once in a seed, and only where every key has another home. Half of those to whom it happens put an empty disk in
   * its place and start the member as if nothing were.
   */
  #lostDisk(): boolean {
    const world = this.#world;
    const isAlone = world.options.replicas < 2;
    if (isAlone || world.lasting.length < world.ids.length || isAnythingDamaged(world)) return false;
    const machine = world.member(this.#anyone());
    machine.loseDisk();
    if (oneIn(this.#random, 2))
      this.#later(between(this.#random, 10_000, this.#mendUsMax), () => machine.bootWhatIsThere());
    return true;
  }

  #clockStep(): void {
    this.#world.member(this.#anyone()).stepClock(between(this.#random, -CLOCK_SPREAD_MS, CLOCK_SPREAD_MS));
  }

  /** An hour ahead or back, and set right after a while; often the member is started again in between. */
  #clockLeap(): boolean {
    const machine = this.#world.member(this.#anyone());
    const before = machine.clock.offsetMs;
    if (Math.abs(before) > CLOCK_SPREAD_MS) return false;
    machine.stepClock(before + (oneIn(this.#random, 2) ? CLOCK_LEAP_MS : -CLOCK_LEAP_MS));
    const forUs = between(this.#random, 10_000, 2 * this.#mendUsMax);
    if (oneIn(this.#random, 2)) {
      this.#later(forUs / 4, () => machine.kill());
      this.#later(forUs / 2, () => machine.boot());
    }
    this.#later(forUs, () => machine.stepClock(before));
    return true;
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

  /** Once the nemesis is over, what is left is mended by whoever heals the world. */
  #later(delayUs: number, mend: () => void): void {
    const onDue = (): void => {
      if (!this.#nemesis.isOver) mend();
    };
    this.#world.scheduler.after(delayUs, { onDue }, 0);
  }
}
