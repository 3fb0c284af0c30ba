/**
 * A client that keeps registers: overwrites, writes with the token of what it last read or wrote, deletes, reads,
 * with mixed quorums and durabilities, at any member, one operation after the other.
 */
import type { Prng } from "@kvorum/core";
import { between, exponential, oneIn, pick } from "../world/draws.ts";
import type { Target } from "../world/scheduler.ts";
import type { WorkloadOptions } from "../world/options.ts";
import type { Operation, OperationId } from "./history.ts";
import type { Asker, Stage, Wish } from "./stage.ts";

/** What clients know of the cluster they work on, and how they are to work. */
export interface Shape {
  readonly members: number;
  /** Homes of each key. */
  readonly replicas: number;
  readonly workload: WorkloadOptions;
}

interface Token {
  readonly token: string;
  readonly from: OperationId;
}

/** After a failure clients wait a little, or they would do nothing but fail. */
const BACKOFF_US = 30_000;

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

export class RegisterClient implements Target, Asker {
  readonly #id: number;
  readonly #stage: Stage;
  readonly #shape: Shape;
  readonly #random: Prng;
  readonly #tokens = new Map<string, Token>();
  readonly #untilUs: number;

  constructor(id: number, stage: Stage, shape: Shape, random: Prng, untilUs: number) {
    this.#id = id;
    this.#stage = stage;
    this.#shape = shape;
    this.#random = random;
    this.#untilUs = untilUs;
  }

  start(): void {
    this.#rest(0);
  }

  onDue(): void {
    if (this.#stage.nowUs < this.#untilUs) this.#stage.ask(this.#wish(), this);
  }

  onEnded(operation: Operation, token: string): void {
    if (token !== "") this.#tokens.set(operation.key, { token, from: operation.id });
    this.#rest(operation.ending === "ok" ? 0 : BACKOFF_US);
  }

  #rest(atLeastUs: number): void {
    const thinkUs = exponential(this.#random, this.#shape.workload.thinkUs);
    this.#stage.after(1 + atLeastUs + thinkUs, this, 0);
  }

  #wish(): Wish {
    const { workload, members, replicas } = this.#shape;
    // Low keys are drawn more often than high ones.
    const rank = Math.min(between(this.#random, 1, workload.keys), between(this.#random, 1, workload.keys));
    const key = `key-${rank}`;
    const kind = pick(this.#random, KINDS);
    const usesToken = between(this.#random, 1, 100) <= workload.contextPercent;
    return {
      client: this.#id,
      member: between(this.#random, 1, members),
      kind,
      key,
      homes: this.#homes(replicas),
      durability: between(this.#random, 1, 100) <= workload.osPercent ? "os" : "fsync",
      context: kind !== "get" && usesToken ? (this.#tokens.get(key) ?? null) : null,
      valueBytes: this.#valueBytes(),
      timeoutMs: workload.timeoutMs,
      isAfterHealing: false,
    };
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
    return oneIn(this.#random, 8) ? between(this.#random, 4, valueBytesMax) : Math.min(valueBytesMax, 24);
  }
}
