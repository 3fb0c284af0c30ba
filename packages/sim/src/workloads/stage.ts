/**
 * Where clients act: a simulated cluster under virtual time, or real processes under real time. Clients know nothing
 * but this, so the same workloads run on both.
 */
import type { Durability, FallbackUse, MemberId } from "@kvorum/core";
import type { Target } from "../world/scheduler.ts";
import type { Operation, OperationId } from "./history.ts";

/** A token to write with, where it came from, and whether that was another key. */
export interface Token {
  readonly token: string;
  readonly from: OperationId;
  readonly isForeign: boolean;
}

/** What a client asks for. */
export interface Wish {
  readonly client: number;
  readonly member: MemberId;
  readonly kind: "get" | "put" | "delete";
  readonly key: string;
  /** 1 .. n. */
  readonly homes: number;
  /** Of a get: homes that are behind are brought level before the answer, not after it. */
  readonly levelsFirst: boolean;
  readonly durability: Durability;
  /** Whether fallbacks may stand in for homes. */
  readonly fallbacks: FallbackUse;
  readonly context: Token | null;
  /** With a token: to be refused beside anything that the token does not name. */
  readonly onlyIfSeen: boolean;
  /** Decided by a majority of the homes, and linearizable among its like; a put without a token. */
  readonly isConditional: boolean;
  /** The elements of a set that the value shall name beside the write itself; null: it is no set. */
  readonly elements: readonly number[] | null;
  readonly valueBytes: number;
  /** For a put: how long it lives; 0: for ever. */
  readonly ttlMs: number;
  readonly timeoutMs: number;
  /** The client waits no longer than this; Infinity: until it is told. */
  readonly patienceMs: number;
  /** It has to succeed, or to fail with one of these codes. */
  readonly isAfterHealing: boolean;
  readonly excuses: readonly string[];
}

/** Hears when an operation has ended, well or not; `token` is empty unless there is one. */
export interface Asker {
  onEnded(operation: Operation, token: string): void;
}

export interface Stage {
  /** Microseconds since some beginning. */
  readonly nowUs: number;
  /** `target.onDue(tag)` when so much time has passed. */
  after(delayUs: number, target: Target, tag: number): void;
  /** Sends an operation, and records what its client comes to know of it. */
  ask(wish: Wish, asker: Asker): Operation;
}
