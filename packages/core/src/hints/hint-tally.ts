/** What has come of a member's hints since its start, for each target. */
import type { OutcomeCode } from "../base/outcome.ts";
import type { MemberId } from "../model/member.ts";
import type { HintIndex } from "./hint-index.ts";

/** The hints for one member, and what has come of them since the start. */
export interface TargetStatus {
  readonly target: MemberId;
  /** Keys of which it may lack what this member holds as a home, and records kept here in its place. */
  readonly references: number;
  readonly copies: number;
  readonly bytes: number;
  /** Age of the oldest, in ms; 0 when there is none. Up to ten seconds too old when the oldest has just gone. */
  readonly oldestMs: number;
  readonly noted: number;
  readonly delivered: number;
  /** References that found no room: exchanges will find what they were for. */
  readonly dropped: number;
  /** Copies that found no room: they were not acknowledged. */
  readonly refused: number;
  /** How the last delivery ended; empty before there was one. */
  readonly lastCode: OutcomeCode | "";
}

/** All hints of a member together. */
export type HintTotals = Omit<TargetStatus, "target" | "lastCode">;

export function hintTotals(targets: readonly TargetStatus[]): HintTotals {
  const sum = (of: (status: TargetStatus) => number): number =>
    targets.reduce((total, status) => total + of(status), 0);
  return {
    references: sum((status) => status.references),
    copies: sum((status) => status.copies),
    bytes: sum((status) => status.bytes),
    oldestMs: Math.max(0, ...targets.map((status) => status.oldestMs)),
    noted: sum((status) => status.noted),
    delivered: sum((status) => status.delivered),
    dropped: sum((status) => status.dropped),
    refused: sum((status) => status.refused),
  };
}

type Counts = Record<"noted" | "delivered" | "dropped" | "refused", number>;

export class HintTally {
  readonly #counts = new Map<MemberId, Counts>();

  of(target: MemberId): Counts {
    let counts = this.#counts.get(target);
    if (counts === undefined) {
      counts = { noted: 0, delivered: 0, dropped: 0, refused: 0 };
      this.#counts.set(target, counts);
    }
    return counts;
  }

  /** In order of member. */
  status(index: HintIndex, nowMs: number, codeOf: (target: MemberId) => OutcomeCode | ""): TargetStatus[] {
    const all = [...index.targets].map((hints) => ({
      target: hints.target,
      references: hints.counts.reference,
      copies: hints.counts.record,
      bytes: hints.bytes.reference + hints.bytes.record,
      oldestMs: hints.size === 0 ? 0 : Math.max(0, nowMs - hints.oldestMs),
      ...this.of(hints.target),
      lastCode: codeOf(hints.target),
    }));
    return all.toSorted((a, b) => a.target - b.target);
  }
}
