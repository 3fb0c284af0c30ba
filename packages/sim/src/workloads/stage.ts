/**
 * Where clients act: a simulated cluster under virtual time, or real processes under real time. Clients know nothing
 * but this, so the same workloads run on both.
 */
import type { Durability, MemberId } from "@kvorum/core";
import type { Target } from "../world/scheduler.ts";
import type { Operation, OperationId } from "./history.ts";

/** What a client asks for. */
export interface Wish {
  readonly client: number;
  readonly member: MemberId;
  readonly kind: "get" | "put" | "delete";
  readonly key: string;
  /** 1 .. n. */
  readonly homes: number;
  readonly durability: Durability;
  /** A token to write with, and the operation it came from. */
  readonly context: { readonly token: string; readonly from: OperationId } | null;
  readonly valueBytes: number;
  readonly timeoutMs: number;
  readonly isAfterHealing: boolean;
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
