/** Asks every home of a key what it holds, and what it has promised and accepted, and compares. */
import { type Bytes, EMPTY_BYTES, copyBytes } from "../base/bytes.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { MemberId } from "../model/member.ts";
import { type Ballot, NO_BALLOT, ballotText } from "../paxos/ballot.ts";
import type { KeyEntry, RecordUser } from "../storage/key-entry.ts";
import { contextDots } from "../version/causal-context.ts";
import { contextOf, headOf, isHead, versionsOf } from "../version/record.ts";
import { sameRecord } from "../version/reconcile.ts";
import { encodeRead } from "../wire/encode.ts";
import type { PreparedReply } from "../wire/messages.ts";
import { Acceptors, type Asker } from "./acceptors.ts";
import { type CoordinatorParts, CoordinatorOperation } from "./coordination.ts";
import type { AcceptorView, ExplainUser, HomeView } from "./request.ts";

/** Where a key lives; the rest of an explanation is what its homes say. */
export interface KeyPlace {
  readonly slot: number;
  readonly partition: number;
  readonly homes: readonly MemberId[];
  readonly fallbacks: readonly MemberId[];
  readonly coordinator: MemberId;
}

export class ExplainOperation extends CoordinatorOperation implements RecordUser, Asker {
  readonly #place: KeyPlace;
  readonly #key: Bytes;
  readonly #timeoutMs: number;
  readonly #user: ExplainUser;
  readonly #tag: number;
  readonly #codes: (OutcomeCode | null)[];
  readonly #heads: (Bytes | null)[];
  /** Undefined: it has not said. */
  readonly #acceptors: (AcceptorView | null | undefined)[];
  #done = false;

  constructor(
    parts: CoordinatorParts,
    place: KeyPlace,
    storageKey: Bytes,
    timeoutMs: number,
    user: ExplainUser,
    tag: number,
  ) {
    super(parts);
    this.#place = place;
    this.#key = storageKey;
    this.#timeoutMs = timeoutMs;
    this.#user = user;
    this.#tag = tag;
    this.#codes = place.homes.map(() => null);
    this.#heads = place.homes.map(() => null);
    this.#acceptors = place.homes.map(() => undefined);
  }

  start(): void {
    this.register();
    this.parts.timers.after(this, this.#timeoutMs);
    const acceptors = new Acceptors(this.parts, this.#key, this);
    const deadline = this.deadlineClock(this.#timeoutMs);
    for (const [position, home] of this.#place.homes.entries()) {
      if (!acceptors.prepare(home, deadline, NO_BALLOT, EMPTY_BYTES)) this.#acceptors[position] = null;
      if (home === this.parts.self) {
        this.parts.store.withEntry(this.#key, false, this, position);
        continue;
      }
      const writer = this.parts.peers.writer(home, "foreground");
      if (writer === null) this.#codes[position] = "QUORUM";
      else encodeRead(writer, this.id, deadline, true, this.#key);
    }
    this.#settle();
  }

  onEntry(position: number, entry: KeyEntry): void {
    const head = entry.committed === null ? null : copyBytes(headOf(entry.committed));
    this.#note(position, entry.damaged ? "DAMAGED" : "OK", entry.damaged ? null : head);
  }

  onCommitted(): void {
    // Nothing is appended.
  }

  override onReadReply(peer: MemberId, code: OutcomeCode, _headOnly: boolean, bytes: Bytes): void {
    const sound = bytes.length === 0 || isHead(bytes);
    const head = sound && bytes.length > 0 ? copyBytes(bytes) : null;
    this.#note(this.#place.homes.indexOf(peer), sound ? code : "DAMAGED", head);
  }

  override onPrepared(peer: MemberId, code: OutcomeCode, reply: PreparedReply): void {
    const position = this.#place.homes.indexOf(peer);
    if (position < 0 || this.#acceptors[position] !== undefined) return;
    this.#acceptors[position] = code === "OK" ? viewOf(reply) : null;
    this.#settle();
  }

  override onAccepted(_peer: MemberId, _code: OutcomeCode, _promised: Ballot): void {
    // Nothing is proposed.
  }

  override onPeerDown(peer: MemberId): void {
    const position = this.#place.homes.indexOf(peer);
    if (position >= 0) this.#acceptors[position] ??= null;
    this.#note(this.#place.homes.indexOf(peer), "QUORUM", null);
  }

  override onTimer(): void {
    for (let i = 0; i < this.#codes.length; i++) {
      this.#codes[i] ??= "TIMEOUT";
      this.#acceptors[i] ??= null;
    }
    this.#settle();
  }

  #note(position: number, code: OutcomeCode, head: Bytes | null): void {
    if (position < 0 || this.#codes[position] !== null) return;
    this.#codes[position] = code;
    this.#heads[position] = head;
    this.#settle();
  }

  #settle(): void {
    if (this.#done || this.#codes.includes(null) || this.#acceptors.includes(undefined)) return;
    this.#done = true;
    this.unregister();
    this.parts.timers.cancel(this);
    const views = this.#place.homes.map((member, position): HomeView => {
      const head = this.#heads[position] ?? null;
      const versions = versionsOf(head).toReversed();
      return {
        member,
        code: this.#codes[position] ?? "TIMEOUT",
        versions,
        context: contextDots(contextOf(head)),
        acceptor: this.#acceptors[position] ?? null,
      };
    });
    const first = this.#heads[0] ?? null;
    const equal =
      this.#codes.every((code) => code === "OK") && this.#heads.every((head) => sameRecord(first, head));
    this.#user.onExplained(this.#tag, { ...this.#place, epoch: this.parts.topology.epoch, views, equal });
  }
}

function viewOf({ promised, accepted, unfinished }: PreparedReply): AcceptorView {
  return {
    promised: ballotText(promised),
    accepted: ballotText(accepted),
    unfinished: unfinished.length > 0,
  };
}
