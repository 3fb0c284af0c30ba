/**
 * Changes that depend on what is there: EXPIRE, PERSIST, GETEX, SET KEEPTTL. A quorum read, then a write with that
 * read's context, so that nothing is superseded that was not seen. Another write may come between the two; it then
 * stands beside ours as a sibling. So the key is read once more, and whoever wrote the newest sibling makes one value
 * of them, as if its change had come after the other. A key that was deleted meanwhile stays deleted.
 */
import {
  EMPTY_BYTES,
  assert,
  bytesEqual,
  copyBytes,
  type Bytes,
  type Dot,
  type GetResult,
  type GetUser,
  type PutResult,
  type PutUser,
  type Version,
} from "@kvorum/core";
import type { ReplySlot } from "./reply-slot.ts";
import type { ReplyWriter } from "./reply-writer.ts";
import type { Session } from "./session.ts";

export type WriteReply = (out: ReplyWriter) => void;

/** What a change makes of the value that is there. `keep` writes nothing. */
export type Verdict =
  | { readonly kind: "keep" | "delete"; readonly reply: WriteReply }
  | { readonly kind: "put"; readonly reply: WriteReply; readonly value: Bytes; readonly expiryMs: number };

/** Asked with the newest live version, or null; again when another write came between. Its bytes may be kept. */
export type Decide = (current: Version | null, nowMs: number) => Verdict;

/** How often a conflict is resolved. Beyond it siblings stay: nothing is lost, and the next write resolves them. */
const ROUNDS_MAX = 4;

export class ValueChange implements GetUser, PutUser {
  readonly #session: Session;
  readonly #slot: ReplySlot;
  readonly #key: Bytes;
  readonly #decide: Decide;
  readonly #overwrites: boolean;
  readonly #deadlineMs: number;
  #round = 0;
  /** What is said once the write under way, or the last one, is acknowledged. */
  #reply: WriteReply | null = null;
  #next: Verdict | null = null;
  #written: Dot | null = null;

  /** `overwrites`: like SET it replaces whatever is there; otherwise several different values are a conflict. */
  constructor(session: Session, slot: ReplySlot, key: Bytes, overwrites: boolean, decide: Decide) {
    this.#session = session;
    this.#slot = slot;
    this.#key = key;
    this.#decide = decide;
    this.#overwrites = overwrites;
    this.#deadlineMs = session.face.member.nowMs() + session.defaults.timeoutMs;
  }

  start(): void {
    this.#read();
  }

  onGet(_tag: number, result: GetResult): void {
    if (result.code !== "OK") this.#failed(result);
    else if (this.#written === null) this.#begin(result);
    else this.#mend(result, this.#written);
  }

  onPut(_tag: number, result: PutResult): void {
    const next = this.#next;
    assert(next !== null, "a write was asked for");
    if (result.code !== "OK") {
      this.#failed(result);
      return;
    }
    this.#reply = next.reply;
    this.#written = result.receipt?.dot ?? null;
    if (next.kind === "put" && this.#written !== null && this.#round < ROUNDS_MAX && this.#leftMs() > 0) {
      this.#read();
    } else {
      this.#answer(next.reply);
    }
  }

  #begin(result: GetResult): void {
    const live = liveOf(result.versions(), result.nowMs);
    const [newest = null] = live;
    if (!this.#overwrites && live.some(({ value }) => !sameValue(value, newest))) {
      if (this.#slot.wanted()) this.#slot.error(conflictText(live));
      return;
    }
    const verdict = this.#decide(copied(newest), result.nowMs);
    if (verdict.kind === "keep") this.#answer(verdict.reply);
    else this.#write(verdict, result.token());
  }

  /** Our write has been acknowledged; `result` is what a reader sees now. */
  #mend(result: GetResult, written: Dot): void {
    const [newest, ...others] = result.versions();
    const live = liveOf(others, result.nowMs);
    const [other = null] = live;
    const isOurs = newest !== undefined && sameDot(newest.dot, written);
    if (!isOurs || others.length === 0 || live.some(({ value }) => !sameValue(value, other))) {
      assert(this.#reply !== null, "a write was acknowledged");
      this.#answer(this.#reply);
      return;
    }
    const kept = copied(other);
    const verdict = this.#decide(kept, result.nowMs);
    this.#write(verdict.kind === "keep" ? withdrawal(kept, verdict.reply) : verdict, result.token());
  }

  #read(): void {
    const { face, namespace, defaults } = this.#session;
    const call = this.#slot.getCall;
    call.namespace = namespace;
    call.key = this.#key;
    call.r = defaults.r;
    call.headOnly = false;
    call.timeoutMs = Math.max(1, this.#leftMs());
    face.member.get(call, this, 0);
  }

  #write(verdict: Verdict, token: string): void {
    const { face, namespace, defaults } = this.#session;
    this.#next = verdict;
    this.#round++;
    const call = this.#slot.putCall;
    call.kind = verdict.kind === "put" ? "put" : "delete";
    call.namespace = namespace;
    call.key = this.#key;
    call.value = verdict.kind === "put" ? verdict.value : EMPTY_BYTES;
    call.context = token;
    call.expiryMs = verdict.kind === "put" ? verdict.expiryMs : 0;
    call.w = defaults.w;
    call.durability = defaults.durability;
    call.timeoutMs = Math.max(1, this.#leftMs());
    call.wantReceipt = true;
    face.member.put(call, this, 0);
  }

  #leftMs(): number {
    return this.#deadlineMs - this.#session.face.member.nowMs();
  }

  /** What was acknowledged before stays true when only the mending of siblings fails. */
  #failed({ code, text }: Pick<GetResult, "code" | "text">): void {
    if (this.#reply !== null) this.#answer(this.#reply);
    else if (this.#slot.wanted()) this.#slot.fail(code, text);
  }

  #answer(reply: WriteReply): void {
    if (!this.#slot.wanted()) return;
    reply(this.#slot.begin());
    this.#slot.end();
  }
}

/** The other write stands as it is, and ours was never there. */
function withdrawal(other: Version | null, reply: WriteReply): Verdict {
  if (other === null) return { kind: "delete", reply };
  return { kind: "put", value: other.value, expiryMs: other.expiryMs, reply };
}

function conflictText(live: readonly Version[]): string {
  return `CONFLICT the key has ${live.length} siblings with different values; nothing was written; read them with KV.GET and write one with their context`;
}

function liveOf(versions: readonly Version[], nowMs: number): Version[] {
  return versions.filter(({ kind, expiryMs }) => kind === "value" && (expiryMs === 0 || expiryMs > nowMs));
}

function copied(version: Version | null): Version | null {
  return version === null ? null : { ...version, value: copyBytes(version.value) };
}

function sameValue(value: Bytes, other: Version | null): boolean {
  return other !== null && bytesEqual(value, other.value);
}

function sameDot(a: Dot, b: Dot): boolean {
  return a.member === b.member && a.start === b.start && a.clock === b.clock;
}
