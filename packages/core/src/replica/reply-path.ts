/** The way back to a peer that has asked something, under the id it gave: only to the process that asked. */
import type { MemberId } from "../model/member.ts";
import type { Lane, LinkWriter } from "../ports/transport.ts";
import type { Peers } from "./peers.ts";

export class ReplyPath {
  /** The asker's, to be given back. */
  readonly id: number;
  readonly #peers: Peers;
  readonly #peer: MemberId;
  readonly #session: number;

  constructor(peers: Peers, peer: MemberId, id: number) {
    this.#peers = peers;
    this.#peer = peer;
    this.id = id;
    this.#session = peers.session(peer);
  }

  /** Null: there is no room; or the peer has restarted, and then this id is somebody else's. */
  writer(lane: Lane): LinkWriter | null {
    if (this.#peers.session(this.#peer) !== this.#session) return null;
    return this.#peers.writer(this.#peer, lane);
  }
}
