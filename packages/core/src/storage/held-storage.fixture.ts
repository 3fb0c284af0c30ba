/** A storage in memory whose appends and reads complete when pumped, and can be held back, or lost. */
import { type Bytes, copyBytes } from "../base/bytes.ts";
import { latin1Decode, latin1Encode } from "../base/utf8.ts";
import type { Durability, Storage, StorageSizes, StorageUser } from "../ports/storage.ts";

interface Append {
  readonly key: string;
  readonly value: Bytes | null;
  readonly durability: Durability;
  readonly user: StorageUser;
  readonly tag: number;
}

/** Keys as latin1 text, so that their order is that of bytes. */
export class HeldStorage implements Storage {
  readonly rows = new Map<string, Bytes>();
  /** While set, appends are taken and never completed. */
  held = false;
  /** While set, nothing that is read is answered. */
  silent = false;
  rangesRead = 0;
  #appends: Append[] = [];
  /** What rows were before appends that have completed without `fsync`, and that none with it has followed. */
  readonly #unsynced = new Map<string, Bytes | null>();
  #answers: (() => void)[] = [];

  append(key: Bytes, value: Bytes | null, durability: Durability, user: StorageUser, tag: number): void {
    this.#appends.push({
      key: latin1Decode(key),
      value: value === null ? null : copyBytes(value),
      durability,
      user,
      tag,
    });
  }

  get(key: Bytes, user: StorageUser, tag: number): void {
    this.#answers.push(() =>
      user.onRows(tag, null, [key], [this.rows.get(latin1Decode(key)) ?? null], false),
    );
  }

  range(from: Bytes, to: Bytes, rowsMax: number, _bytesMax: number, user: StorageUser, tag: number): void {
    this.rangesRead++;
    const [low, high] = [latin1Decode(from), latin1Decode(to)];
    const keys = [...this.rows.keys()].filter((key) => key >= low && key < high).toSorted();
    const page = keys.slice(0, rowsMax);
    const values = page.map((key) => this.rows.get(key) ?? null);
    this.#answers.push(() =>
      user.onRows(tag, null, page.map(latin1Encode), values, keys.length > page.length),
    );
  }

  deleteRange(): void {
    throw new Error("nothing deletes ranges yet");
  }

  flush(user: StorageUser, tag: number): void {
    this.#answers.push(() => user.onStored(tag, null));
  }

  onTurnEnd(): void {
    // Everything waits for the pump.
  }

  sizes(): StorageSizes {
    return { journalBytes: 0, journalSegments: 0, queuedAppends: 0, rounds: 0, syncs: 0, engineLag: 0 };
  }

  /** Whether anything was done. */
  pump(): boolean {
    const answers = this.silent ? [] : this.#answers;
    if (!this.silent) this.#answers = [];
    for (const answer of answers) answer();
    if (this.held || this.#appends.length === 0) return answers.length > 0;
    const appends = this.#appends;
    this.#appends = [];
    for (const append of appends) this.#complete(append);
    return true;
  }

  /** Completes the oldest append alone; its key, or nothing where there is none. */
  completeFirst(): string {
    const first = this.#appends.shift();
    if (first !== undefined) this.#complete(first);
    return first?.key ?? "";
  }

  #complete({ key, value, durability, user, tag }: Append): void {
    if (durability === "fsync") this.#unsynced.clear();
    else if (!this.#unsynced.has(key)) this.#unsynced.set(key, this.rows.get(key) ?? null);
    if (value === null) this.rows.delete(key);
    else this.rows.set(key, value);
    user.onStored(tag, null);
  }

  /** Ranges see appends that have not completed, as they may. */
  showAppends(): void {
    for (const { key, value } of this.#appends) if (value !== null) this.rows.set(key, value);
  }

  /** What has completed is as good as synced: the power stays on. */
  keepUnsynced(): void {
    this.#unsynced.clear();
  }

  /** A power cut: what was not completed is gone, and what was not synced. */
  lose(): void {
    for (const [key, value] of this.#unsynced)
      if (value === null) this.rows.delete(key);
      else this.rows.set(key, value);
    this.#unsynced.clear();
    this.#appends = [];
    this.#answers = [];
    this.held = false;
    this.silent = false;
  }
}

/** A stored record with one bit flipped. */
export function flipped(bytes: Bytes): Bytes {
  const broken = copyBytes(bytes);
  broken[broken.length - 1] = (broken[broken.length - 1] ?? 0) ^ 1;
  return broken;
}
