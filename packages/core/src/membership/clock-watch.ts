/**
 * Whether it is our own clock that is wrong. A member refuses clocks that are far ahead of it; one that finds
 * *itself* far ahead of most of its peers is the one they refuse, and what it minted then would stand above
 * everything they write for as long as the difference lasts. It stops coordinating until they agree again.
 */
import type { MemberId } from "../model/member.ts";

/** How long a peer's clock is known after it was last seen: longer than any backoff, shorter than a repair of the clock. */
const KNOWN_MS = 60_000;

interface Sighting {
  readonly offsetMs: number;
  readonly atMs: number;
}

export class ClockWatch {
  readonly #peers: number;
  readonly #maxClockDriftMs: number;
  readonly #sightings = new Map<MemberId, Sighting>();

  /** `peers`: how many other members there are. */
  constructor(peers: number, maxClockDriftMs: number) {
    this.#peers = peers;
    this.#maxClockDriftMs = maxClockDriftMs;
  }

  /** A peer's clock was seen: `offsetMs` is its clock minus ours. */
  note(peer: MemberId, offsetMs: number, nowMs: number): void {
    this.#sightings.set(peer, { offsetMs, atMs: nowMs });
  }

  /** A peer's clock minus ours at the last sighting, in ms; 0 when it has never been seen. */
  offsetMs(peer: MemberId): number {
    return this.#sightings.get(peer)?.offsetMs ?? 0;
  }

  /** Whether we are more than the allowed drift ahead of a majority of all other members. */
  ahead(nowMs: number): boolean {
    let behind = 0;
    for (const { offsetMs, atMs } of this.#sightings.values()) {
      if (nowMs - atMs <= KNOWN_MS && -offsetMs > this.#maxClockDriftMs) behind++;
    }
    return behind * 2 > this.#peers;
  }
}
