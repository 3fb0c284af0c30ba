/** The other members as the replica and the coordinator see them. */
import type { Bytes } from "../base/bytes.ts";
import type { Limits } from "../config/limits.ts";
import type { MemberId } from "../model/member.ts";
import type { Lane, LinkWriter } from "../ports/transport.ts";

/** Who can be reached, and where to write what they shall get. */
export interface Peers {
  /** Linked, and heard from lately. */
  reachable(peer: MemberId): boolean;
  /** Null: surely not sent. The frame it writes to goes out at the end of the turn. */
  writer(peer: MemberId, lane: Lane): LinkWriter | null;
  /** Smoothed, in ms; 0 when unknown. */
  roundTripMs(peer: MemberId): number;
  /** Names the life of a peer's process that we are linked with: a reply to an earlier one must not reach this one. */
  session(peer: MemberId): number;
  /** The clock in the last frame from a peer; 0 when there was none. */
  peerClock(peer: MemberId): number;
}

/** Large records travel on the bulk link, so that they never sit in front of a request. */
export function laneFor(limits: Limits, bytes: Bytes): Lane {
  return bytes.length >= limits.bulkBytesMin ? "bulk" : "foreground";
}
