/**
 * A serial read of a key that is at rest, at any of its homes: if a majority holds the same record and has accepted
 * nothing that is not in it, that is the answer. It costs what a quorum read does, and no proposer is asked. Whatever was
 * chosen was accepted by a majority, one of which is here: it is in what all hold, or it is seen to be unfinished.
 * Wherever the key is not at rest, or a majority does not say so, its proposer decides.
 */
import type { Bytes } from "../base/bytes.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { MemberId } from "../model/member.ts";
import { NO_BALLOT } from "../paxos/ballot.ts";
import type { KeyEntry, RecordUser } from "../storage/key-entry.ts";
import type { PreparedReply } from "../wire/messages.ts";
import { Acceptors } from "./acceptors.ts";
import { answerAll } from "./attempts.ts";
import type { ConditionalJob } from "./conditional-job.ts";
import type { CoordinatorParts } from "./coordination.ts";
import { ProposalFrame, headBytes } from "./proposal-frame.ts";
import { Promises } from "./promises.ts";

export class SerialLook extends ProposalFrame implements RecordUser {
  readonly #job: ConditionalJob;
  readonly #otherwise: (deadlineMs: number) => void;
  readonly #acceptors: Acceptors;
  /** Of this member. */
  #own: Bytes | null = null;
  #promises = new Promises(null);
  #isAsking = false;
  #isOver = false;

  /** `homes`: this member is one. `otherwise`: called instead of an answer, with the job's deadline; the job is released. */
  constructor(
    parts: CoordinatorParts,
    storageKey: Bytes,
    homes: readonly MemberId[],
    job: ConditionalJob,
    otherwise: (deadlineMs: number) => void,
  ) {
    super(parts, storageKey, homes);
    this.#job = job;
    this.#otherwise = otherwise;
    this.#acceptors = new Acceptors(parts, storageKey, this);
    this.jobs = [job];
  }

  start(): void {
    this.parts.store.withEntry(this.where.storageKey, true, this, 0);
  }

  onEntry(_tag: number, entry: KeyEntry): void {
    if (entry.damaged) {
      this.parts.healer.heal(entry, null);
      this.#giveUp();
      return;
    }
    this.#own = entry.committed;
    this.#askMajority();
  }

  /** If this member's own record changes meanwhile, its acceptor says that it is another one. */
  #askMajority(): void {
    this.#promises = new Promises(this.#own);
    this.beginPhase();
    this.#isAsking = true;
    for (const home of this.homesInOrder()) if (!this.#isOver && this.poll.wantsMore) this.#ask(home);
    this.#isAsking = false;
    this.#settle();
  }

  onCommitted(): void {
    // A read appends nothing.
  }

  override onPrepared(peer: MemberId, code: OutcomeCode, reply: PreparedReply): void {
    if (!this.poll.isAwaited(peer)) return;
    if (code === "OK") {
      this.poll.onGood(peer);
      this.#promises.add(reply);
    } else this.poll.onBad(peer, false);
    this.#settle();
  }

  override onPeerDown(peer: MemberId): void {
    if (!this.poll.isAwaited(peer)) return;
    this.poll.onBad(peer, false);
    this.#settle();
  }

  override onBulkDown(peer: MemberId): void {
    this.onPeerDown(peer);
  }

  override onPeerSilent(): void {
    this.#goOn();
  }

  /** Somebody is slow, or the one who asked has given up. */
  override onTimer(): void {
    if (this.#job.isDone) {
      this.#end();
      return;
    }
    this.watch();
    this.#goOn();
  }

  /** Who is silent to this home may well answer the proposer. */
  #goOn(): void {
    const { self, peers } = this.parts;
    const hopeful = this.where.homes.filter(
      (home) => home === self || this.poll.hasAnsweredWell(home) || peers.reachable(home),
    );
    if (hopeful.length < this.where.w) this.#giveUp();
    else this.#askAll();
  }

  #askAll(): void {
    this.#isAsking = true;
    for (const home of this.where.homes) if (!this.poll.wasAsked(home)) this.#ask(home);
    this.#isAsking = false;
    this.#settle();
  }

  #ask(home: MemberId): void {
    this.poll.ask(home);
    const isSent = this.#acceptors.prepare(home, this.deadline, NO_BALLOT, headBytes(this.#own));
    if (!isSent) this.poll.onBad(home, false);
    // This member's own acceptor answers at once, and then others need not be asked.
    else if (!this.#promises.isClean) this.#giveUp();
  }

  #settle(): void {
    if (this.#isOver || this.#isAsking) return;
    if (!this.#promises.isClean || this.poll.isLost) this.#giveUp();
    else if (this.poll.isReached) this.#answer();
    else if (this.poll.wantsMore) this.#askAll();
  }

  #answer(): void {
    const attempt = { ...this.decided(this.#own), origin: NO_BALLOT };
    if (!this.isFirm(this.#own, attempt.nowMs)) {
      this.#askMajority();
      return;
    }
    this.#end();
    answerAll(this.parts, attempt, null);
  }

  #giveUp(): void {
    if (this.#isOver) return;
    this.#end();
    if (this.#job.isDone) return;
    this.#job.release();
    this.#otherwise(this.#job.deadlineMs);
  }

  #end(): void {
    this.#isOver = true;
    this.unregister();
    this.parts.timers.cancel(this);
  }
}
