/**
 * A client that keeps registers: overwrites, writes with the token of what it last read or wrote, deletes, reads,
 * with mixed quorums and durabilities, at any member, one operation after the other.
 */
import type { Prng } from "@kvorum/core";
import { between, exponential, oneIn, pick } from "../world/draws.ts";
import type { Target } from "../world/scheduler.ts";
import type { World } from "../world/world.ts";
import type { Operation, OperationId } from "./history.ts";
import type { Asker, Recorder, Wish } from "./recorder.ts";

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
  readonly #world: World;
  readonly #recorder: Recorder;
  readonly #random: Prng;
  readonly #tokens = new Map<string, Token>();
  readonly #untilUs: number;

  constructor(id: number, world: World, recorder: Recorder, random: Prng, untilUs: number) {
    this.#id = id;
    this.#world = world;
    this.#recorder = recorder;
    this.#random = random;
    this.#untilUs = untilUs;
  }

  start(): void {
    this.#rest(0);
  }

  onDue(): void {
    if (this.#world.scheduler.nowUs < this.#untilUs) this.#recorder.ask(this.#wish(), this);
  }

  onEnded(operation: Operation, token: string): void {
    if (token !== "") this.#tokens.set(operation.key, { token, from: operation.id });
    this.#rest(operation.ending === "ok" ? 0 : BACKOFF_US);
  }

  #rest(atLeastUs: number): void {
    const thinkUs = exponential(this.#random, this.#world.options.workload.thinkUs);
    this.#world.scheduler.after(1 + atLeastUs + thinkUs, this, 0);
  }

  #wish(): Wish {
    const { workload, members, replicas } = this.#world.options;
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
    const { quorums } = this.#world.options.workload;
    if (quorums === "one" && isUsual) return 1;
    if (quorums === "mixed" && !isUsual) return any;
    return Math.floor(replicas / 2) + 1;
  }

  #valueBytes(): number {
    const { valueBytesMax } = this.#world.options.workload;
    return oneIn(this.#random, 8) ? between(this.#random, 4, valueBytesMax) : Math.min(valueBytesMax, 24);
  }
}
