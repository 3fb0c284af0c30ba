/**
 * A closed loop over the same channels: keeps so many requests under way, to fill a store with keys, or to find out
 * how much it can take.
 */
import { Call, type CallUser, type Channel } from "./driver.ts";
import type { RequestKind } from "./mix.ts";

export interface ClosedParts {
  readonly channelsFor: (key: number) => readonly Channel[];
  /** What comes next, or null: nothing any more. */
  readonly next: () => { readonly key: number; readonly kind: RequestKind } | null;
  /** Requests under way at a time. */
  readonly outstandingMax: number;
}

export interface ClosedReport {
  readonly answered: number;
  readonly errors: number;
  /** The code of the first of them; empty when there is none. */
  readonly firstError: string;
  readonly seconds: number;
}

/** Whether what the driver's process has sent is such a report. */
export function isClosedReport(report: unknown): report is ClosedReport {
  if (typeof report !== "object" || report === null) return false;
  return "answered" in report && "errors" in report && "firstError" in report && "seconds" in report;
}

export class ClosedDriver implements CallUser {
  readonly #parts: ClosedParts;
  readonly #startMs: number;
  #outstanding = 0;
  #turn = 0;
  #answered = 0;
  #errors = 0;
  #firstError = "";
  #isDry = false;

  constructor(parts: ClosedParts, startMs: number) {
    this.#parts = parts;
    this.#startMs = startMs;
  }

  get isOver(): boolean {
    return this.#isDry && this.#outstanding === 0;
  }

  /** Begins as many as may be under way. */
  onTick(nowMs: number): void {
    while (!this.#isDry && this.#outstanding < this.#parts.outstandingMax) {
      const wish = this.#parts.next();
      if (wish === null) {
        this.#isDry = true;
        return;
      }
      this.#outstanding++;
      this.#send(new Call(nowMs, wish.key, wish.kind, this), nowMs);
    }
  }

  onEnd(call: Call, error: string | null, nowMs: number): void {
    if (error === null && call.kind === "modify") {
      call.kind = "write";
      this.#send(call, nowMs);
      return;
    }
    this.#outstanding--;
    if (error === null) {
      this.#answered++;
      return;
    }
    if (this.#errors === 0) this.#firstError = error;
    this.#errors++;
  }

  report(nowMs: number): ClosedReport {
    const seconds = (nowMs - this.#startMs) / 1000;
    return { answered: this.#answered, errors: this.#errors, firstError: this.#firstError, seconds };
  }

  /** Faults are not for this loop: a channel that is down answers with an error by itself. */
  #send(call: Call, nowMs: number): void {
    const channels = this.#parts.channelsFor(call.key);
    channels[this.#turn++ % channels.length]?.send(call, nowMs);
  }
}
