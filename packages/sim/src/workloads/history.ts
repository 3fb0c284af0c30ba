/**
 * What clients saw: the only thing, besides what disks hold, that checkers may look at. A put writes the id of its
 * operation as its value, so that every value names the one write it comes from. Tombstones carry no bytes and look
 * alike.
 */
import type { Durability, MemberId } from "@kvorum/core";

export type OperationId = number;

/** `failed`: surely nothing was written. `unknown`: it may have been, or may yet be. */
export type Ending = "running" | "ok" | "failed" | "unknown";

export interface Operation {
  /** From 1. */
  readonly id: OperationId;
  readonly client: number;
  /** The member that was asked. */
  readonly member: MemberId;
  readonly kind: "get" | "put" | "delete";
  readonly key: string;
  /** Homes asked for (r or w), as a number. */
  readonly homes: number;
  readonly durability: Durability;
  /** The operation whose token a write was given: a get, or an acknowledged write. Null: an overwrite. */
  readonly contextOf: OperationId | null;
  readonly timeoutUs: number;
  /** Asked after all faults had healed: it has to succeed. */
  readonly isAfterHealing: boolean;
  readonly invokedUs: number;
  /** Infinity while it runs and when its end is unknown: its effect may come at any time. */
  endedUs: number;
  ending: Ending;
  /** The outcome's code, or the client's own word for a lost connection. */
  code: string;
  /** The member answered, or was crashed or held up; false: it should have answered and did not. */
  isInTime: boolean;
  /** It was acknowledged and yet wrote nothing: a delete that found nothing to remove. */
  wroteNothing: boolean;
  /** Of an acknowledged write: the homes that its receipt names. */
  holders: readonly MemberId[];
  /** Of a get: the writes whose values it returned. */
  values: readonly OperationId[];
  /** Of a get: how many tombstones it returned. */
  tombstones: number;
}

export interface History {
  /** How many homes each key has. */
  readonly n: number;
  /** In order of invocation; `operations[id - 1]` has that id. */
  readonly operations: readonly Operation[];
  /** Who lost power when: what a home had only acknowledged as `os` may be gone from it. */
  readonly powerCuts: readonly PowerCut[];
}

export interface PowerCut {
  readonly member: MemberId;
  readonly atUs: number;
}

/** What is wrong, in words that need nothing else. */
export interface Violation {
  readonly checker: string;
  readonly key: string;
  readonly text: string;
  readonly operations: readonly OperationId[];
}

/** Of the homes that acknowledged a write, those that must still hold it (or what replaced it) at this time. */
export function boundHolders(write: Operation, history: History, atUs: number): readonly MemberId[] {
  if (write.durability === "fsync") return write.holders;
  return write.holders.filter(
    (holder) =>
      !history.powerCuts.some(
        (cut) => cut.member === holder && cut.atUs >= write.invokedUs && cut.atUs <= atUs,
      ),
  );
}

/** One line for people. */
export function describe(operation: Operation): string {
  const { id, kind, key, member, homes, durability, contextOf, invokedUs, endedUs, ending, code } = operation;
  const how = kind === "get" ? `r=${homes}` : `w=${homes} ${durability}`;
  const context = contextOf === null ? "" : ` context of #${contextOf}`;
  const end = endedUs === Infinity ? "" : ` to ${seconds(endedUs)}`;
  const seen =
    kind === "get" && ending === "ok"
      ? ` saw [${[...operation.values.map((value) => `#${value}`), ...(operation.tombstones > 0 ? ["tombstone"] : [])].join(" ")}]`
      : "";
  return `#${id} ${kind} ${key} at member ${member} ${how}${context}: ${seconds(invokedUs)}${end} s ${ending} ${code}${seen}`;
}

export function seconds(us: number): string {
  return (us / 1_000_000).toFixed(6);
}
