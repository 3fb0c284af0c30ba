/**
 * Byte links between members. The environment dials, accepts and moves bytes; core decides whom to dial and when,
 * what the bytes say, and when a link is closed.
 *
 * A pair of members has at most one link per lane, dialled by the member with the lower id; both send requests and
 * replies on it. Bulk has its own link, so that it never sits in front of a request.
 */
import type { Bytes } from "../base/bytes.ts";
import type { MemberId } from "../model/member.ts";

export type Lane = "foreground" | "bulk";

/** Names one connection for as long as the process lives; never reused. */
export type LinkId = number;

/**
 * Where outgoing bytes are written. `ensure(count)` makes `bytes` have room for `count` more at `end` (`bytes` and
 * `view` may be replaced by it). Bytes in `0 .. end` go out at the end of the turn, in one write.
 */
export interface LinkWriter {
  bytes: Bytes;
  view: DataView;
  end: number;
  ensure(count: number): void;
}

export interface Transport {
  /**
   * Dial. Answered later by `onLinkUp` with this lane and peer, or by `onDialFailed`. The environment knows the
   * address (the topology's, or a local override).
   */
  dial(peer: MemberId, lane: Lane): void;
  /** The writer of a link that is up; null when it is down or holds more unsent bytes than its bound. */
  writer(link: LinkId): LinkWriter | null;
  /** Sends what is written, then closes; `onLinkDown` follows. */
  close(link: LinkId): void;
}

/** What the environment calls on core about links. */
export interface LinkInputs {
  /** A dialled link is up (`peer` and `lane` as dialled), or one was accepted (`peer` 0: it must say who it is). */
  onLinkUp(link: LinkId, peer: MemberId, lane: Lane | null): void;
  onDialFailed(peer: MemberId, lane: Lane, reason: string): void;
  /** Split anywhere; lent until return. */
  onLinkBytes(link: LinkId, chunk: Bytes): void;
  onLinkDown(link: LinkId, reason: string): void;
}
