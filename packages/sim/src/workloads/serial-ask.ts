/** One conditional write or serial read at a member, as a client comes to know of it. */
import {
  type Bytes,
  type ConditionalRequest,
  type ConditionalResult,
  type ConditionalUser,
  OUTCOMES,
} from "@kvorum/core";
import type { RegisterAction, Value } from "../checkers/linearizability/register-model.ts";
import type { Target } from "../world/scheduler.ts";
import type { SimProcess } from "../world/sim-member.ts";
import type { World } from "../world/world.ts";
import { NAMESPACE, keyBytes, keyText } from "./key-bytes.ts";
import type { OpenSerial } from "./serial-stage.ts";

/** A member may be late by as much: its timers are coarse and its turns take time. */
const SLACK_US = 100_000;

const ARRIVE = 0;
const GIVE_UP = 1;

/** `ended` is told once. */
export function askSerially(
  world: World,
  operation: OpenSerial,
  member: number,
  timeoutMs: number,
  ended: (operation: OpenSerial) => void,
): void {
  new SerialAsk(world, operation, member, timeoutMs, ended).start();
}

class SerialAsk implements Target, ConditionalUser {
  readonly #world: World;
  readonly #operation: OpenSerial;
  readonly #process: SimProcess | null;
  readonly #pauses: number;
  readonly #timeoutMs: number;
  readonly #ended: (operation: OpenSerial) => void;
  #isBegun = false;

  constructor(
    world: World,
    operation: OpenSerial,
    member: number,
    timeoutMs: number,
    ended: (operation: OpenSerial) => void,
  ) {
    this.#world = world;
    this.#operation = operation;
    this.#timeoutMs = timeoutMs;
    this.#ended = ended;
    this.#process = world.member(member).process;
    this.#pauses = (this.#process?.pauses ?? 0) - (this.#process?.isPaused === true ? 1 : 0);
  }

  start(): void {
    const { scheduler } = this.#world;
    scheduler.after(1, this, ARRIVE);
    scheduler.after(1 + this.#timeoutMs * 1000 + SLACK_US, this, GIVE_UP);
  }

  onDue(tag: number): void {
    if (this.#operation.ending !== "running") return;
    if (tag === GIVE_UP) this.#giveUp();
    else if (this.#process === null) this.#end("failed", "REFUSED");
    else if (this.#process.admits(this, ARRIVE)) this.#begin();
  }

  onConditional(_tag: number, result: ConditionalResult): void {
    if (this.#operation.ending !== "running" || this.#process?.isAlive !== true) return;
    const { code } = result;
    const answered = code === "OK" || code === "CONDITION";
    if (answered) this.#operation.action = withResult(this.#operation.action, result);
    if (answered) this.#end("ok", code);
    else this.#end(OUTCOMES[code].definite ? "failed" : "unknown", code);
  }

  #begin(): void {
    const api = this.#process?.api ?? null;
    if (api === null) {
      this.#end("failed", "REFUSED");
      return;
    }
    this.#isBegun = true;
    const { key, action, id } = this.#operation;
    api.conditional({ ...requestOf(action), key: keyBytes(key), timeoutMs: this.#timeoutMs }, this, id);
  }

  #giveUp(): void {
    const process = this.#process;
    const wasHeldUp = process === null || !process.isAlive || process.pauses !== this.#pauses;
    if (!wasHeldUp && this.#isBegun) this.#operation.isInTime = false;
    this.#end("unknown", "SILENCE");
  }

  #end(ending: "ok" | "failed" | "unknown", code: string): void {
    const { scheduler, log } = this.#world;
    this.#operation.ending = ending;
    this.#operation.code = code;
    this.#operation.endedUs = ending === "unknown" ? Infinity : scheduler.nowUs;
    log.note(scheduler.nowUs, 0, "answer", this.#operation.id);
    this.#ended(this.#operation);
  }
}

function requestOf(action: RegisterAction): Omit<ConditionalRequest, "key" | "timeoutMs"> {
  const plain: Omit<ConditionalRequest, "key" | "timeoutMs"> = {
    namespace: NAMESPACE,
    condition: "none",
    operand: new Uint8Array(0),
    change: "none",
    value: new Uint8Array(0),
    offset: 0,
    expiry: "clear",
    expiryMs: 0,
    want: "record",
    wantReceipt: false,
  };
  switch (action.kind) {
    case "read":
      return plain;
    case "write":
      return { ...plain, change: "put", value: keyBytes(action.value), want: "nothing" };
    case "get-and-set":
      return { ...plain, ...changeTo(action.value), want: "before" };
    case "delete":
      return { ...plain, change: "delete", want: "nothing" };
    case "increment":
      return { ...plain, change: "increment", value: keyBytes(String(action.by)), want: "after" };
    case "append":
      return { ...plain, change: "append", value: keyBytes(action.text), want: "length" };
    case "compare-and-set": {
      const { condition, value } = action;
      const changed = { ...plain, ...changeTo(value) };
      if (!("to" in condition)) return { ...changed, condition: condition.is };
      const is = condition.is === "equal" ? "value" : "not-value";
      return { ...changed, condition: is, operand: keyBytes(condition.to) };
    }
  }
}

function changeTo(value: Value): Pick<ConditionalRequest, "change" | "value"> {
  return value === null
    ? { change: "delete", value: new Uint8Array(0) }
    : { change: "put", value: keyBytes(value) };
}

function withResult(
  action: RegisterAction,
  { code, read, bytes, existed }: ConditionalResult,
): RegisterAction {
  const current = textOf(read?.newestLive()?.value ?? null);
  switch (action.kind) {
    case "read":
      return { ...action, result: { value: current } };
    case "write":
      return { ...action, result: "done" };
    case "get-and-set":
      return { ...action, result: { previous: textOf(bytes) } };
    case "delete":
      return { ...action, result: { existed } };
    case "increment":
      return { ...action, result: { value: Number(textOf(bytes)) } };
    case "append":
      return { ...action, result: { length: Number(textOf(bytes)) } };
    case "compare-and-set":
      return { ...action, result: code === "OK" ? "done" : { current } };
  }
}

function textOf(value: Bytes | null): Value {
  return value === null ? null : keyText(value);
}
