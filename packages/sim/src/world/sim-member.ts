/**
 * One machine of the cluster, with its clock and disk, and the processes that run on it one after the other. A
 * process that dies simply hears nothing more: what was under way for it is dropped when it comes. A paused one hears
 * everything when it goes on, in order and in one burst.
 */
import type {
  Alarm,
  Clock,
  Engine,
  EventFields,
  EventLevel,
  Events,
  Files,
  LinkInputs,
  MemberApi,
  MemberId,
  Prng,
  Random,
  Transport,
} from "@kvorum/core";
import { SimAlarm } from "./alarm.ts";
import { type MachineClock, ProcessClock } from "./clock.ts";
import { between } from "./draws.ts";
import type { PowerLoss, SimDisk } from "./disk.ts";
import type { EventLog } from "./event-log.ts";
import type { Host } from "./host.ts";
import type { Network } from "./network.ts";
import type { Scheduler, Target } from "./scheduler.ts";
import { SimTransport } from "./transport.ts";

/** Core, composed for one process. */
export interface CoreProcess {
  /** Null until the storage has been opened. */
  readonly member: (MemberApi & LinkInputs) | null;
  onAlarm(): void;
  onTurnEnd(): void;
}

/** Everything core is given. */
export interface ProcessPorts {
  readonly clock: Clock;
  readonly alarm: Alarm;
  readonly random: Random;
  readonly transport: Transport;
  readonly files: Files;
  readonly engine: Engine;
  readonly events: Events;
  readonly freeDiskBytes: () => number;
}

/** `onReady` is called when there is a member, before it starts. */
export type Compose = (member: MemberId, ports: ProcessPorts, onReady: () => void) => CoreProcess;

/** What all machines of a world share. */
export interface Surroundings {
  readonly scheduler: Scheduler;
  readonly log: EventLog;
  readonly network: Network;
  readonly compose: Compose;
  /** The longest that a burst of inputs lasts before its turn ends. */
  readonly turnUsMax: number;
  /** The member whose code runs now, for blaming an assertion. */
  current: MemberId;
}

export type MachineState = "running" | "paused" | "dead" | "unpowered";

export class SimMember {
  readonly id: MemberId;
  readonly disk: SimDisk;
  readonly clock: MachineClock;
  readonly #surroundings: Surroundings;
  readonly #random: Prng;
  #process: SimProcess | null = null;
  #boots = 0;
  #hasPower = true;
  /** The last process died, and the world has not seen it yet. */
  #isDying = false;
  #powerCutsUs: number[] = [];
  #diskLostUs = Infinity;
  #ownMs = 0;
  /** Codes with which processes stopped of themselves. */
  readonly fatals: string[] = [];
  /** How often each event was reported, and what processes counted until they died. */
  readonly events = new Map<string, number>();

  constructor(id: MemberId, disk: SimDisk, clock: MachineClock, random: Prng, surroundings: Surroundings) {
    this.id = id;
    this.disk = disk;
    this.clock = clock;
    this.#random = random;
    this.#surroundings = surroundings;
  }

  get state(): MachineState {
    if (this.#process !== null && this.#process.isAlive) return this.#process.isPaused ? "paused" : "running";
    return this.#hasPower ? "dead" : "unpowered";
  }

  /** The process that lives now. */
  get process(): SimProcess | null {
    return this.#process !== null && this.#process.isAlive ? this.#process : null;
  }

  /** It runs, and its storage has been opened. */
  get hasRecovered(): boolean {
    return this.process !== null && this.process.api !== null;
  }

  get powerCutsUs(): readonly number[] {
    return this.#powerCutsUs;
  }

  /** The highest that it has called the time by its own clocks: the wall's, and what its processes counted on from it. */
  get ownMs(): number {
    this.#ownMs = Math.max(this.#ownMs, this.clock.highestMs, this.process?.countedMs ?? 0);
    return this.#ownMs;
  }

  /** When its disk was replaced by an empty one; Infinity while it has its own. */
  get diskLostUs(): number {
    return this.#diskLostUs;
  }

  /** A machine whose disk is lost stays away: its member's id is used no more. */
  boot(): void {
    if (this.#diskLostUs === Infinity) this.bootWhatIsThere();
  }

  /** Also with an empty disk in place of the member's own, as somebody does who knows no better. */
  bootWhatIsThere(): void {
    if (this.process !== null || this.#isDying) return;
    this.#hasPower = true;
    this.#boots++;
    this.#note("boot", this.#boots);
    const random = this.#random.fork(`boot-${this.#boots}`);
    this.#process = new SimProcess(this, random, this.#surroundings);
  }

  /** As kill -9: the machine goes on. */
  kill(): void {
    if (this.process === null && !this.#isDying) return;
    this.#end("crash");
    this.disk.afterKill();
    this.#surroundings.network.silence(this.id, true);
  }

  /** Also of a machine whose process is dead: what that had not synced is lost now. */
  powerCut(loss: PowerLoss = "drawn"): void {
    this.#end("power-cut");
    this.#hasPower = false;
    this.#powerCutsUs.push(this.#surroundings.scheduler.nowUs);
    this.disk.afterPowerCut(loss);
    this.#surroundings.network.silence(this.id, false);
  }

  /** The disk is gone, and the process with it. */
  loseDisk(): void {
    if (this.#diskLostUs < Infinity) return;
    this.#end("disk-lost");
    this.#diskLostUs = this.#surroundings.scheduler.nowUs;
    this.disk.lose();
    this.#surroundings.network.silence(this.id, true);
  }

  /** Takes over what a process has counted; called when it ends. */
  keepCounters(process: SimProcess): void {
    this.#ownMs = Math.max(this.#ownMs, process.countedMs);
    const status = process.api?.status();
    if (status === undefined) return;
    const { counters, conflicts, upkeep, budget, scrub, hints } = status;
    this.#count("counter second-rounds", counters.secondRounds);
    this.#count("counter divergent-reads", counters.divergentReads);
    this.#count("counter read-repairs", counters.readRepairs);
    this.#count("counter read-repairs-failed", counters.readRepairsFailed);
    this.#count("counter read-repairs-skipped", counters.readRepairsSkipped);
    this.#count("counter background-halved", budget.halvings);
    this.#count("counter records-scrubbed", scrub.keys);
    this.#count("counter damaged-records", counters.damagedRecords);
    this.#count("counter forwarded", counters.forwarded);
    this.#count("counter conflicts-noted", conflicts.noted);
    for (const name of ["noted", "delivered", "dropped", "refused"] as const)
      this.#count(`counter hints-${name}`, hints[name]);
    for (const { repaired } of upkeep.exchanges) this.#count("counter keys-exchanged", repaired);
  }

  #count(name: string, count: number): void {
    if (count > 0) this.events.set(name, (this.events.get(name) ?? 0) + count);
  }

  /** The process has stopped of itself. The world sees it as the next thing that happens. */
  stopped(code: string): void {
    this.#isDying = true;
    this.fatals.push(code);
    this.#surroundings.scheduler.after(0, { onDue: () => this.kill() }, 0);
  }

  pause(): void {
    if (this.process === null || this.process.isPaused) return;
    this.#note("pause", 0);
    this.process.pause();
  }

  resume(): void {
    if (this.process === null || !this.process.isPaused) return;
    this.#note("resume", 0);
    this.process.resume();
  }

  stepClock(offsetMs: number): void {
    this.#note("clock", offsetMs);
    this.clock.offsetMs = offsetMs;
  }

  #end(kind: "crash" | "power-cut" | "disk-lost"): void {
    this.#note(kind, 0);
    this.#isDying = false;
    if (this.#process !== null) this.#process.end();
  }

  #note(
    kind: "boot" | "crash" | "power-cut" | "disk-lost" | "pause" | "resume" | "clock",
    detail: number,
  ): void {
    const { log, scheduler } = this.#surroundings;
    log.note(scheduler.nowUs, this.id, kind, detail);
    if (log.tracing) log.trace(scheduler.nowUs, this.id, kind, detail === 0 ? "" : `${detail}`);
  }
}

const TURN = 0;

const FREE_DISK_BYTES = 2 ** 40;

export class SimProcess implements Host, Target, Events {
  readonly member: MemberId;
  readonly #machine: SimMember;
  readonly #surroundings: Surroundings;
  readonly #random: Random;
  readonly #core: CoreProcess;
  readonly #transport: SimTransport;
  readonly #clock: ProcessClock;
  readonly #bootMs: number;
  #isAlive = true;
  #isPaused = false;
  #pauses = 0;
  #isTurnArmed = false;
  #parked: { readonly target: Target; readonly tag: number }[] = [];

  constructor(machine: SimMember, random: Prng, surroundings: Surroundings) {
    this.member = machine.id;
    this.#machine = machine;
    this.#surroundings = surroundings;
    this.#random = random.fork("turns");
    const { scheduler, network, compose } = surroundings;
    const clock = new ProcessClock(machine.clock, scheduler.nowUs);
    this.#clock = clock;
    this.#bootMs = clock.wallMs();
    const transport = new SimTransport(this, network);
    this.#transport = transport;
    const { files, engine } = machine.disk.mount(this);
    const alarm = new SimAlarm(this, clock, scheduler, { onAlarm: () => this.#core.onAlarm() });
    surroundings.current = machine.id;
    const freeDiskBytes = () => (machine.disk.isFull ? 0 : FREE_DISK_BYTES);
    const ports = {
      clock,
      alarm,
      random: random.fork("core"),
      transport,
      files,
      engine,
      events: this,
      freeDiskBytes,
    };
    network.powerOn(machine.id);
    this.#core = compose(machine.id, ports, () => network.listen(transport));
    this.#armTurn();
  }

  /** Null until its storage has been opened: it does not listen before that. */
  get api(): MemberApi | null {
    return this.#core.member;
  }

  get links(): LinkInputs {
    const { member } = this.#core;
    if (member === null) throw new Error("a process has no links before it listens");
    return member;
  }

  /** The wall clock at its start, and what has passed since. */
  get countedMs(): number {
    return this.#bootMs + this.#clock.monoMs();
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** How often it has been paused so far. */
  get pauses(): number {
    return this.#pauses;
  }

  admits(target: Target, tag: number): boolean {
    if (!this.#isAlive) return false;
    if (this.#isPaused) {
      this.#parked.push({ target, tag });
      return false;
    }
    this.#surroundings.current = this.member;
    this.#armTurn();
    return true;
  }

  end(): void {
    if (this.#isAlive) this.#machine.keepCounters(this);
    this.#isAlive = false;
    this.#parked = [];
  }

  pause(): void {
    this.#isPaused = true;
    this.#pauses++;
  }

  resume(): void {
    this.#isPaused = false;
    const parked = this.#parked;
    this.#parked = [];
    for (const { target, tag } of parked) target.onDue(tag);
  }

  onDue(tag: number): void {
    if (!this.#isAlive) return;
    if (this.#isPaused) {
      this.#parked.push({ target: this, tag });
      return;
    }
    const { scheduler, log } = this.#surroundings;
    this.#isTurnArmed = false;
    this.#surroundings.current = this.member;
    log.note(scheduler.nowUs, this.member, "turn", 0);
    this.#core.onTurnEnd();
    this.#transport.flush();
  }

  event(level: EventLevel, name: string, text: string, fields: EventFields): void {
    if (!this.#isAlive) return;
    const { log, scheduler } = this.#surroundings;
    this.#machine.events.set(name, (this.#machine.events.get(name) ?? 0) + 1);
    if (log.tracing) {
      log.trace(scheduler.nowUs, this.member, "note", `${level} ${name}: ${text} ${JSON.stringify(fields)}`);
    }
  }

  /** Nothing more gets out of this process; what its death does to the world follows when it has returned. */
  fatal(code: string, text: string): void {
    if (!this.#isAlive) return;
    const { log, scheduler } = this.#surroundings;
    log.note(scheduler.nowUs, this.member, "fatal", 0);
    if (log.tracing) log.trace(scheduler.nowUs, this.member, "fatal", `${code}: ${text}`);
    this.end();
    this.#machine.stopped(code);
  }

  #armTurn(): void {
    if (this.#isTurnArmed) return;
    this.#isTurnArmed = true;
    this.#surroundings.scheduler.after(between(this.#random, 0, this.#surroundings.turnUsMax), this, TURN);
  }
}
