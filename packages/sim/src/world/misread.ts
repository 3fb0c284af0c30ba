/**
 * A read that fails, once: planted for one value, and met only while that very value is there. A batch that holds
 * it fails as a whole, and the failure waits for whoever asks again for the one key. From then on the copy is as good
 * as damaged, because its member will put another in its place; until it has, or is started anew.
 */
import { type Bytes, type EngineError, type EngineUser, bytesEqual } from "@kvorum/core";

const READ_ERROR: EngineError = { code: "EIO", text: "input/output error" };

export class Misread {
  #key: Bytes | null = null;
  #value: Bytes | null = null;
  /** What a member could not read and has not replaced yet. */
  #unread: Bytes[] = [];
  #failures = 0;

  get failures(): number {
    return this.#failures;
  }

  plant(key: Bytes, value: Bytes): void {
    this.#key = key;
    this.#value = value;
  }

  /** Whether a read is still to fail, or has failed and left a copy to be replaced. */
  get isOpen(): boolean {
    return this.#key !== null || this.#unread.length > 0;
  }

  isOpenFor(key: Bytes): boolean {
    if (this.#key !== null && bytesEqual(this.#key, key)) return true;
    return this.#unread.some((unread) => bytesEqual(unread, key));
  }

  /** What is planted is taken back. */
  clear(): void {
    this.#key = null;
    this.#value = null;
  }

  /** A new process knows nothing of what an earlier one could not read. */
  restarted(): void {
    this.#unread = [];
  }

  /** Another record is on its way to the place of each of these. */
  written(keys: readonly Bytes[]): void {
    if (this.#unread.length === 0) return;
    this.#unread = this.#unread.filter((unread) => !keys.some((key) => bytesEqual(key, unread)));
  }

  /** Stands between the engine and whoever asked. */
  between(user: EngineUser): EngineUser {
    return this.#key === null ? user : new Misreader(this, user);
  }

  /** Whether the answer to this read is lost. */
  takes(keys: readonly Bytes[], values: readonly (Bytes | null)[]): boolean {
    const planted = this.#key;
    const wanted = this.#value;
    if (planted === null || wanted === null) return false;
    const at = keys.findIndex((key) => bytesEqual(key, planted));
    if (at < 0) return false;
    const value = values[at] ?? null;
    const isThere = value !== null && bytesEqual(value, wanted);
    if (isThere) this.#failures++;
    if (!isThere || keys.length === 1) this.clear();
    if (isThere && keys.length === 1) this.#unread.push(planted);
    return isThere;
  }
}

class Misreader implements EngineUser {
  readonly #misread: Misread;
  readonly #user: EngineUser;

  constructor(misread: Misread, user: EngineUser) {
    this.#misread = misread;
    this.#user = user;
  }

  onEngine(tag: number, error: EngineError | null): void {
    this.#user.onEngine(tag, error);
  }

  onRows(
    tag: number,
    error: EngineError | null,
    keys: readonly Bytes[],
    values: readonly (Bytes | null)[],
    more: boolean,
  ): void {
    const isMet = error === null && this.#misread.takes(keys, values);
    this.#user.onRows(tag, isMet ? READ_ERROR : error, keys, isMet ? [] : values, more);
  }
}
