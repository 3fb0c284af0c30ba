/** How operations get to members; what lies between, as far as a client can tell. */
import type { MemberId } from "@kvorum/core";

export type Word = string | Buffer;

export interface Wire {
  /**
   * Sends a command on the client's connection to a member. Null: there is none at the moment, and nothing was sent.
   * Rejects with `ErrorReply` when the member answers with an error, with anything else when the connection is lost.
   */
  send(client: number, member: MemberId, words: readonly [string, ...Word[]]): Promise<unknown> | null;
  /** The client gives up waiting, and hangs up. */
  hangUp(client: number, member: MemberId): void;
  /** Whether the member was killed or paused at any time from then on. */
  wasHeldUp(member: MemberId, sinceUs: number): boolean;
}

/** What a member says instead of a reply, such as `QUORUM fewer homes …`. */
export class ErrorReply extends Error {}

/** The connection took no bytes, so the member has not heard of it. */
export class NotSent extends Error {}
