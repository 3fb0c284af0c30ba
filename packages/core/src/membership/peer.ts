/** What this member knows of one other: its links, when it was heard, and why it cannot be talked to. */
import { Ewma } from "../base/ewma.ts";
import type { MemberId } from "../model/member.ts";
import type { Lane } from "../ports/transport.ts";
import type { Dialer } from "./dialer.ts";
import type { PeerLink } from "./link.ts";

/**
 * `up`; `suspect`: linked but silent; `down`: no link; `refused`: it answers, but is of another opinion (or we are,
 * in its eyes).
 */
export type PeerState = "up" | "suspect" | "down" | "refused";

const ROUND_TRIP_HALF_LIFE = 8;

export class Peer {
  readonly id: MemberId;
  readonly name: string;
  /** Links that are up. */
  readonly links: Record<Lane, PeerLink | null> = { foreground: null, bulk: null };
  /** Accepted links that await the peer's first ping. */
  readonly confirming: Record<Lane, PeerLink | null> = { foreground: null, bulk: null };
  /** For peers that this member dials. */
  dialers: Readonly<Record<Lane, Dialer>> | null = null;
  suspect = false;
  /** Why the two do not talk although they could; empty when that is not so. */
  refusal = "";
  refusedMs = 0;
  downReason = "not connected yet";
  /** Names the process that the newest link leads to; 0 before the first. */
  session = 0;
  /** The clock (HLC) in its last frame; 0 when there was none. */
  clock = 0;
  readonly roundTripMs = new Ewma(ROUND_TRIP_HALF_LIFE);

  constructor(id: MemberId, name: string) {
    this.id = id;
    this.name = name;
  }

  get state(): PeerState {
    if (this.links.foreground !== null) return this.suspect ? "suspect" : "up";
    return this.refusal === "" ? "down" : "refused";
  }

  /** Why it is not up; empty when it is. */
  get reason(): string {
    switch (this.state) {
      case "up":
        return "";
      case "suspect":
        return "linked, but silent";
      case "refused":
        return this.refusal;
      case "down":
        return this.downReason;
    }
  }

  /** For people: its name and id. */
  get title(): string {
    return `member ${this.id} (${this.name})`;
  }

  refuse(reason: string, nowMs: number): void {
    this.refusal = reason;
    this.refusedMs = nowMs;
  }
}
