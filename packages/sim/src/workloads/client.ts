/**
 * A client with mixed habits, at any member, one operation after the other, over three families of keys:
 *
 * - registers `key-N`: overwrites, writes with the token of what it last read or wrote, deletes, puts that expire,
 *   reads, with mixed quorums and durabilities;
 * - sets `set-N`: reads the set, adds an element of its own to the union of all siblings, writes that with the read's
 *   token. Nobody ever overwrites or deletes one, so no element may ever go. Where fallbacks may stand in it also adds
 *   without reading again, with a token that covers nothing;
 * - branches `pure-N`: puts with tokens only, so that what each of them had seen is known exactly.
 */
import type { FallbackUse, Prng } from "@kvorum/core";
import { between, exponential, oneIn, pick } from "../world/draws.ts";
import type { WorkloadOptions } from "../world/options.ts";
import type { Target } from "../world/scheduler.ts";
import type { Operation } from "./history.ts";
import type { Asker, Stage, Token, Wish } from "./stage.ts";
import { Zipf } from "./zipf.ts";

/** What clients know of the cluster they work on, and how they are to work. */
export interface Shape {
  readonly members: number;
  /** Homes of each key. */
  readonly replicas: number;
  readonly workload: WorkloadOptions;
}

/** After a failure clients wait a little, or they would do nothing but fail. */
const BACKOFF_US = 30_000;

/** A token goes to the wrong key once in so many writes with one. */
const FOREIGN_ONE_IN = 60;

/** Larger sets only cost time. */
const ELEMENTS_MAX = 300;

const KINDS: readonly [Wish["kind"], ...Wish["kind"][]] = [
  "put",
  "put",
  "put",
  "put",
  "get",
  "get",
  "get",
  "delete",
];

/** What a family's keys begin with. */
export const FAMILIES = { register: "key", set: "set", branch: "pure" } as const;

export class Client implements Target, Asker {
  readonly #id: number;
  readonly #stage: Stage;
  readonly #shape: Shape;
  readonly #random: Prng;
  readonly #ranks: Zipf;
  readonly #tokens = new Map<string, Token>();
  /** Of reads that found no set. */
  readonly #nothing = new Map<string, Token>();
  /** The read of a set that an addition is to follow. */
  #setRead: Operation | null = null;
  /** Writes with a token so far. */
  #withToken = 0;
  #wishes = 0;
  /** Of sets whose absence was seen. */
  #visits = 0;
  #isOver = false;
  #reads = 0;

  constructor(id: number, stage: Stage, shape: Shape, random: Prng) {
    this.#id = id;
    this.#stage = stage;
    this.#shape = shape;
    this.#random = random;
    this.#ranks = new Zipf(shape.workload.keys, shape.workload.skew);
  }

  start(): void {
    this.#rest(0);
  }

  /** It asks for nothing more. */
  stop(): void {
    this.#isOver = true;
  }

  onDue(): void {
    if (!this.#isOver) this.#stage.ask(this.#levelling(this.#wish()), this);
  }

  onEnded(operation: Operation, token: string): void {
    const { key, kind, id, ending } = operation;
    if (token !== "") this.#tokens.set(key, { token, from: id, isForeign: false });
    const isRead = kind === "get" && ending === "ok" && key.startsWith(FAMILIES.set);
    if (isRead && operation.elements.length === 0)
      this.#nothing.set(key, { token, from: id, isForeign: false });
    this.#setRead = isRead && operation.elements.length < ELEMENTS_MAX ? operation : null;
    this.#rest(ending === "ok" ? 0 : BACKOFF_US);
  }

  #rest(atLeastUs: number): void {
    const thinkUs = exponential(this.#random, this.#shape.workload.thinkUs);
    this.#stage.after(1 + atLeastUs + thinkUs, this, 0);
  }

  /** Every so many reads go first. */
  #levelling(wish: Wish): Wish {
    const { levelEvery } = this.#shape.workload;
    if (wish.kind !== "get" || levelEvery === 0) return wish;
    return { ...wish, levelsFirst: ++this.#reads % levelEvery === 0 };
  }

  #wish(): Wish {
    const read = this.#setRead;
    this.#setRead = null;
    if (read !== null) {
      const context = this.#tokens.get(read.key) ?? null;
      return { ...this.#usual(read.key), kind: "put", context, elements: read.elements };
    }
    const [registers, sets] = this.#shape.workload.families;
    const family = between(this.#random, 1, 100);
    const rank = this.#ranks.draw(this.#random);
    if (family <= registers) return this.#onRegister(`${FAMILIES.register}-${rank}`);
    if (family <= registers + sets) return this.#onSet(`${FAMILIES.set}-${rank}`);
    return this.#onBranch(`${FAMILIES.branch}-${rank}`);
  }

  #onRegister(key: string): Wish {
    const { contextPercent, ttlPercent, ttlMsMax } = this.#shape.workload;
    const kind = pick(this.#random, KINDS);
    const expires = kind === "put" && this.#percent(ttlPercent);
    const context = kind !== "get" && this.#percent(contextPercent) ? this.#token(key) : null;
    const ttlMs = expires ? between(this.#random, 1, ttlMsMax) : 0;
    const wish: Wish = { ...this.#usual(key), kind, context, ttlMs, onlyIfSeen: this.#isTouch(context) };
    const isDecided = kind === "put" && context === null && this.#isConditional();
    return isDecided
      ? { ...wish, isConditional: true, homes: 1, durability: "fsync", fallbacks: "deny" }
      : wish;
  }

  /**
   * It reads first, mostly. Where fallbacks may take writes it also adds with the token of when there was nothing, which
   * needs no home to be there.
   */
  #onSet(key: string): Wish {
    const context = this.#nothing.get(key) ?? null;
    const isBlind = context !== null && this.#shape.workload.fallbacks !== "deny" && ++this.#visits % 2 === 0;
    return isBlind ? { ...this.#usual(key), kind: "put", context } : this.#usual(key);
  }

  /** Without a token it reads first. */
  #onBranch(key: string): Wish {
    const context = this.#tokens.get(key) ?? null;
    const writes = context !== null && this.#percent(60);
    const onlyIfSeen = writes && this.#isTouch(context);
    return {
      ...this.#usual(key),
      kind: writes ? "put" : "get",
      context: writes ? context : null,
      onlyIfSeen,
    };
  }

  #isConditional(): boolean {
    const { conditionalPercent } = this.#shape.workload;
    return conditionalPercent > 0 && this.#percent(conditionalPercent);
  }

  /** Every so many writes with a token are to change nothing but what was read. */
  #isTouch(context: Token | null): boolean {
    const { touchEvery } = this.#shape.workload;
    return context !== null && touchEvery > 0 && ++this.#withToken % touchEvery === 0;
  }

  /** A read, as clients of this seed read. */
  #usual(key: string): Wish {
    const { members, replicas, workload } = this.#shape;
    const isImpatient = this.#percent(workload.impatiencePercent);
    return {
      client: this.#id,
      member: between(this.#random, 1, members),
      kind: "get",
      key,
      homes: this.#homes(replicas),
      levelsFirst: false,
      durability: this.#percent(workload.osPercent) ? "os" : "fsync",
      fallbacks: this.#fallbacks(),
      context: null,
      onlyIfSeen: false,
      isConditional: false,
      elements: key.startsWith(FAMILIES.set) ? [] : null,
      valueBytes: this.#valueBytes(),
      ttlMs: 0,
      timeoutMs: workload.timeoutMs,
      patienceMs: isImpatient ? between(this.#random, 1, workload.timeoutMs) : Infinity,
      isAfterHealing: false,
      excuses: [],
    };
  }

  #fallbacks(): FallbackUse {
    const { fallbacks } = this.#shape.workload;
    this.#wishes++;
    if (fallbacks === "mixed") return this.#wishes % 2 === 0 ? "allow" : "deny";
    return fallbacks;
  }

  #token(key: string): Token | null {
    if (oneIn(this.#random, FOREIGN_ONE_IN)) {
      for (const [other, token] of this.#tokens) if (other !== key) return { ...token, isForeign: true };
    }
    return this.#tokens.get(key) ?? null;
  }

  #homes(replicas: number): number {
    const any = between(this.#random, 1, replicas);
    const isUsual = !oneIn(this.#random, 4);
    const { quorums } = this.#shape.workload;
    if (quorums === "one" && isUsual) return 1;
    if (quorums === "mixed" && !isUsual) return any;
    return Math.floor(replicas / 2) + 1;
  }

  #valueBytes(): number {
    const { valueBytesMax } = this.#shape.workload;
    return oneIn(this.#random, 4) ? between(this.#random, 4, valueBytesMax) : Math.min(valueBytesMax, 24);
  }

  #percent(of: number): boolean {
    return between(this.#random, 1, 100) <= of;
  }
}
