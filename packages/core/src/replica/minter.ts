/**
 * Mints dots. It keeps the ceiling of the clock ahead (persisted before it is used, in blocks of
 * `clockReserveMs`) and owns this member's run: every boot begins a new one, and so does whatever may have made
 * the member forget a dot it minted.
 */
import { assert } from "../base/assert.ts";
import { Timer } from "../base/timer-wheel.ts";
import type { Limits } from "../config/limits.ts";
import type { Timers } from "../control/timers.ts";
import type { MemberId } from "../model/member.ts";
import type { Storage, StorageError, StorageUser } from "../ports/storage.ts";
import { type ClockMemory, saveClockMemory } from "../storage/metadata-store.ts";
import type { HybridClock } from "../version/hlc.ts";

export interface MintWaiter {
  /** Minting is possible again. */
  onMintable(): void;
}

/** The ceiling is kept ahead for so long after the last dot; an idle member writes nothing. */
const KEEP_AHEAD_MS = 60_000;
/** A member that mints nothing still remembers the clocks it hears, but not more often than this. */
const SAVE_HEARD_MS = 5_000;

/** Persisted along with the ceiling. */
type Remembered = Omit<ClockMemory, "ceiling">;

export class Minter extends Timer implements StorageUser {
  readonly member: MemberId;
  readonly clock: HybridClock;
  readonly #storage: Storage;
  readonly #timers: Timers;
  readonly #limits: Limits;
  readonly #remembered: () => Remembered;
  #runStart = 0;
  #raising = 0;
  /** The highest floor asked for; the next ceiling leaves room above it. */
  #floor = 0;
  #saved = 0;
  #savedBirths = 0;
  #busyUntilMs = 0;
  #saveAtMs = 0;
  #waiters: MintWaiter[] = [];

  constructor(
    member: MemberId,
    clock: HybridClock,
    storage: Storage,
    timers: Timers,
    limits: Limits,
    remembered: () => Remembered,
  ) {
    super();
    this.member = member;
    this.clock = clock;
    this.#storage = storage;
    this.#timers = timers;
    this.#limits = limits;
    this.#remembered = remembered;
  }

  /** The clock at which this member's current run began; 0 before the first ceiling is on disk. */
  get runStart(): number {
    return this.#runStart;
  }

  /** Reserves the first ceiling. `ready` hears when dots can be minted. */
  start(ready: MintWaiter): void {
    this.#timers.after(this, this.#limits.clockReserveMs / 4);
    this.wait(ready);
  }

  /**
   * A clock for a new dot in the current run, above `floor`, which must not be too far ahead (see
   * `HybridClock.tooFarAhead`). 0: the ceiling must be raised first; call `wait`, and mint again when it says so.
   */
  mint(floor: number): number {
    if (floor > this.#floor) this.#floor = floor;
    if (this.#runStart === 0) return 0;
    const minted = this.clock.mint(floor);
    if (minted !== 0) this.#keepAhead();
    return minted;
  }

  wait(waiter: MintWaiter): void {
    this.#waiters.push(waiter);
    this.#raise();
  }

  /**
   * Begins a new run for all keys: dots minted from now on claim nothing of what this member minted before. To be
   * called whenever it may have forgotten something, such as when a damaged record was replaced. 0 as in `mint`.
   */
  beginRun(): number {
    const start = this.clock.mint(0);
    if (start !== 0) this.#runStart = start;
    return start;
  }

  override onTimer(nowMs: number): void {
    if (nowMs < this.#busyUntilMs) this.#raiseIfLow();
    if (this.#raising === 0 && this.#hasNews(nowMs)) {
      this.#raising = this.clock.ceiling;
      this.#save();
    }
    this.#timers.after(this, this.#limits.clockReserveMs / 4);
  }

  onStored(_tag: number, error: StorageError | null): void {
    assert(error === null, "a failed append stops the member before it is answered");
    this.clock.raiseCeiling(this.#raising);
    this.#raising = 0;
    if (this.#runStart === 0) this.beginRun();
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter.onMintable();
  }

  onRows(): void {
    assert(false, "the minter reads nothing");
  }

  #keepAhead(): void {
    this.#busyUntilMs = this.#timers.nowMs() + KEEP_AHEAD_MS;
  }

  /** A birth is learned once for each peer, and waits for nothing: a peer forgotten is one that may be wiped unseen. */
  #hasNews(nowMs: number): boolean {
    const { heard, births } = this.#remembered();
    return births.size > this.#savedBirths || (nowMs >= this.#saveAtMs && newestOf(heard) > this.#saved);
  }

  #save(): void {
    const remembered = this.#remembered();
    this.#saved = newestOf(remembered.heard);
    this.#savedBirths = remembered.births.size;
    this.#saveAtMs = this.#timers.nowMs() + SAVE_HEARD_MS;
    saveClockMemory(this.#storage, { ...remembered, ceiling: this.#raising }, this, 0);
  }

  #raiseIfLow(): void {
    const { clockReserveMs } = this.#limits;
    if (this.clock.reserveLeftMs() >= clockReserveMs / 2) return;
    if (this.clock.nextCeiling(clockReserveMs) > this.clock.ceiling) this.#raise();
  }

  #raise(): void {
    if (this.#raising !== 0) return;
    this.#raising = this.clock.nextCeiling(this.#limits.clockReserveMs, this.#floor);
    this.#save();
  }
}

function newestOf(heard: ReadonlyMap<MemberId, number>): number {
  let newest = 0;
  for (const clock of heard.values()) if (clock > newest) newest = clock;
  return newest;
}
