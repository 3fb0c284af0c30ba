/**
 * A client of conditional writes and serial reads, at any member, one after the other. Few keys, so that clients are in
 * each other's way; `serial-text-N` hold texts that name who wrote them, `serial-count-N` numbers.
 */
import type { Prng } from "@kvorum/core";
import type { Condition, RegisterAction } from "../checkers/linearizability/register-model.ts";
import { between, exponential, pick } from "../world/draws.ts";
import type { Target } from "../world/scheduler.ts";
import type { Shape } from "./client.ts";
import { type OpenSerial, type SerialStage, beginSerial } from "./serial-stage.ts";

export const SERIAL = "serial";

/** After a failure clients wait a little. */
const BACKOFF_US = 30_000;
/** Of one key: more would take long to be judged, and each that may have happened or not doubles what there is to try. */
const OPERATIONS_MAX = 150;
const UNKNOWN_MAX = 8;

export class SerialClient implements Target {
  readonly #id: number;
  readonly #stage: SerialStage;
  readonly #shape: Pick<Shape, "members" | "workload">;
  readonly #random: Prng;
  /** What it last saw of a key. */
  readonly #seen = new Map<string, string | null>();
  #isOver = false;
  #writes = 0;

  constructor(id: number, stage: SerialStage, shape: Pick<Shape, "members" | "workload">, random: Prng) {
    this.#id = id;
    this.#stage = stage;
    this.#shape = shape;
    this.#random = random;
  }

  start(): void {
    this.#rest(0);
  }

  stop(): void {
    this.#isOver = true;
  }

  onDue(): void {
    if (this.#isOver) return;
    const { workload, members } = this.#shape;
    const isCount = between(this.#random, 0, 1) === 1;
    const number = between(this.#random, 1, workload.serialKeys);
    const key = this.#fresh(`${SERIAL}-${isCount ? "count" : "text"}-${number}`);
    const action = isCount ? this.#count(key) : this.#text(key);
    const member = between(this.#random, 1, members);
    const operation = beginSerial(this.#stage, this.#id, key, action, false);
    this.#stage.askSerial(operation, member, workload.timeoutMs, (ended) => this.#onEnded(ended));
  }

  /** A key that has seen enough gives way to another one. */
  #fresh(name: string): string {
    for (let turn = 0; ; turn++) {
      const key = turn === 0 ? name : `${name}.${turn}`;
      const all = this.#stage.serial.filter((one) => one.key === key);
      const open = all.filter(({ ending }) => ending !== "ok" && ending !== "failed");
      if (all.length < OPERATIONS_MAX && open.length < UNKNOWN_MAX) return key;
    }
  }

  #onEnded({ key, action, ending }: OpenSerial): void {
    if (ending === "ok") this.#learn(key, action);
    this.#rest(ending === "ok" ? 0 : BACKOFF_US);
  }

  #learn(key: string, action: RegisterAction): void {
    if (action.kind === "read" && action.result !== null) this.#seen.set(key, action.result.value);
    else if (action.kind === "increment" && action.result !== null)
      this.#seen.set(key, String(action.result.value));
    else if (action.kind === "compare-and-set") {
      const { result, value } = action;
      this.#seen.set(key, result !== null && typeof result !== "string" ? result.current : value);
    }
  }

  #rest(atLeastUs: number): void {
    const thinkUs = exponential(this.#random, this.#shape.workload.thinkUs);
    this.#stage.after(1 + atLeastUs + thinkUs, this, 0);
  }

  #count(key: string): RegisterAction {
    const draw = between(this.#random, 1, 10);
    if (draw <= 6) return { kind: "increment", by: pick(this.#random, [1, 1, 2, -1]), result: null };
    if (draw <= 8) return { kind: "read", result: null };
    if (draw === 9) return this.#compareAndSet(key, String(1_000 * this.#id + this.#writes++));
    return { kind: "delete", result: null };
  }

  #text(key: string): RegisterAction {
    const value = `c${this.#id}.${this.#writes++}`;
    switch (between(this.#random, 1, 10)) {
      case 1:
      case 2:
        return { kind: "read", result: null };
      case 3:
        return { kind: "write", value, result: null };
      case 4:
        return { kind: "append", text: `+${value}`, result: null };
      case 5:
        return { kind: "get-and-set", value, result: null };
      case 6:
        return { kind: "delete", result: null };
      default:
        return this.#compareAndSet(key, value);
    }
  }

  #compareAndSet(key: string, value: string): RegisterAction {
    const seen = this.#seen.get(key) ?? null;
    const none: Condition = { is: pick(this.#random, ["absent", "absent", "present"] as const) };
    const is = pick(this.#random, ["equal", "equal", "different"] as const);
    const condition = seen === null ? none : { is, to: seen };
    return { kind: "compare-and-set", condition, value, result: null };
  }
}
