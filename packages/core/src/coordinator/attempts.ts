/**
 * What one proposer has proposed for the same jobs, round after round, and what it may conclude when it finds some of it
 * accepted. A write must not be made twice: before it is decided anew, nobody can have chosen it, or built on it.
 */
import type { Bytes } from "../base/bytes.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { MemberId } from "../model/member.ts";
import { type Ballot, NO_BALLOT, compareBallots } from "../paxos/ballot.ts";
import { mergeRecords } from "../version/reconcile.ts";
import type { ConditionalJob } from "./conditional-job.ts";
import type { Decided } from "./conditional-batch.ts";
import type { CoordinatorParts } from "./coordination.ts";
import type { Promises } from "./promises.ts";
import type { Replication } from "./replication.ts";
import { receiptFor } from "./write-end.ts";

/** What was proposed for these jobs, and may have been chosen. */
export interface Attempt extends Decided {
  /** The ballot at which it was first proposed. */
  readonly origin: Ballot;
  /** What it was decided on. */
  readonly base: Bytes | null;
  readonly jobs: readonly ConditionalJob[];
  /** The instant by which expiry was judged. */
  readonly nowMs: number;
}

/**
 * So many have refused it that it was not chosen at its own ballot. Of each home that has accepted it all the same, or may
 * have: up to which ballot it has since then promised to nobody but this proposer; `NO_BALLOT`: it has, or nobody knows.
 */
type Unseen = Map<MemberId, Ballot>;

/**
 * `decide`: on this base. `finish`: this attempt is what was accepted last; it goes on. `overtaken`: what was accepted
 * last may have been built on an attempt, and nobody can tell.
 */
export type Finding =
  | { readonly kind: "decide"; readonly base: Bytes | null }
  | { readonly kind: "finish"; readonly attempt: Attempt }
  | { readonly kind: "overtaken" };

export class Attempts {
  readonly #attempts: Attempt[] = [];
  readonly #refused = new Map<Attempt, Unseen>();

  get isEmpty(): boolean {
    return this.#attempts.length === 0;
  }

  add(attempt: Attempt): void {
    this.#attempts.push(attempt);
  }

  /**
   * All but `acceptedBy` have refused it, or were never asked: so many that it is not chosen. `promised`: what a home
   * promises along with it.
   */
  refuse(attempt: Attempt, acceptedBy: readonly MemberId[], promised: Ballot): void {
    this.#refused.set(attempt, new Map(acceptedBy.map((home) => [home, promised])));
  }

  /**
   * A home has promised this proposer a ballot, and had promised another one before. Each promise must be heard of, also
   * those of rounds that come to nothing: the last one hides who had asked before it.
   */
  onPromised(home: MemberId, before: Ballot, ballot: Ballot): void {
    for (const [attempt, homes] of this.#refused) {
      const last = homes.get(home);
      if (last === undefined) continue;
      // It had not accepted it, and cannot any more.
      if (compareBallots(before, attempt.origin) < 0) homes.delete(home);
      else homes.set(home, compareBallots(before, last) === 0 ? ballot : NO_BALLOT);
    }
  }

  /** What follows from what a majority has promised, at this ballot, and said. */
  findingOf(promises: Promises, ballot: Ballot): Finding {
    const { accepted, origin } = promises;
    const known = this.#attempts.find((attempt) => compareBallots(attempt.origin, origin) === 0);
    if (known === undefined) {
      const isOvertaken = this.#attempts.some(
        (attempt) => compareBallots(attempt.origin, accepted) < 0 && !this.#isUnseen(attempt, ballot),
      );
      return isOvertaken ? { kind: "overtaken" } : { kind: "decide", base: promises.base() };
    }
    // Its own proposer knows that it was not chosen there, and what it was to replace.
    if (this.#refused.has(known) && compareBallots(known.origin, accepted) === 0)
      return { kind: "decide", base: mergeRecords(promises.committed, known.base) };
    return { kind: "finish", attempt: { ...known, record: promises.base() } };
  }

  /** It was not chosen, and nobody else has prepared where it was accepted: so nobody else has built on it. */
  #isUnseen(attempt: Attempt, ballot: Ballot): boolean {
    const homes = this.#refused.get(attempt);
    return homes !== undefined && [...homes.values()].every((last) => compareBallots(last, ballot) === 0);
  }
}

/** It was chosen, or nothing is to be written: each is told its own verdict. */
export function answerAll(parts: CoordinatorParts, attempt: Attempt, replication: Replication | null): void {
  for (const [i, job] of attempt.jobs.entries()) {
    const verdict = attempt.verdicts[i];
    if (verdict === undefined) continue;
    const { code, text, existed, bytes, written } = verdict;
    const receipt =
      written === null || replication === null || !job.request.wantReceipt
        ? null
        : receiptFor(parts, job.request, written, replication);
    job.end({ code, text, existed, bytes, nowMs: attempt.nowMs, receipt });
  }
}

/** What was not proposed was surely not written. */
export function refuseAll(jobs: readonly ConditionalJob[], code: OutcomeCode, text: string): void {
  for (const job of jobs) {
    if (job.isProposed) job.fail("UNKNOWN", code === "UNKNOWN" ? text : "");
    else if (code === "UNKNOWN") job.fail("QUORUM", "");
    else job.fail(code, text);
  }
}
