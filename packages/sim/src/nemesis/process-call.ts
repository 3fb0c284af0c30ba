/**
 * One operation on its way to a real member. What its client comes to know of it is noted as in the simulator: an
 * answer that says so was definite; whatever was sent and not answered may have happened, and may yet.
 */
import { OUTCOMES, type OutcomeCode } from "@kvorum/core";
import type { Ending, Operation } from "../workloads/history.ts";
import type { Asker, Wish } from "../workloads/stage.ts";
import { valueOf } from "../workloads/values.ts";
import type { RealClock } from "./real-clock.ts";
import { readRemoved, readSeen, readWritten } from "./replies.ts";
import { ErrorReply, NotSent, type Wire, type Word } from "./wire.ts";

/** How long after the deadline a client hangs up on a member that is known to be held up. */
export const PATIENCE_MS = 300;
/** And on any other: the machine is shared, and may be slow for seconds. */
export const SLACK_MS = 15_000;

export interface CallParts {
  readonly wire: Wire;
  readonly clock: RealClock;
  /** What keys begin with on the wire. */
  readonly prefix: string;
  readonly onEnd: (call: ProcessCall) => void;
  /** A reply that cannot be read. */
  readonly onGarbled: (operation: Operation, why: string) => void;
}

export class ProcessCall {
  readonly #parts: CallParts;
  readonly #operation: Operation;
  readonly #wish: Wish;
  readonly #asker: Asker;
  #timer: NodeJS.Timeout;
  /** Its client leaves. */
  readonly #leaving: NodeJS.Timeout | null;

  constructor(parts: CallParts, operation: Operation, wish: Wish, asker: Asker) {
    this.#parts = parts;
    this.#operation = operation;
    this.#wish = wish;
    this.#asker = asker;
    const { client, member, timeoutMs, patienceMs } = wish;
    this.#leaving = patienceMs < Infinity ? setTimeout(() => this.#leave("LEFT"), patienceMs) : null;
    this.#timer = setTimeout(() => this.#lookLate(), timeoutMs + PATIENCE_MS);
    const reply = parts.wire.send(client, member, wordsOf(wish, operation, parts.prefix));
    if (reply === null) {
      // Clients expect to hear of an end after they have asked.
      setImmediate(() => this.#end("failed", "REFUSED", ""));
      return;
    }
    reply.then(
      (answer) => this.#onReply(answer),
      (error: unknown) => this.#onError(error),
    );
  }

  abandon(): void {
    this.#end("unknown", "ABANDONED", "");
  }

  #onReply(answer: unknown): void {
    const operation = this.#operation;
    if (operation.ending !== "running") return;
    let token: string;
    try {
      token = this.#take(answer);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#parts.onGarbled(operation, why);
      this.#end("unknown", "GARBLED", "");
      return;
    }
    this.#end("ok", "OK", token);
  }

  /** Notes what the answer says; returns its token. */
  #take(answer: unknown): string {
    const operation = this.#operation;
    if (operation.kind === "get") {
      const seen = readSeen(answer);
      operation.values = seen.values;
      operation.elements = seen.elements;
      operation.tombstones = seen.tombstones;
      operation.answered = seen.answered;
      return seen.token;
    }
    const written = operation.kind === "put" ? readWritten(answer) : readRemoved(answer);
    operation.wroteNothing = written === null;
    if (written === null) return "";
    operation.holders = written.holders;
    operation.standIns = written.standIns;
    return written.token;
  }

  #onError(error: unknown): void {
    if (error instanceof NotSent) this.#end("failed", "REFUSED", "");
    else if (!(error instanceof ErrorReply)) this.#end("unknown", "LOST", "");
    else {
      const word = error.message.split(" ", 1)[0] ?? "";
      const code = codeOf(word);
      const isDefinite = code !== null && OUTCOMES[code].definite;
      this.#end(isDefinite ? "failed" : "unknown", code ?? word, "");
    }
  }

  #lookLate(): void {
    const { member, timeoutMs } = this.#wish;
    const { invokedUs } = this.#operation;
    const isHeldUp = this.#parts.wire.wasHeldUp(member, invokedUs);
    const waitedMs = (this.#parts.clock.nowUs - invokedUs) / 1000;
    if (!isHeldUp && waitedMs < timeoutMs + SLACK_MS) {
      this.#timer = setTimeout(() => this.#lookLate(), PATIENCE_MS);
      return;
    }
    this.#operation.isInTime = isHeldUp;
    this.#leave("SILENCE");
  }

  /** Hangs up: an answer that still came on that connection would be taken for one to the next question. */
  #leave(code: string): void {
    this.#parts.wire.hangUp(this.#wish.client, this.#wish.member);
    this.#end("unknown", code, "");
  }

  #end(ending: Exclude<Ending, "running">, code: string, token: string): void {
    const operation = this.#operation;
    if (operation.ending !== "running") return;
    clearTimeout(this.#timer);
    if (this.#leaving !== null) clearTimeout(this.#leaving);
    operation.ending = ending;
    operation.code = code;
    operation.endedUs = ending === "unknown" ? Infinity : this.#parts.clock.nowUs;
    this.#parts.onEnd(this);
    this.#asker.onEnded(operation, token);
  }
}

function wordsOf(wish: Wish, operation: Operation, prefix: string): [string, ...Word[]] {
  const { kind, homes, levelsFirst, durability, fallbacks, context, valueBytes, timeoutMs } = wish;
  const key = `${prefix}${operation.key}`;
  const timeout = ["TIMEOUT", String(timeoutMs)];
  const repair = levelsFirst ? ["REPAIR", "before"] : [];
  if (kind === "get") return ["KV.GET", key, "R", String(homes), ...repair, ...timeout];
  const how = ["W", String(homes), "DURABILITY", durability, "FALLBACKS", fallbacks, ...timeout];
  if (context !== null) how.push("CONTEXT", context.token);
  if (kind === "delete") return ["KV.DEL", key, ...how];
  return ["KV.PUT", key, Buffer.from(valueOf(operation.id, valueBytes, operation.elements)), ...how];
}

/** The outcome that the first word of an error stands for. */
export function codeOf(word: string): OutcomeCode | null {
  const entry = Object.entries(OUTCOMES).find(([, { resp }]) => resp === word);
  return entry === undefined ? null : asCode(entry[0]);
}

function asCode(name: string): OutcomeCode | null {
  return isCode(name) ? name : null;
}

function isCode(name: string): name is OutcomeCode {
  return name in OUTCOMES;
}
