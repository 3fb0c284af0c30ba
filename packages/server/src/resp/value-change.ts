/**
 * Changes that depend on what is there: EXPIRE, PERSIST, GETEX, SET KEEPTTL. A quorum read, then a write with that
 * read's context, which its coordinator refuses if it holds anything that was not seen. Then the key is read again and
 * the change is made on what is there by now: a value that was set meanwhile is kept, a key that was deleted meanwhile
 * stays deleted. Where writes of a key go through several coordinators, as in a partition, siblings remain possible.
 */
import {
  EMPTY_BYTES,
  assert,
  bytesEqual,
  copyBytes,
  type Bytes,
  type GetResult,
  type GetUser,
  type PutResult,
  type PutUser,
  type Version,
} from "@kvorum/core";
import { fillRead } from "./commands/calls.ts";
import type { ReplySlot } from "./reply-slot.ts";
import type { ReplyWriter } from "./reply-writer.ts";
import { scopeOf, type Resumable, type Scope } from "./session.ts";

export type WriteReply = (out: ReplyWriter) => void;

/** What a change makes of the value that is there. `keep` writes nothing. */
export type Verdict =
  | { readonly kind: "keep" | "delete"; readonly reply: WriteReply }
  | { readonly kind: "put"; readonly reply: WriteReply; readonly value: Bytes; readonly expiryMs: number };

/** Asked with the newest live version, or null; again when another write came between. Its bytes may be kept. */
export type Decide = (current: Version | null, nowMs: number) => Verdict;

/** What was seen at the coordinator may take a moment until readers see it: until it is on disk. */
const PAUSE_MS_MAX = 32;

export class ValueChange implements GetUser, PutUser, Resumable {
  readonly #scope: Scope;
  readonly #slot: ReplySlot;
  readonly #key: Bytes;
  readonly #decide: Decide;
  readonly #overwrites: boolean;
  readonly #deadlineMs: number;
  #pauseMs = 1;
  /** What is said once the write under way is acknowledged. */
  #reply: WriteReply | null = null;

  /** `overwrites`: like SET it replaces whatever is there; otherwise several different values are a conflict. */
  constructor(session: Scope, slot: ReplySlot, key: Bytes, overwrites: boolean, decide: Decide) {
    this.#scope = scopeOf(session);
    this.#slot = slot;
    this.#key = key;
    this.#decide = decide;
    this.#overwrites = overwrites;
    this.#deadlineMs = session.face.member.nowMs() + session.defaults.timeoutMs;
  }

  start(): void {
    const call = fillRead(this.#slot.getCall, this.#scope, this.#key, false);
    call.timeoutMs = Math.max(1, this.#leftMs());
    this.#scope.face.member.get(call, this, 0);
  }

  onGet(_tag: number, result: GetResult): void {
    if (result.code !== "OK") {
      this.#fail(result);
      return;
    }
    const newest = result.newestLive();
    if (!this.#overwrites && this.#conflicts(result, newest)) return;
    const current = newest === null ? null : { ...newest, value: copyBytes(newest.value) };
    const verdict = this.#decide(current, result.nowMs);
    if (verdict.kind === "keep") this.#answer(verdict.reply);
    else this.#write(verdict, result.token());
  }

  onPut(_tag: number, result: PutResult): void {
    assert(this.#reply !== null, "a write was asked for");
    if (result.code === "OK") {
      this.#answer(this.#reply);
    } else if (result.code === "CONFLICT" && this.#leftMs() > this.#pauseMs) {
      setTimeout(() => this.#scope.face.later(this), this.#pauseMs);
      this.#pauseMs = Math.min(2 * this.#pauseMs, PAUSE_MS_MAX);
    } else {
      this.#fail(result);
    }
  }

  resume(): void {
    this.start();
  }

  /** Several values: none of them is ours to choose. */
  #conflicts(result: GetResult, newest: Version | null): boolean {
    const live = result
      .versions()
      .filter(({ kind, expiryMs }) => kind === "value" && (expiryMs === 0 || expiryMs > result.nowMs));
    if (newest === null || live.every(({ value }) => bytesEqual(value, newest.value))) return false;
    const text = `the key has ${live.length} siblings with different values; nothing was written; read them with KV.GET and write one with their context`;
    this.#fail({ code: "CONFLICT", text });
    return true;
  }

  #write(verdict: Verdict, token: string): void {
    const { face, namespace, defaults } = this.#scope;
    this.#reply = verdict.reply;
    const call = this.#slot.putCall;
    call.kind = verdict.kind === "put" ? "put" : "delete";
    call.namespace = namespace;
    call.key = this.#key;
    call.value = verdict.kind === "put" ? verdict.value : EMPTY_BYTES;
    call.context = token;
    call.onlyIfSeen = true;
    call.expiryMs = verdict.kind === "put" ? verdict.expiryMs : 0;
    call.w = defaults.w;
    call.durability = defaults.durability;
    call.fallbacks = defaults.fallbacks;
    call.timeoutMs = Math.max(1, this.#leftMs());
    call.wantReceipt = false;
    face.member.put(call, this, 0);
  }

  #leftMs(): number {
    return this.#deadlineMs - this.#scope.face.member.nowMs();
  }

  #fail({ code, text }: Pick<GetResult, "code" | "text">): void {
    if (this.#slot.wanted()) this.#slot.fail(code, text);
  }

  #answer(reply: WriteReply): void {
    if (!this.#slot.wanted()) return;
    reply(this.#slot.begin());
    this.#slot.end();
  }
}
