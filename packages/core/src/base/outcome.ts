/**
 * The one table of outcomes. Every operation ends in exactly one of these codes; RESP, HTTP and the wire take
 * their forms from here.
 *
 * - `definite`: the caller knows what happened. A definite failure wrote nothing anywhere.
 *   An indefinite one may have been written, and may become visible later.
 * - `retriable`: the same request may succeed if it is sent again (for an indefinite one: if the caller can
 *   bear it being applied twice).
 * - `wire`: the number that travels between members; never reused.
 * - `resp`: the first word of a RESP error.
 */
export type OutcomeCode =
  | "OK"
  | "QUORUM"
  | "TIMEOUT"
  | "UNKNOWN"
  | "OVERLOADED"
  | "TOOLARGE"
  | "LIMIT"
  | "BADCONTEXT"
  | "CLOCK"
  | "DISKFULL"
  | "DAMAGED"
  | "LOADING"
  | "EPOCH"
  | "INVALID"
  | "CONFLICT"
  | "CONDITION";

export interface OutcomeInfo {
  readonly wire: number;
  readonly definite: boolean;
  readonly retriable: boolean;
  readonly resp: string;
  readonly http: number;
  /** What a person reads when the operation has no more exact words of its own. */
  readonly text: string;
}

export const OUTCOMES: Readonly<Record<OutcomeCode, OutcomeInfo>> = {
  OK: { wire: 0, definite: true, retriable: false, resp: "OK", http: 200, text: "done" },
  QUORUM: {
    wire: 1,
    definite: true,
    retriable: true,
    resp: "QUORUM",
    http: 503,
    text: "fewer homes of this key can be reached than were asked for; nothing was written",
  },
  TIMEOUT: {
    wire: 2,
    definite: false,
    retriable: true,
    resp: "TIMEOUT",
    http: 504,
    text: "the deadline passed before enough homes answered (outcome unknown)",
  },
  UNKNOWN: {
    wire: 3,
    definite: false,
    retriable: true,
    resp: "UNKNOWN",
    http: 504,
    text: "a member was lost while the request was under way (outcome unknown)",
  },
  OVERLOADED: {
    wire: 4,
    definite: true,
    retriable: true,
    resp: "OVERLOADED",
    http: 503,
    text: "too much is in flight here; nothing was done; retry after 50 ms",
  },
  TOOLARGE: {
    wire: 5,
    definite: true,
    retriable: false,
    resp: "TOOLARGE",
    http: 413,
    text: "the key or value is larger than the limit",
  },
  LIMIT: {
    wire: 6,
    definite: true,
    retriable: false,
    resp: "LIMIT",
    http: 409,
    text: "the record is at a limit; read it and write once with its context",
  },
  BADCONTEXT: {
    wire: 7,
    definite: true,
    retriable: false,
    resp: "BADCONTEXT",
    http: 400,
    text: "this context is not one of this key in this cluster; read the key again",
  },
  CLOCK: {
    wire: 8,
    definite: true,
    retriable: true,
    resp: "CLOCK",
    http: 503,
    text: "clocks differ by more than maxClockDriftMs; nothing was written; check time synchronisation",
  },
  DISKFULL: {
    wire: 9,
    definite: true,
    retriable: true,
    resp: "DISKFULL",
    http: 507,
    text: "this member's disk is down to its reserve; nothing was written; free space or add disk",
  },
  DAMAGED: {
    wire: 10,
    definite: true,
    retriable: true,
    resp: "DAMAGED",
    http: 503,
    text: "the stored record is damaged here and not enough other homes could serve it",
  },
  LOADING: {
    wire: 11,
    definite: true,
    retriable: true,
    resp: "LOADING",
    http: 503,
    text: "this member is starting; try again in a moment",
  },
  EPOCH: {
    wire: 12,
    definite: true,
    retriable: true,
    resp: "EPOCH",
    http: 503,
    text: "the members do not agree on the topology; nothing was written",
  },
  INVALID: {
    wire: 13,
    definite: true,
    retriable: false,
    resp: "ERR",
    http: 400,
    text: "the request is not valid",
  },
  CONFLICT: {
    wire: 14,
    definite: true,
    retriable: false,
    resp: "CONFLICT",
    http: 409,
    text: "the key has changed since it was read; nothing was written; read it again",
  },
  CONDITION: {
    wire: 15,
    definite: true,
    retriable: false,
    resp: "CONDITION",
    http: 412,
    text: "the condition does not hold; nothing was written",
  },
};

const byWire: OutcomeCode[] = [];
for (const code of Object.keys(OUTCOMES) as OutcomeCode[]) byWire[OUTCOMES[code].wire] = code;

/** The code that a wire number names, or null for a number this release does not know. */
export function outcomeOfWire(wire: number): OutcomeCode | null {
  return byWire[wire] ?? null;
}
