/**
 * What the clock says of one connection: whether a request is slow to come in, nothing is asked, or nothing is taken.
 * Only what is the client's own doing counts: while it is not read, its request does not age.
 */
import type { RespLimits } from "./limits.ts";

/** The limit that a connection has passed. */
export type Overdue = "requestMsMax" | "idleMsMax" | "stuckMsMax";

export interface ConnectionState {
  /** A request has come in in part. */
  readonly unfinished: boolean;
  /** Its bytes are read. */
  readonly isRead: boolean;
  /** Commands that have not been answered. */
  readonly inFlight: number;
  readonly unsentBytes: number;
  /** When something began to be unsent, or some of it was taken last. */
  readonly takenMs: number;
}

export class Patience {
  #activeMs: number;
  #begun = 0;
  #begunMs = 0;

  constructor(nowMs: number) {
    this.#activeMs = nowMs;
  }

  /** Something came in; `begun` counts the requests that have begun so far. */
  onInput(nowMs: number, begun: number): void {
    this.#activeMs = nowMs;
    if (begun !== this.#begun) this.#begunMs = nowMs;
    this.#begun = begun;
  }

  /** It is read again. */
  onReadAgain(nowMs: number): void {
    this.#begunMs = nowMs;
  }

  /** What the connection is to be closed for; null: nothing. */
  overdue(nowMs: number, state: ConnectionState, limits: RespLimits): Overdue | null {
    const { unfinished, isRead, inFlight, unsentBytes, takenMs } = state;
    if (unsentBytes > 0) return nowMs - takenMs > limits.stuckMsMax ? "stuckMsMax" : null;
    if (unfinished) return isRead && nowMs - this.#begunMs > limits.requestMsMax ? "requestMsMax" : null;
    const isIdle = inFlight === 0 && limits.idleMsMax > 0 && nowMs - this.#activeMs > limits.idleMsMax;
    return isIdle ? "idleMsMax" : null;
  }
}
