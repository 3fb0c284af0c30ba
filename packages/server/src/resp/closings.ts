/**
 * Connections that the face turns away, and those that it closes although their clients did not ask for it: counted
 * by the reason, and told to the operator; of many in a second for one reason, the first and then how many more.
 */
import type { Events } from "@kvorum/core";
import { Rarely } from "../observability/rarely.ts";

/** A limit by its name; or else what the client did, or somebody did to it. */
export const CLOSE_REASONS = [
  "protocol",
  "http",
  "kill",
  "unfinishedTotalBytesMax",
  "outputBytesMax",
  "outputTotalBytesMax",
  "requestMsMax",
  "stuckMsMax",
  "idleMsMax",
] as const;
/** `connectionsMax`: it is told so. `turnedAwayMax`: so many are being told already that it is closed without a word. */
export const REFUSE_REASONS = ["connectionsMax", "turnedAwayMax"] as const;

export type CloseReason = (typeof CLOSE_REASONS)[number];
export type RefuseReason = (typeof REFUSE_REASONS)[number];

export class Closings {
  readonly #events: Events;
  readonly #nowMs: () => number;
  readonly #counts = new Map<CloseReason | RefuseReason, number>();
  readonly #rarely = new Map<CloseReason | RefuseReason, Rarely>();

  constructor(events: Events, nowMs: () => number) {
    this.#events = events;
    this.#nowMs = nowMs;
  }

  /** How many there were for this reason. */
  count(reason: CloseReason | RefuseReason): number {
    return this.#counts.get(reason) ?? 0;
  }

  closed(reason: CloseReason, text: string, address: string): void {
    this.#note("client-closed", reason, text, address);
  }

  refused(reason: RefuseReason, text: string, address: string): void {
    this.#note("client-refused", reason, text, address);
  }

  #note(event: string, reason: CloseReason | RefuseReason, text: string, address: string): void {
    this.#counts.set(reason, this.count(reason) + 1);
    let rarely = this.#rarely.get(reason);
    if (rarely === undefined) this.#rarely.set(reason, (rarely = new Rarely()));
    const others = rarely.admit(this.#nowMs());
    if (others !== null) this.#events.event("warn", event, text, { reason, address, others });
  }
}
