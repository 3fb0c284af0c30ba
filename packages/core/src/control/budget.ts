/**
 * What a member may do in the background, all together: operations and bytes in a second. It grows by steps while
 * requests and the event loop are as fast as they should be, and halves when they are not, down to a floor at which
 * everything still goes on. So it finds by itself what the machine has to spare, and yields first in an incident.
 *
 * Nobody is refused who waits: he is called when it is his turn. The order of claims is that of `CLAIMS`; of sixteen
 * turns the last in that order who waits has one, so that nobody waits for ever.
 *
 * It runs only while there is something to do. An operation is paid for before it begins; its bytes when they are known,
 * and until they are paid for nothing else begins.
 */
import { Timer } from "../base/timer-wheel.ts";
import type { Limits } from "../config/limits.ts";
import { LatencyTracker } from "./latency-tracker.ts";
import type { Timers } from "./timers.ts";

/** Most urgent first. */
export const CLAIMS = ["hints", "readRepair", "exchange", "scrub"] as const;

export type Claim = (typeof CLAIMS)[number];

export interface BudgetWaiter {
  /** It may begin now, and has been counted as one operation. Called once, possibly inside `request`. */
  onGranted(): void;
}

export interface BudgetParts {
  readonly timers: Timers;
  readonly limits: Limits;
  /** By how much what comes in now may have been delayed here, in ms. */
  readonly lateMs: () => number;
}

/** Plain data. Rates are per second. */
export interface BudgetStatus {
  readonly operationsRate: number;
  readonly operationsRateMax: number;
  readonly bytesRate: number;
  readonly bytesRateMax: number;
  /** The 99th percentile of the requests that this member coordinated lately; 0 without any. */
  readonly foregroundTailMs: number;
  /** How often it was halved. */
  readonly halvings: number;
  /** Who waits for his turn, what was begun and what it came to in bytes. */
  readonly waiting: Readonly<Record<Claim, number>>;
  readonly operations: Readonly<Record<Claim, number>>;
  readonly bytes: Readonly<Record<Claim, number>>;
}

/** How often it grows or halves. */
const CONTROL_MS = 250;
/** From nothing to all of it takes so many steps, when nothing speaks against it. */
const STEPS = 160;
/** Who waits is looked at so often. */
const PACE_MS = 10;
/** What was not used is kept for so long. */
const BURST_MS = 20;
/** Of so many turns the least urgent has one. */
const TURNS = 16;

class Account {
  readonly waiting: BudgetWaiter[] = [];
  operations = 0;
  bytes = 0;
}

export class Budget extends Timer {
  readonly #parts: BudgetParts;
  readonly #latencies: LatencyTracker;
  readonly #accounts: Readonly<Record<Claim, Account>> = {
    hints: new Account(),
    readRepair: new Account(),
    exchange: new Account(),
    scrub: new Account(),
  };
  /** Operations per second, now and at most; bytes go with it. */
  #rate: number;
  #rateMax: number;
  #bytesRateMax: number;
  #tokens = 1;
  #byteTokens = 1;
  #filledMs: number;
  #controlMs: number;
  /** The latest that a timer has fired since the last step. */
  #lateMs = 0;
  #halvings = 0;
  #turns = 0;
  /** Something was asked for since the last step. */
  #isUsed = false;
  #isGranting = false;

  constructor(parts: BudgetParts) {
    super();
    this.#parts = parts;
    const nowMs = parts.timers.nowMs();
    this.#latencies = new LatencyTracker(nowMs);
    this.#filledMs = nowMs;
    this.#controlMs = nowMs;
    this.#rateMax = parts.limits.backgroundOpsMax;
    this.#bytesRateMax = parts.limits.backgroundBytesMax;
    this.#rate = this.#rateMin;
  }

  /** How long a request took that ended well; those that failed say more of others than of this machine. */
  onForeground(durationMs: number): void {
    this.#latencies.add(durationMs, this.#parts.timers.nowMs());
  }

  /** One operation, when it is its turn. */
  request(claim: Claim, waiter: BudgetWaiter): void {
    this.#accounts[claim].waiting.push(waiter);
    this.#wake();
    this.#grant();
  }

  /** How many wait for their turn. */
  waiting(claim: Claim): number {
    return this.#accounts[claim].waiting.length;
  }

  /** One operation of so many bytes, now or not at all: false when there is no room, or somebody waits for it. */
  tryTake(claim: Claim, bytes: number): boolean {
    this.#wake();
    if (this.#awaited().length > 0 || !this.#hasRoom()) return false;
    this.#take(this.#accounts[claim]);
    this.charge(claim, bytes);
    return true;
  }

  /** What an operation came to. */
  charge(claim: Claim, bytes: number): void {
    this.#accounts[claim].bytes += bytes;
    this.#byteTokens -= bytes;
  }

  /** Sets the most that it may come to, per second, until the next start. Both at least 1. */
  adjust(operations: number, bytes: number): void {
    this.#rateMax = operations;
    this.#bytesRateMax = bytes;
    this.#rate = Math.min(this.#rate, operations);
  }

  status(): BudgetStatus {
    const of = (value: (account: Account) => number): Readonly<Record<Claim, number>> => {
      const { hints, readRepair, exchange, scrub } = this.#accounts;
      return {
        hints: value(hints),
        readRepair: value(readRepair),
        exchange: value(exchange),
        scrub: value(scrub),
      };
    };
    return {
      operationsRate: Math.round(this.#rate),
      operationsRateMax: this.#rateMax,
      bytesRate: Math.round(this.#bytesRate),
      bytesRateMax: this.#bytesRateMax,
      foregroundTailMs: this.#latencies.p99Ms(this.#parts.timers.nowMs()),
      halvings: this.#halvings,
      waiting: of(({ waiting }) => waiting.length),
      operations: of(({ operations }) => operations),
      bytes: of(({ bytes }) => bytes),
    };
  }

  override onTimer(nowMs: number): void {
    this.#lateMs = Math.max(this.#lateMs, nowMs - this.dueMs);
    if (nowMs >= this.#controlMs) this.#control(nowMs);
    this.#grant();
    if (this.#awaited().length > 0) this.#parts.timers.after(this, PACE_MS);
    else if (this.#isUsed) this.#parts.timers.at(this, Math.max(this.#controlMs, nowMs + PACE_MS));
  }

  get #rateMin(): number {
    return Math.min(this.#parts.limits.backgroundOpsMin, this.#rateMax);
  }

  get #bytesRate(): number {
    return (this.#bytesRateMax * this.#rate) / this.#rateMax;
  }

  /** Those that somebody waits at, most urgent first. */
  #awaited(): Account[] {
    return CLAIMS.map((claim) => this.#accounts[claim]).filter(({ waiting }) => waiting.length > 0);
  }

  #wake(): void {
    this.#isUsed = true;
    if (this.scheduled) return;
    const { timers } = this.#parts;
    const nowMs = timers.nowMs();
    // It has rested: nobody has watched meanwhile.
    if (nowMs >= this.#controlMs) this.#controlMs = nowMs + CONTROL_MS;
    timers.after(this, PACE_MS);
  }

  #control(nowMs: number): void {
    const { limits, lateMs } = this.#parts;
    const isLate = Math.max(this.#lateMs, lateMs()) > limits.backgroundLateMs;
    const isSlow = this.#latencies.p99Ms(nowMs) > limits.backgroundP99Ms;
    if (isLate || isSlow) {
      if (this.#rate > this.#rateMin) this.#halvings++;
      this.#rate = Math.max(this.#rateMin, this.#rate / 2);
      // What comes of it shows in requests from now on; those before must not halve it once more.
      this.#latencies.forget(nowMs);
    } else this.#rate = Math.min(this.#rateMax, this.#rate + this.#rateMax / STEPS);
    this.#lateMs = 0;
    this.#isUsed = false;
    this.#controlMs = nowMs + CONTROL_MS;
  }

  #grant(): void {
    if (this.#isGranting) return;
    this.#isGranting = true;
    while (this.#hasRoom()) {
      const account = this.#next();
      const waiter = account?.waiting.shift();
      if (account === null || waiter === undefined) break;
      this.#take(account);
      waiter.onGranted();
    }
    this.#isGranting = false;
  }

  #next(): Account | null {
    const isLast = ++this.#turns % TURNS === 0;
    return this.#awaited().at(isLast ? -1 : 0) ?? null;
  }

  #hasRoom(): boolean {
    const nowMs = this.#parts.timers.nowMs();
    const seconds = (nowMs - this.#filledMs) / 1000;
    this.#filledMs = nowMs;
    const burst = Math.max(1, (this.#rate * BURST_MS) / 1000);
    const byteBurst = Math.max(1, (this.#bytesRate * BURST_MS) / 1000);
    this.#tokens = Math.min(burst, this.#tokens + seconds * this.#rate);
    this.#byteTokens = Math.min(byteBurst, this.#byteTokens + seconds * this.#bytesRate);
    return this.#tokens >= 1 && this.#byteTokens > 0;
  }

  #take(account: Account): void {
    this.#tokens--;
    account.operations++;
    this.#isUsed = true;
  }
}
