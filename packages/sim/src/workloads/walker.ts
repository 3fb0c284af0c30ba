/**
 * A client that lists all keys again and again, one page at a time, each page at whatever member it finds: the cursor
 * is all that it carries from one to the next.
 */
import { type Prng, SLOTS, type ScanResult, type ScanUser } from "@kvorum/core";
import { between, exponential } from "../world/draws.ts";
import type { Target } from "../world/scheduler.ts";
import type { SimProcess } from "../world/sim-member.ts";
import type { World } from "../world/world.ts";
import type { Walk } from "./history.ts";
import { NAMESPACE, keyText } from "./key-bytes.ts";
import { SERIAL } from "./serial-client.ts";

const NEXT = -1;
const PAGE_TIMEOUT_MS = 2_000;
const BACKOFF_US = 30_000;
/** It asks somebody else then: who was asked may be dead, or paused. */
const GIVE_UP_US = 1000 * (PAGE_TIMEOUT_MS + 100);

export class Walker implements Target, ScanUser {
  readonly #world: World;
  readonly #random: Prng;
  readonly #walks: Walk[];
  readonly #thinkUs: number;
  #beganUs = 0;
  #keys: string[] = [];
  #cursor = 0;
  /** The number of the page that is asked for; answers to earlier ones come too late. */
  #page = 0;
  #isAsked = false;
  #process: SimProcess | null = null;
  #isOver = false;

  /** Walks that are done go to `walks`. */
  constructor(world: World, random: Prng, thinkUs: number, walks: Walk[]) {
    this.#world = world;
    this.#random = random;
    this.#walks = walks;
    this.#thinkUs = thinkUs;
  }

  start(): void {
    this.#beganUs = this.#world.scheduler.nowUs;
    this.#next(0);
  }

  stop(): void {
    this.#isOver = true;
  }

  onDue(tag: number): void {
    if (this.#isOver) return;
    if (tag === NEXT) this.#begin();
    else if (tag === this.#page && this.#isAsked) this.#next(BACKOFF_US);
    else if (tag === -2 - this.#page) this.#ask();
  }

  onScanned(tag: number, { code, keys, cursor }: ScanResult): void {
    if (this.#isOver || tag !== this.#page || !this.#isAsked || this.#process?.isAlive !== true) return;
    const { log, scheduler } = this.#world;
    log.note(scheduler.nowUs, this.#process.member, "answer", 0);
    if (log.tracing) {
      const text = `a page of the walk: ${code} ${keys.map(keyText).join(" ")}`;
      log.trace(scheduler.nowUs, this.#process.member, "answer", text);
    }
    if (code !== "OK") {
      this.#next(BACKOFF_US);
      return;
    }
    // Those are judged elsewhere.
    this.#keys.push(...keys.map(keyText).filter((key) => !key.startsWith(SERIAL)));
    this.#cursor = cursor;
    if (cursor === 0) this.#end();
    this.#next(0);
  }

  #end(): void {
    const { nowUs } = this.#world.scheduler;
    this.#walks.push({ beganUs: this.#beganUs, endedUs: nowUs, keys: this.#keys });
    this.#beganUs = nowUs;
    this.#keys = [];
  }

  #next(atLeastUs: number): void {
    this.#isAsked = false;
    const thinkUs = exponential(this.#random, this.#thinkUs);
    this.#world.scheduler.after(1 + atLeastUs + thinkUs, this, NEXT);
  }

  #begin(): void {
    const { scheduler } = this.#world;
    if (this.#cursor === 0 && this.#keys.length === 0) this.#beganUs = scheduler.nowUs;
    this.#process = this.#world.member(between(this.#random, 1, this.#world.options.members)).process;
    this.#page++;
    this.#isAsked = true;
    scheduler.after(GIVE_UP_US, this, this.#page);
    this.#ask();
  }

  #ask(): void {
    if (this.#process?.admits(this, -2 - this.#page) !== true) return;
    const { api } = this.#process;
    const count = between(this.#random, 1, 10);
    const request = { namespace: NAMESPACE, cursor: this.#cursor, slotEnd: SLOTS, count };
    api?.scan({ ...request, timeoutMs: PAGE_TIMEOUT_MS }, this, this.#page);
  }
}
