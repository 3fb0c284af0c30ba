/** One conditional write or serial read at a real member, in the words of Redis where it has them. */
import { OUTCOMES, type OutcomeCode } from "@kvorum/core";
import type { RegisterAction, Value } from "../checkers/linearizability/register-model.ts";
import type { OpenSerial } from "../workloads/serial-stage.ts";
import { type CallParts, PATIENCE_MS, SLACK_MS, codeOf } from "./process-call.ts";
import { readValues } from "./replies.ts";
import { ErrorReply, NotSent, type Word } from "./wire.ts";

export type SerialCallParts = Pick<CallParts, "wire" | "clock" | "prefix">;

export class SerialCall {
  readonly #parts: SerialCallParts;
  readonly #operation: OpenSerial;
  readonly #member: number;
  readonly #timeoutMs: number;
  readonly #ended: (operation: OpenSerial) => void;
  #timer: NodeJS.Timeout;

  constructor(
    parts: SerialCallParts,
    operation: OpenSerial,
    member: number,
    timeoutMs: number,
    ended: (operation: OpenSerial) => void,
  ) {
    this.#parts = parts;
    this.#operation = operation;
    this.#member = member;
    this.#timeoutMs = timeoutMs;
    this.#ended = ended;
    this.#timer = setTimeout(() => this.#lookLate(), timeoutMs + PATIENCE_MS);
    const { client, key, action } = operation;
    const reply = parts.wire.send(client, member, wordsOf(action, `${parts.prefix}${key}`));
    if (reply === null) {
      setImmediate(() => this.#end("failed", "REFUSED"));
      return;
    }
    reply.then(
      (answer) => this.#onReply(answer),
      (error: unknown) => this.#onError(error),
    );
  }

  abandon(): void {
    this.#end("unknown", "ABANDONED");
  }

  #onReply(answer: unknown): void {
    if (this.#operation.ending !== "running") return;
    this.#operation.action = withResult(this.#operation.action, answer);
    this.#end("ok", "OK");
  }

  #onError(error: unknown): void {
    if (error instanceof NotSent) this.#end("failed", "REFUSED");
    else if (!(error instanceof ErrorReply)) this.#end("unknown", "LOST");
    else {
      const word = error.message.split(" ", 1)[0] ?? "";
      const code: OutcomeCode | null = codeOf(word);
      this.#end(code !== null && OUTCOMES[code].definite ? "failed" : "unknown", code ?? word);
    }
  }

  #lookLate(): void {
    const { wire, clock } = this.#parts;
    const { invokedUs, client } = this.#operation;
    const isHeldUp = wire.wasHeldUp(this.#member, invokedUs);
    if (!isHeldUp && (clock.nowUs - invokedUs) / 1000 < this.#timeoutMs + SLACK_MS) {
      this.#timer = setTimeout(() => this.#lookLate(), PATIENCE_MS);
      return;
    }
    this.#operation.isInTime = isHeldUp;
    wire.hangUp(client, this.#member);
    this.#end("unknown", "SILENCE");
  }

  #end(ending: "ok" | "failed" | "unknown", code: string): void {
    const operation = this.#operation;
    if (operation.ending !== "running") return;
    clearTimeout(this.#timer);
    operation.ending = ending;
    operation.code = code;
    operation.endedUs = ending === "unknown" ? Infinity : this.#parts.clock.nowUs;
    this.#ended(operation);
  }
}

function wordsOf(action: RegisterAction, key: string): [string, ...Word[]] {
  switch (action.kind) {
    case "read":
      return ["KV.GET", key, "SERIAL"];
    case "write":
      // SET by itself is a plain one.
      return ["GETSET", key, action.value];
    case "get-and-set":
      return action.value === null ? ["GETDEL", key] : ["GETSET", key, action.value];
    case "delete":
      return ["DELEX", key];
    case "increment":
      return ["INCRBY", key, String(action.by)];
    case "append":
      return ["APPEND", key, action.text];
    case "compare-and-set":
      return comparison(action, key);
  }
}

type CompareAndSet = Extract<RegisterAction, { readonly kind: "compare-and-set" }>;

function comparison({ condition, value }: CompareAndSet, key: string): [string, ...Word[]] {
  if (value === null) throw new Error("clients of this workload compare to set");
  switch (condition.is) {
    case "absent":
      return ["SET", key, value, "NX", "GET"];
    case "present":
      return ["SET", key, value, "XX", "GET"];
    case "equal":
      return ["SET", key, value, "IFEQ", condition.to];
    case "different":
      return ["SET", key, value, "IFNE", condition.to];
  }
}

function withResult(action: RegisterAction, answer: unknown): RegisterAction {
  switch (action.kind) {
    case "read":
      return { ...action, result: { value: readValues(answer)[0] ?? null } };
    case "write":
      return { ...action, result: "done" };
    case "get-and-set":
      return { ...action, result: { previous: textOf(answer) } };
    case "delete":
      return { ...action, result: { existed: answer === 1 } };
    case "increment":
      return { ...action, result: { value: Number(answer) } };
    case "append":
      return { ...action, result: { length: Number(answer) } };
    case "compare-and-set":
      return { ...action, result: comparedOf(action, textOf(answer)) };
  }
}

/** With GET the reply is the value before: of NX a value says no, of XX nil does. */
function comparedOf({ condition }: CompareAndSet, reply: Value): CompareAndSet["result"] {
  if (condition.is === "absent") return reply === null ? "done" : { current: reply };
  if (condition.is === "present") return reply === null ? { current: null } : "done";
  return reply === null ? "refused" : "done";
}

function textOf(answer: unknown): Value {
  if (answer === null) return null;
  if (Buffer.isBuffer(answer)) return answer.toString("latin1");
  if (typeof answer === "string") return answer;
  throw new Error("a reply has no text where one is due");
}
