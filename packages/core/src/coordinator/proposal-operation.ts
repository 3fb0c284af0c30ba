/**
 * Rounds of CASPaxos for one key, one after the other while somebody waits (Rystsov, "CASPaxos", 2018):
 *
 * 1. *Prepare*: a majority of the homes promises a ballot and says what it has accepted and committed. Skipped when a
 *    majority has promised this ballot along with what was chosen last, and nothing was written here since.
 * 2. *Decide* all that has queued up, on the accepted record of the highest ballot and all that is committed.
 * 3. *Accept* on a majority, durably. From then on it is chosen, whoever finishes it.
 * 4. *Commit*: it is replicated as any record is, fsynced on a majority. Then all are answered.
 *
 * Where nothing is to be written it is enough to *look*: if a majority holds the same record and has accepted nothing that
 * is not in it, that is the answer. Else the round is run with what is there, so that the next one finds the same.
 */
import { assert } from "../base/assert.ts";
import { type Bytes, copyBytes } from "../base/bytes.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { MemberId } from "../model/member.ts";
import { type Ballot, NO_BALLOT, compareBallots, isBallot } from "../paxos/ballot.ts";
import type { MintWaiter } from "../replica/minter.ts";
import type { KeyEntry, RecordUser } from "../storage/key-entry.ts";
import { contextMaxClock } from "../version/causal-context.ts";
import { contextOf } from "../version/record.ts";
import { ACCEPT_REPAIRS, ACCEPT_UNPREPARED, type PreparedReply } from "../wire/messages.ts";
import { type Attempt, Attempts, answerAll, refuseAll } from "./attempts.ts";
import { Acceptors } from "./acceptors.ts";
import { Commit } from "./commit.ts";
import type { Decided } from "./conditional-batch.ts";
import type { CoordinatorParts } from "./coordination.ts";
import { ProposalFrame, headBytes, isSameHead } from "./proposal-frame.ts";
import type { KeyProposer } from "./proposers.ts";
import { Promises } from "./promises.ts";
import type { Replication } from "./replication.ts";

/** `opening`: its own record is read. `resting`: another proposer was faster; it tries again in a moment. */
type Phase = "opening" | "looking" | "preparing" | "accepting" | "committing" | "resting";

const BATCH_MAX = 256;

export class ProposalOperation extends ProposalFrame implements RecordUser, MintWaiter {
  readonly #proposer: KeyProposer;
  readonly #ended: () => void;
  readonly #acceptors: Acceptors;
  #phase: Phase = "opening";
  /** What was proposed for these jobs. */
  #attempts: Attempts;
  #attempt: Attempt | null = null;
  #ballot: Ballot = NO_BALLOT;
  #next: Ballot = NO_BALLOT;
  /** Of this member; null: none, or it is damaged. */
  #own: Bytes | null = null;
  #promises = new Promises(null);
  /** The highest ballot that stood in the way. */
  #outbid: Ballot = NO_BALLOT;
  /** An acceptor holds what the proposal has not seen; or a higher ballot was promised. */
  #isStale = false;
  #isRetried = false;
  /** Somebody may have accepted it and could not say so. */
  #isUnsure = false;
  #refusal: OutcomeCode = "QUORUM";
  #failures = 0;
  #isAsking = false;
  #committing: Commit | null = null;

  constructor(parts: CoordinatorParts, proposer: KeyProposer, ended: () => void) {
    super(parts, proposer.key, proposer.homes);
    this.#proposer = proposer;
    this.#ended = ended;
    this.#attempts = new Attempts();
    this.#acceptors = new Acceptors(parts, proposer.key, this);
  }

  start(): void {
    this.#begin();
  }

  onEntry(tag: number, entry: KeyEntry): void {
    if (this.#phase !== "opening" || tag !== this.id) return;
    if (entry.damaged) this.parts.healer.heal(entry, null);
    this.#own = entry.damaged ? null : entry.committed;
    const { ballot, head } = this.#proposer;
    const isKnown = !entry.damaged && isBallot(ballot) && isSameHead(this.#own, head);
    if (!this.#attempts.isEmpty) this.#prepare();
    else if (this.jobs.every(({ isRead }) => isRead)) this.#look();
    else if (!isKnown) this.#prepare();
    else this.#decideOn(this.#own, ballot, ACCEPT_UNPREPARED);
  }

  onCommitted(): void {
    // Appends are those of a merge.
  }

  onMintable(): void {
    if (this.#phase === "resting") this.#open();
  }

  override onPrepared(peer: MemberId, code: OutcomeCode, reply: PreparedReply): void {
    const isAsked = this.#phase === "looking" || this.#phase === "preparing";
    if (!isAsked || !this.poll.isAwaited(peer)) return;
    if (code === "OK") {
      this.poll.onGood(peer);
      this.#promises.add(reply);
      if (this.#phase === "preparing") this.#attempts.onPromised(peer, reply.promised, this.#ballot);
    } else this.#fail(peer, code, reply.promised);
    this.#settle();
  }

  override onAccepted(peer: MemberId, code: OutcomeCode, promised: Ballot): void {
    if (this.#phase !== "accepting" || !this.poll.isAwaited(peer)) return;
    if (code === "OK") this.poll.onGood(peer);
    else this.#fail(peer, code, promised);
    this.#settle();
  }

  override onReplicated(peer: MemberId, code: OutcomeCode, fsynced: boolean): void {
    this.#committing?.onAnswer(peer, code, fsynced);
    this.#settle();
  }

  override onPeerDown(peer: MemberId): void {
    if (this.#phase === "committing") this.#committing?.replication.onFailure(peer);
    else this.#lose(peer);
    this.#settle();
  }

  override onBulkDown(peer: MemberId): void {
    if (this.#phase === "committing") this.#committing?.replication.onBulkDown(peer);
    else this.#lose(peer);
    this.#settle();
  }

  override onPeerSilent(): void {
    if (this.#phase === "looking") this.#lookFurther();
  }

  override onTimer(): void {
    if (this.jobs.every(({ isDone }) => isDone)) {
      // All have given up waiting.
      this.#refuse("TIMEOUT", "");
      return;
    }
    this.watch();
    if (this.#phase === "resting") this.#open();
    else if (this.#phase === "looking") this.#lookFurther();
    else this.#settle();
  }

  /** Takes what has queued up. */
  #begin(): void {
    const { queue } = this.#proposer;
    this.#attempts = new Attempts();
    this.#attempt = null;
    this.#failures = 0;
    this.jobs = queue.splice(0, BATCH_MAX).filter(({ isDone }) => !isDone);
    if (this.jobs.length > 0) this.#open();
    else if (queue.length > 0) this.#begin();
    else {
      this.unregister();
      this.parts.timers.cancel(this);
      this.#ended();
    }
  }

  #open(): void {
    const { reachable } = this;
    if (reachable < this.where.w && this.#attempts.isEmpty) {
      const text = `only ${reachable} of the ${this.where.w} homes asked for can be reached; nothing was written`;
      this.#refuse("QUORUM", text);
      return;
    }
    this.#enter("opening");
    this.parts.store.withEntry(this.where.storageKey, true, this, this.id);
  }

  #look(): void {
    this.#enter("looking");
    this.#promises = new Promises(this.#own);
    this.#ballot = NO_BALLOT;
    this.#ask(() => {
      for (const home of this.homesInOrder()) if (this.poll.wantsMore) this.#askPrepare(home);
    });
  }

  /** Somebody is slow: ask all. */
  #lookFurther(): void {
    this.#ask(() => {
      for (const home of this.where.homes) if (!this.poll.wasAsked(home)) this.#askPrepare(home);
    });
  }

  #prepare(): void {
    const { clock, minter } = this.parts;
    this.#enter("preparing");
    if (clock.tooFarAhead(this.#outbid.clock)) {
      this.#refuse("CLOCK", "");
      return;
    }
    const minted = minter.mint(this.#outbid.clock);
    if (minted === 0) {
      this.#rest();
      minter.wait(this);
      return;
    }
    this.#ballot = this.ballotAt(minted);
    this.#promises = new Promises(this.#own);
    this.#ask(() => {
      for (const home of this.where.homes) this.#askPrepare(home);
    });
  }

  #askPrepare(home: MemberId): void {
    this.poll.ask(home);
    const head = headBytes(this.#own);
    if (!this.#acceptors.prepare(home, this.deadline, this.#ballot, head))
      this.#fail(home, "QUORUM", NO_BALLOT);
  }

  /** Answers may come while some are still to be asked. */
  #ask(all: () => void): void {
    this.#isAsking = true;
    all();
    this.#isAsking = false;
    this.#settle();
  }

  #settle(): void {
    if (this.#isAsking) return;
    if (this.#phase === "committing") {
      this.#settleCommit();
      return;
    }
    if (this.#phase === "opening" || this.#phase === "resting") return;
    if (this.poll.isReached) this.#onMajority();
    else if (this.#phase === "looking" && this.poll.wantsMore) this.#lookFurther();
    // Whoever has accepted it is to be known, if that can be: then nobody need be told that it is unknown.
    else if (this.poll.isLost && (this.#phase !== "accepting" || this.hasHeardAll)) this.#onRefused();
  }

  #onMajority(): void {
    if (this.#phase === "accepting") this.#commit();
    else if (this.#phase === "preparing") this.#onPromised();
    else if (this.#promises.isClean) this.#decideOn(this.#own, NO_BALLOT, 0);
    else this.#prepare();
  }

  /** `ballot`: promised to this member by a majority; none: it has only looked. */
  #decideOn(base: Bytes | null, ballot: Ballot, flags: number): void {
    const decided = this.decided(base);
    const isWriting = decided.writes.length > 0;
    const { origin } = this.#promises;
    // What is there is finished for whoever proposed it.
    const attempt = { ...decided, origin: isWriting || !isBallot(origin) ? ballot : origin };
    // An attempt may still lie where nobody has looked: only what is chosen above it forbids that it is finished.
    const isSettled = this.#phase !== "opening" && this.#promises.isClean && this.#attempts.isEmpty;
    if (decided.verdicts.length < this.jobs.length) this.#postpone(decided);
    else if (isWriting && !isBallot(ballot)) this.#prepare();
    else if (isWriting) this.#propose(attempt, ballot, flags);
    else if (isSettled && !this.isFirm(base, decided.nowMs)) this.#open();
    else if (isSettled) this.#answer(attempt);
    else if (this.#phase === "opening") this.#look();
    else if (base === null)
      this.#refuse("UNKNOWN", "what was proposed was not found again (outcome unknown)");
    else this.#propose(attempt, ballot, flags);
  }

  /** Clocks ran out: those that could not be decided go back, or all wait. */
  #postpone({ verdicts, record }: Decided): void {
    const { clock, minter } = this.parts;
    if (clock.tooFarAhead(contextMaxClock(contextOf(record)))) {
      this.#refuse("CLOCK", "");
      return;
    }
    this.#proposer.queue.unshift(...this.jobs.splice(Math.max(1, verdicts.length)));
    this.#rest();
    minter.wait(this);
  }

  #onPromised(): void {
    const finding = this.#attempts.findingOf(this.#promises, this.#ballot);
    // Where all others have promised, a damaged acceptor may accept: nothing lower is chosen without one of them.
    const flags = this.poll.lastDamaged === 0 ? 0 : ACCEPT_REPAIRS;
    if (finding.kind === "overtaken")
      this.#refuse("UNKNOWN", "another proposer was faster (outcome unknown)");
    else if (finding.kind === "finish") this.#propose(finding.attempt, this.#ballot, flags);
    else this.#decideOn(finding.base, this.#ballot, flags);
  }

  #propose(attempt: Attempt, ballot: Ballot, flags: number): void {
    const { record } = attempt;
    assert(record !== null, "there is something to propose");
    this.#attempt = attempt;
    if (attempt.writes.length > 0) this.#attempts.add(attempt);
    for (const [i, job] of attempt.jobs.entries())
      if ((attempt.verdicts[i]?.written ?? null) !== null) job.isProposed = true;
    const damaged = this.poll.lastDamaged;
    this.#enter("accepting");
    this.#ballot = ballot;
    const minted = this.parts.minter.mint(ballot.clock);
    this.#next = minted === 0 ? NO_BALLOT : this.ballotAt(minted);
    const proposal = { ballot, origin: attempt.origin, next: this.#next, record };
    this.#ask(() => {
      for (const home of this.where.homes) {
        const bits = home === damaged ? flags : flags & ~ACCEPT_REPAIRS;
        this.poll.ask(home);
        if (!this.#acceptors.accept(home, this.deadline, bits, proposal))
          this.#fail(home, "QUORUM", NO_BALLOT);
      }
    });
  }

  /** No majority can be had any more. */
  #onRefused(): void {
    this.#proposer.forget();
    if (this.#phase === "accepting" && this.#attempt !== null && !this.#isUnsure) {
      const promised = isBallot(this.#next) ? this.#next : this.#ballot;
      this.#attempts.refuse(this.#attempt, this.poll.mayBeGood, promised);
    }
    if (this.#isStale && !this.#isRetried) this.#open();
    else if (this.#isRetried || this.#isStale || !this.#attempts.isEmpty) this.#rest();
    else this.#refuse(this.#refusal, "");
  }

  /** Backs off, longer each time. */
  #rest(): void {
    this.#enter("resting");
    this.parts.timers.after(this, this.restMs(this.#failures++));
  }

  #fail(home: MemberId, code: OutcomeCode, promised: Ballot): void {
    this.poll.onBad(home, code === "DAMAGED");
    if (compareBallots(promised, this.#outbid) > 0) this.#outbid = promised;
    if (code === "CONFLICT") this.#isRetried = true;
    if (code === "CONDITION") this.#isStale = true;
    // That somebody is away says less than what others said.
    if (code !== "CONFLICT" && code !== "CONDITION" && code !== "QUORUM") this.#refusal = code;
  }

  /** It may have heard the question, and will not be heard. */
  #lose(peer: MemberId): void {
    if (!this.poll.isAwaited(peer)) return;
    this.#isUnsure = true;
    this.#fail(peer, "QUORUM", NO_BALLOT);
  }

  #commit(): void {
    const attempt = this.#attempt;
    const record = attempt?.record ?? null;
    assert(attempt !== null && record !== null, "something was chosen");
    this.#enter("committing");
    const commit = new Commit(this.parts, this.where);
    this.#committing = commit;
    commit.send(this.id, this.deadline, record, attempt.writes, () => this.#settle());
    this.#settle();
  }

  #settleCommit(): void {
    const attempt = this.#attempt;
    const state = this.#committing?.state ?? "pending";
    if (attempt === null || state === "pending") return;
    if (state === "reached") {
      this.#proposer.ballot = this.#next;
      this.#proposer.head = copyBytes(headBytes(attempt.record));
      this.#answer(attempt);
    } else
      this.#refuse(
        "UNKNOWN",
        "it was chosen, and a majority of the homes could not be told (outcome unknown)",
      );
  }

  #answer(attempt: Attempt): void {
    answerAll(this.parts, attempt, this.#endCommit());
    this.#begin();
  }

  /** For all who are asked in this round. What was not proposed was surely not written. */
  #refuse(code: OutcomeCode, text: string): void {
    this.#endCommit();
    this.#proposer.forget();
    refuseAll(this.jobs, code, text);
    this.#begin();
  }

  /** Homes that have not answered yet are watched by somebody else, under the id of this phase. */
  #endCommit(): Replication | null {
    const commit = this.#committing;
    this.#committing = null;
    if (commit === null) return null;
    if (commit.stop(this.id)) this.id = 0;
    return commit.replication;
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    this.#isStale = false;
    this.#isRetried = false;
    this.#isUnsure = false;
    this.#refusal = "QUORUM";
    this.beginPhase();
  }
}
