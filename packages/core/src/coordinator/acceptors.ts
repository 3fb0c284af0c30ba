/** How a proposer asks the homes of a key: its own acceptor by a call, the others by messages. All answer alike. */
import type { Bytes } from "../base/bytes.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { MemberId } from "../model/member.ts";
import type { Proposal } from "../paxos/acceptor.ts";
import type { Ballot } from "../paxos/ballot.ts";
import type { AcceptorClient } from "../replica/cas-acceptor.ts";
import { laneFor } from "../replica/peers.ts";
import { encodeAccept, encodePrepare } from "../wire/encode-paxos.ts";
import type { PreparedReply } from "../wire/messages.ts";
import type { CoordinatorParts } from "./coordination.ts";

/** The operation that hears the answers, under the id it has when it asks. */
export interface Asker {
  readonly id: number;
  onPrepared(peer: MemberId, code: OutcomeCode, reply: PreparedReply): void;
  onAccepted(peer: MemberId, code: OutcomeCode, promised: Ballot): void;
}

export class Acceptors {
  readonly #parts: CoordinatorParts;
  readonly #storageKey: Bytes;
  readonly #asker: Asker;

  constructor(parts: CoordinatorParts, storageKey: Bytes, asker: Asker) {
    this.#parts = parts;
    this.#storageKey = storageKey;
    this.#asker = asker;
  }

  /** False: surely not sent. `deadline` is a clock. */
  prepare(home: MemberId, deadline: number, ballot: Ballot, head: Bytes): boolean {
    const { self, peers, acceptor } = this.#parts;
    if (home === self) {
      acceptor.prepare(ballot, this.#storageKey, head, new OwnAcceptor(this.#asker, self));
      return true;
    }
    const writer = peers.writer(home, "foreground");
    if (writer !== null) encodePrepare(writer, this.#asker.id, deadline, ballot, this.#storageKey, head);
    return writer !== null;
  }

  accept(home: MemberId, deadline: number, flags: number, proposal: Proposal): boolean {
    const { self, peers, limits, acceptor } = this.#parts;
    if (home === self) {
      acceptor.accept(flags, this.#storageKey, proposal, new OwnAcceptor(this.#asker, self));
      return true;
    }
    const writer = peers.writer(home, laneFor(limits, proposal.record));
    if (writer !== null) encodeAccept(writer, this.#asker.id, deadline, flags, this.#storageKey, proposal);
    return writer !== null;
  }
}

/** An answer that comes late finds another id. */
class OwnAcceptor implements AcceptorClient {
  readonly #asker: Asker;
  readonly #self: MemberId;
  readonly #id: number;

  constructor(asker: Asker, self: MemberId) {
    this.#asker = asker;
    this.#self = self;
    this.#id = asker.id;
  }

  onPrepared(code: OutcomeCode, reply: PreparedReply): void {
    if (this.#asker.id === this.#id) this.#asker.onPrepared(this.#self, code, reply);
  }

  onAccepted(code: OutcomeCode, promised: Ballot): void {
    if (this.#asker.id === this.#id) this.#asker.onAccepted(this.#self, code, promised);
  }
}
