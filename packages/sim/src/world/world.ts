/**
 * A cluster under virtual time. Everything that can be done to it is a method here: the nemesis draws what it does,
 * a directed schedule says it.
 */
import type { MemberId, Prng } from "@kvorum/core";
import { MachineClock } from "./clock.ts";
import { SimDisk } from "./disk.ts";
import { EventLog, type Tracer } from "./event-log.ts";
import { Network } from "./network.ts";
import type { WorldOptions } from "./options.ts";
import { Scheduler } from "./scheduler.ts";
import { type Compose, SimMember, type Surroundings } from "./sim-member.ts";

export class World {
  readonly options: WorldOptions;
  readonly scheduler: Scheduler;
  readonly log: EventLog;
  readonly network: Network;
  readonly members: readonly SimMember[];
  readonly #surroundings: Surroundings;

  constructor(options: WorldOptions, root: Prng, compose: Compose, tracer: Tracer | null) {
    this.options = options;
    this.scheduler = new Scheduler(root.fork("schedule"));
    this.log = new EventLog(tracer);
    const { scheduler, log } = this;
    this.network = new Network(options.members, scheduler, root.fork("network"), log, options.network);
    const surroundings = {
      scheduler,
      log,
      network: this.network,
      compose,
      turnUsMax: options.turnUsMax,
      current: 0,
    };
    this.#surroundings = surroundings;
    this.members = options.machines.map(({ clockOffsetMs, clockDriftPpm }, index) => {
      const id = index + 1;
      const disk = new SimDisk(id, scheduler, root.fork(`disk-${id}`), log, options.disk);
      const clock = new MachineClock(scheduler, clockDriftPpm, clockOffsetMs);
      return new SimMember(id, disk, clock, root.fork(`member-${id}`), surroundings);
    });
  }

  /** The member whose code ran last: whom to blame for an assertion. */
  get current(): MemberId {
    return this.#surroundings.current;
  }

  get ids(): readonly MemberId[] {
    return this.members.map(({ id }) => id);
  }

  member(id: MemberId): SimMember {
    const member = this.members[id - 1];
    if (member === undefined) throw new RangeError(`there is no member ${id}`);
    return member;
  }

  boot(): void {
    for (const member of this.members) member.boot();
  }

  /** Lets virtual time pass. */
  pass(ms: number): void {
    this.scheduler.run(this.scheduler.nowUs + ms * 1000, null);
  }

  /** Lets time pass until it is so, looking every 20 ms. False: it never was. */
  passUntil(msMax: number, isSo: () => boolean): boolean {
    const endUs = this.scheduler.nowUs + msMax * 1000;
    while (!isSo()) {
      if (this.scheduler.nowUs >= endUs) return false;
      this.pass(20);
    }
    return true;
  }

  /** Cuts (or heals) both ways between two members. */
  cut(a: MemberId, b: MemberId): void {
    this.network.cut(a, b);
    this.network.cut(b, a);
  }

  heal(a: MemberId, b: MemberId): void {
    this.network.heal(a, b);
    this.network.heal(b, a);
  }

  /** Everybody runs, every way is open, disks and ways are as fast as they were. Clocks stay as they are. */
  healAll(): void {
    for (const a of this.ids) {
      for (const b of this.ids) {
        if (a === b) continue;
        this.network.heal(a, b);
        this.network.slow(a, b, 1);
      }
    }
    for (const member of this.members) {
      member.disk.heal();
      member.resume();
      member.boot();
    }
  }

  /** Whether every member serves and reaches every other. */
  get isWhole(): boolean {
    return this.members.every(({ process }) => {
      const api = process?.api ?? null;
      if (api === null || api.status().state !== "serving") return false;
      return this.ids.every((id) => api.reachable(id));
    });
  }
}
