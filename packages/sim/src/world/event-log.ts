/**
 * What happened, as a rolling hash: two runs of a seed are the same run if and only if their hashes are equal at
 * every checkpoint. A readable line per event is made only when somebody traces.
 */
import type { Bytes, MemberId } from "@kvorum/core";

/** Everything that enters the hash, with its number in it. */
const KINDS = {
  "link-up": 1,
  "link-down": 2,
  "dial-failed": 3,
  bytes: 4,
  file: 5,
  engine: 6,
  alarm: 7,
  turn: 8,
  boot: 9,
  crash: 10,
  "power-cut": 11,
  pause: 12,
  resume: 13,
  cut: 14,
  heal: 15,
  clock: 16,
  slow: 17,
  invoke: 18,
  answer: 19,
  fatal: 20,
  note: 21,
  "disk-lost": 22,
  ghost: 23,
} as const;

export type EventKind = keyof typeof KINDS;

export interface TraceLine {
  readonly atUs: number;
  /** 0: the world itself. */
  readonly member: MemberId;
  readonly kind: EventKind;
  readonly text: string;
}

export type Tracer = (line: TraceLine) => void;

export const EVENTS_PER_CHECKPOINT = 1000;

export class EventLog {
  #high = 0x9e3779b9;
  #low = 0x85ebca6b;
  #count = 0;
  readonly #checkpoints: string[] = [];
  readonly #tracer: Tracer | null;

  constructor(tracer: Tracer | null) {
    this.#tracer = tracer;
  }

  /** Ask before putting a text together. */
  get tracing(): boolean {
    return this.#tracer !== null;
  }

  /** The hash every 1,000 events: the first that differs bounds where two runs parted. */
  get checkpoints(): readonly string[] {
    return this.#checkpoints;
  }

  get digest(): string {
    return hex(this.#high) + hex(this.#low);
  }

  note(atUs: number, member: MemberId, kind: EventKind, detail: number): void {
    this.#mix(atUs >>> 0);
    this.#mix((atUs / 0x1_0000_0000) >>> 0);
    this.#mix((KINDS[kind] << 24) ^ member);
    this.#mix(detail >>> 0);
    this.#count++;
    if (this.#count % EVENTS_PER_CHECKPOINT === 0) this.#checkpoints.push(this.digest);
  }

  noteBytes(atUs: number, member: MemberId, kind: EventKind, detail: number, bytes: Bytes): void {
    const length = bytes.length;
    let at = 0;
    for (; at + 4 <= length; at += 4) {
      this.#mix(
        (bytes[at] ?? 0) |
          ((bytes[at + 1] ?? 0) << 8) |
          ((bytes[at + 2] ?? 0) << 16) |
          ((bytes[at + 3] ?? 0) << 24),
      );
    }
    for (; at < length; at++) this.#mix((bytes[at] ?? 0) | 0x100);
    this.note(atUs, member, kind, detail ^ Math.imul(length, 0x9e3779b1));
  }

  trace(atUs: number, member: MemberId, kind: EventKind, text: string): void {
    if (this.#tracer !== null) this.#tracer({ atUs, member, kind, text });
  }

  /** Two lanes of murmur's mixing step; the second takes in the first, so that together they are one 64-bit state. */
  #mix(word: number): void {
    let high = Math.imul(this.#high ^ word, 0xcc9e2d51);
    high = (high << 15) | (high >>> 17);
    this.#high = (Math.imul(high, 5) + 0xe6546b64) | 0;
    let low = Math.imul(this.#low ^ this.#high ^ word, 0x1b873593);
    low = (low << 13) | (low >>> 19);
    this.#low = (Math.imul(low, 5) + 0x561ccd1b) | 0;
  }
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}
