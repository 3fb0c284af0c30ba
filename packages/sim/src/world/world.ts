/**
 * A cluster under virtual time. Everything that can be done to it is a method here: the nemesis draws what it does,
 * a directed schedule says it.
 */
import { type MemberId, type Prng, type Topology, formTopology } from "@kvorum/core";
import { MachineClock } from "./clock.ts";
import { SimDisk } from "./disk.ts";
import { EventLog, type Tracer } from "./event-log.ts";
import { Network } from "./network.ts";
import type { WorldOptions } from "./options.ts";
import { Scheduler } from "./scheduler.ts";
import { topologyOf } from "./topology.ts";
import { type Compose, SimMember, type Surroundings } from "./sim-member.ts";

export class World {
  readonly options: WorldOptions;
  /** As sound code forms it, whatever the members' own code does. */
  readonly topology: Topology;
  readonly scheduler: Scheduler;
  readonly log: EventLog;
  readonly network: Network;
  readonly members: readonly SimMember[];
  readonly #surroundings: Surroundings;
  /** Of the wall clocks, at the beginning. */
  readonly #offsetsMs: readonly number[];

  constructor(options: WorldOptions, root: Prng, compose: Compose, tracer: Tracer | null) {
    this.options = options;
    this.topology = topologyOf({ formTopology }, options);
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
    this.#offsetsMs = options.machines.map(({ clockOffsetMs }) => clockOffsetMs);
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

  /** Cuts both ways between two members. */
  cut(a: MemberId, b: MemberId): void {
    this.network.cut(a, b);
    this.network.cut(b, a);
  }

  /** Everybody whose disk is not lost. */
  get lasting(): readonly MemberId[] {
    return this.members.filter(({ diskLostUs }) => diskLostUs === Infinity).map(({ id }) => id);
  }

  /**
   * These run, every way between them is open, their disks, ways and clocks are as they were at the beginning. What
   * is lost stays lost.
   */
  heal(ids: readonly MemberId[]): void {
    this.healWays(ids);
    for (const a of ids) {
      const member = this.member(a);
      member.disk.heal();
      if (member.clock.offsetMs !== this.#offsetsMs[a - 1]) member.stepClock(this.#offsetsMs[a - 1] ?? 0);
      member.resume();
      member.boot();
    }
  }

  /** Every way between these is open, and as fast as it was. */
  healWays(ids: readonly MemberId[]): void {
    for (const a of ids) {
      for (const b of ids) {
        if (a === b) continue;
        this.network.heal(a, b);
        this.network.slow(a, b, 1);
      }
    }
  }

  healAll(): void {
    this.heal(this.lasting);
  }

  /** Whether each of these serves, reaches every other, and may coordinate. */
  isWhole(ids: readonly MemberId[]): boolean {
    return ids.every((id) => {
      const api = this.member(id).process?.api ?? null;
      if (api === null) return false;
      const { state, clock } = api.status();
      return state === "serving" && !clock.suspended && ids.every((other) => api.reachable(other));
    });
  }
}
