/** What is checked of every request before an operation begins: the limits, and where its key lives. */
import type { Bytes } from "../base/bytes.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { MemberId } from "../model/member.ts";
import type { NamespaceId } from "../model/namespace.ts";
import { slotOf } from "../ring/slot.ts";
import { recordKey } from "../storage/keyspace.ts";
import { HLC_TICKS } from "../version/hlc.ts";
import type { CoordinatorParts } from "./coordination.ts";

/** Where a request's key lives. */
export interface Place {
  readonly slot: number;
  readonly homes: readonly MemberId[];
  readonly fallbacks: readonly MemberId[];
  readonly storageKey: Bytes;
}

export interface Refusal {
  readonly code: OutcomeCode;
  readonly text: string;
}

export const NO_HOMES: Refusal = { code: "QUORUM", text: "this key has no homes" };
/** Of a request that a peer sent too long ago, or may have. */
export const PAUSED: Refusal = {
  code: "OVERLOADED",
  text: "this member was paused and cannot tell how old the request is; nothing was written",
};

export class RequestChecks {
  readonly #parts: CoordinatorParts;

  constructor(parts: CoordinatorParts) {
    this.#parts = parts;
  }

  /** Of its key and value. */
  refusal(namespace: NamespaceId, key: Bytes, value: Bytes): Refusal | null {
    const { limits } = this.#parts;
    if (this.#parts.placement.namespace(namespace) === null)
      return { code: "INVALID", text: "there is no such namespace" };
    if (key.length > limits.keyBytesMax) {
      return {
        code: "TOOLARGE",
        text: `the key is ${key.length} bytes, the limit is ${limits.keyBytesMax} (keyBytesMax)`,
      };
    }
    if (value.length > limits.valueBytesMax) {
      const text = `the value is ${value.length} bytes, the limit is ${limits.valueBytesMax} (valueBytesMax)`;
      return { code: "TOOLARGE", text };
    }
    return null;
  }

  expiryRefusal(request: { readonly expiryMs: number }): Refusal | null {
    const { limits, clock } = this.#parts;
    if (request.expiryMs <= clock.nowMs() + limits.ttlMsMax) return null;
    return {
      code: "INVALID",
      text: `the time to live is beyond the limit of ${limits.ttlMsMax} ms (ttlMsMax)`,
    };
  }

  overload(): Refusal | null {
    const { operations, store, limits } = this.#parts;
    const full = operations.size >= limits.operationsMax || store.waiting >= limits.operationsMax;
    return full ? { code: "OVERLOADED", text: "" } : null;
  }

  /** Null: its key has no homes. */
  place(namespace: NamespaceId, key: Bytes): Place | null {
    const slot = slotOf(key);
    const homes = this.#parts.placement.homesOf(namespace, slot);
    if (homes.length === 0) return null;
    const fallbacks = this.#parts.placement.fallbacksOf(slot);
    return { slot, homes, fallbacks, storageKey: recordKey(slot, namespace, key) };
  }

  /**
   * Of a request that a peer sent, ms. Once it has passed nobody waits for it any more, and its author may have moved on:
   * applied now it could undo what came later.
   */
  timeLeftMs(deadline: number): number {
    const { clock, limits, lateMs } = this.#parts;
    return Math.min((deadline - clock.reading()) / HLC_TICKS - lateMs(), limits.timeoutMsMax);
  }
}
