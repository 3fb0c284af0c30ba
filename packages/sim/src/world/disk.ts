/**
 * A machine's disk: the journal's files and the engine. It outlives processes. What a process that is killed had
 * written stays, synced or not; what was not synced is at the mercy of the next power cut, also when another
 * process has read it in the meantime.
 *
 * Files: a call takes effect when it completes, in one step. Of the calls under way when the process dies the first
 * few, as drawn, have still taken effect. Engine: as MemoryEngine has it; a power cut leaves a prefix of the writes
 * since the last flush, as an unsynced write-ahead log does.
 */
import {
  type Bytes,
  type Engine,
  type FileError,
  type Files,
  type FileUser,
  ForgetfulFiles,
  MemoryEngine,
  type MemberId,
  type Random,
  type Survival,
} from "@kvorum/core";
import { between, exponential, oneIn } from "./draws.ts";
import { type FileCall, type FileCalls, SimEngine, SimFiles } from "./disk-ports.ts";
import type { EventLog } from "./event-log.ts";
import type { Host } from "./host.ts";
import { Misread } from "./misread.ts";
import type { Scheduler, Target } from "./scheduler.ts";

export interface DiskOptions {
  /** Mean latencies, exponentially distributed above a fifth of themselves. */
  readonly writeUs: number;
  readonly syncUs: number;
  readonly readUs: number;
}

/** What of the unsynced a power cut takes. */
export type PowerLoss = "everything" | "drawn";

const LOSE_EVERYTHING: Survival = { keepsSector: () => false, keepsChange: () => false };

const IO_ERROR: FileError = { code: "EIO", text: "input/output error" };

export class SimDisk implements FileCalls {
  readonly #member: MemberId;
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #log: EventLog;
  readonly #options: DiskOptions;
  #files: ForgetfulFiles;
  #engine: MemoryEngine;
  #host: Host | null = null;
  /** Calls to files under way, the oldest first. */
  #fileCalls: PendingFileCall[] = [];
  /** Calls to the engine under way, the oldest first. */
  #engineCalls: PendingEngineCall[] = [];
  /** The next call of this kind fails. */
  #failing: FileCall | null = null;
  readonly misread = new Misread();
  #failures = 0;
  #holdsSyncs = false;
  #held: PendingFileCall[] = [];
  /** All latencies are multiplied; 1 is usual. */
  slowness = 1;
  /** Nothing is left but what is reserved: the member is told so. */
  isFull = false;

  constructor(member: MemberId, scheduler: Scheduler, random: Random, log: EventLog, options: DiskOptions) {
    this.#member = member;
    this.#scheduler = scheduler;
    this.#random = random;
    this.#log = log;
    this.#options = options;
    this.#files = this.#newFiles(new Map());
    this.#engine = this.#newEngine([]);
  }

  /** The ports for a new process. */
  mount(host: Host): { readonly files: Files; readonly engine: Engine } {
    this.#host = host;
    this.misread.restarted();
    return { files: new SimFiles(this, host), engine: new SimEngine(this.#engine, this.misread, host) };
  }

  /** The process is dead (its host says so already). */
  afterKill(): void {
    this.#endCalls(false);
  }

  /** Of what was under way some is done, or nothing: a sync in the air would save what is to be lost. */
  #endCalls(inVain: boolean): void {
    const pending = this.#takeFileCalls();
    const done = inVain ? 0 : between(this.#random, 0, pending.length);
    for (const call of pending.slice(0, done)) call.takeEffect();
    // What the engine had been given is with the operating system. Nobody is left to hear of it.
    for (const call of this.#engineCalls.splice(0)) call.deliver();
  }

  /** The process is dead, and what was not synced is lost: all of it, or as drawn. */
  afterPowerCut(loss: PowerLoss): void {
    this.#endCalls(loss === "everything");
    const survival = loss === "everything" ? LOSE_EVERYTHING : this.#drawSurvival();
    this.#files = this.#newFiles(this.#files.remains(survival));
    const unflushed = this.#engine.unflushedWrites;
    const losesAll = loss === "everything" || oneIn(this.#random, 3);
    const kept = losesAll ? 0 : between(this.#random, 0, unflushed);
    this.#engine = this.#newEngine(this.#engine.remains(kept));
  }

  /** The disk is replaced by a new one. The process must be dead. */
  lose(): void {
    this.afterKill();
    this.misread.clear();
    this.#failing = null;
    this.#files = this.#newFiles(new Map());
    this.#engine = this.#newEngine([]);
  }

  /** How many calls have failed so far. */
  get failures(): number {
    return this.#failures + this.misread.failures;
  }

  /** The next call of this kind fails, and with it whatever the process makes of that. */
  failNext(kind: FileCall): void {
    this.#failing = kind;
  }

  /** What the engine holds now. */
  rows(): readonly (readonly [Bytes, Bytes])[] {
    return this.#engine.remains(Infinity);
  }

  /** What of it no power cut can take away. */
  durableRows(): readonly (readonly [Bytes, Bytes])[] {
    return this.#engine.remains(0);
  }

  /** A byte of a stored value changes. */
  spoil(key: Bytes, at: number): void {
    this.#engine.spoil(key, at);
    this.note("engine", "spoil", at);
  }

  /** The disk is as good and as fast as new. */
  heal(): void {
    this.#failing = null;
    this.misread.clear();
    this.slowness = 1;
    this.isFull = false;
    this.holdSyncs(false);
  }

  /** Whether anything is on its way to stable storage. */
  get isSyncing(): boolean {
    return this.#fileCalls.some(({ kind }) => kind === "datasync");
  }

  /** While held, no datasync completes. */
  holdSyncs(isHeld: boolean): void {
    this.#holdsSyncs = isHeld;
    if (!isHeld) for (const call of this.#held.splice(0)) this.#scheduler.after(0, call, 0);
  }

  /** For `SimFiles`. */
  callFile(host: Host, kind: FileCall, bytes: number, run: (user: FileUser) => void, user: FileUser): void {
    if (!host.isAlive) return;
    const call = new PendingFileCall(this, host, kind, bytes, run, user);
    this.#fileCalls.push(call);
    this.#scheduler.after(this.#latencyUs(kind, bytes), call, 0);
  }

  /** For `PendingFileCall`: whether it may complete now. */
  completes(call: PendingFileCall, kind: FileCall): boolean {
    if (kind === "datasync" && this.#holdsSyncs) {
      this.#held.push(call);
      return false;
    }
    this.#fileCalls.splice(this.#fileCalls.indexOf(call), 1);
    return true;
  }

  note(kind: "file" | "engine", operation: string, bytes: number): void {
    this.#log.note(this.#scheduler.nowUs, this.#member, kind, bytes);
    if (this.#log.tracing) {
      this.#log.trace(this.#scheduler.nowUs, this.#member, kind, `${operation} ${bytes} bytes`);
    }
  }

  /** For `PendingEngineCall`. */
  forget(call: PendingEngineCall): void {
    this.#engineCalls.splice(this.#engineCalls.indexOf(call), 1);
  }

  get inner(): ForgetfulFiles {
    return this.#files;
  }

  #takeFileCalls(): PendingFileCall[] {
    this.#held = [];
    return this.#fileCalls.splice(0);
  }

  #newFiles(contents: ReadonlyMap<string, Bytes>): ForgetfulFiles {
    return new ForgetfulFiles((_operation, _bytes, deliver) => deliver(), contents, {
      fault: ({ operation }) => this.#faultOf(operation),
    });
  }

  #newEngine(rows: readonly (readonly [Bytes, Bytes])[]): MemoryEngine {
    return new MemoryEngine((operation, bytes, deliver) => {
      const host = this.#host;
      if (host === null || !host.isAlive) return;
      const call = new PendingEngineCall(this, host, operation, bytes, deliver);
      this.#engineCalls.push(call);
      this.#scheduler.after(
        this.#latencyUs(operation === "engine-flush" ? "datasync" : "read", bytes),
        call,
        0,
      );
    }, rows);
  }

  #faultOf(operation: FileCall): FileError | null {
    if (operation !== this.#failing) return null;
    this.#failures++;
    this.#failing = null;
    return IO_ERROR;
  }

  #latencyUs(kind: FileCall, bytes: number): number {
    const { writeUs, syncUs, readUs } = this.#options;
    const isSync = kind === "datasync" || kind === "syncDirectory";
    const meanUs = isSync ? syncUs : kind === "write" ? writeUs : readUs;
    return Math.round((meanUs / 5 + exponential(this.#random, meanUs) + bytes / 1000) * this.slowness);
  }

  /** All, nothing, or each sector and change by a throw of its own. */
  #drawSurvival(): Survival {
    const manner = between(this.#random, 0, 3);
    const keeps = () => (manner === 0 ? false : manner === 1 ? true : oneIn(this.#random, 2));
    const isTorn = !oneIn(this.#random, 4);
    const filler = () => (isTorn ? between(this.#random, 0, 255) : 0);
    return { keepsSector: keeps, keepsChange: keeps, filler };
  }
}

class PendingFileCall implements Target {
  readonly #disk: SimDisk;
  readonly #host: Host;
  readonly kind: FileCall;
  readonly #bytes: number;
  readonly #run: (user: FileUser) => void;
  readonly #user: FileUser;

  constructor(
    disk: SimDisk,
    host: Host,
    kind: FileCall,
    bytes: number,
    run: (user: FileUser) => void,
    user: FileUser,
  ) {
    this.#disk = disk;
    this.#host = host;
    this.kind = kind;
    this.#bytes = bytes;
    this.#run = run;
    this.#user = user;
  }

  /** It was done, but the process did not live to hear of it. */
  takeEffect(): void {
    this.#run(NOBODY);
  }

  onDue(): void {
    if (!this.#host.admits(this, 0) || !this.#disk.completes(this, this.kind)) return;
    this.#disk.note("file", this.kind, this.#bytes);
    this.#run(this.#user);
  }
}

const NOBODY: FileUser = { onFile: () => undefined, onNames: () => undefined };

class PendingEngineCall implements Target {
  readonly #disk: SimDisk;
  readonly #host: Host;
  readonly #operation: string;
  readonly #bytes: number;
  readonly deliver: () => void;

  constructor(disk: SimDisk, host: Host, operation: string, bytes: number, deliver: () => void) {
    this.#disk = disk;
    this.#host = host;
    this.#operation = operation;
    this.#bytes = bytes;
    this.deliver = deliver;
  }

  onDue(): void {
    if (!this.#host.admits(this, 0)) return;
    this.#disk.forget(this);
    this.#disk.note("engine", this.#operation, this.#bytes);
    this.deliver();
  }
}
