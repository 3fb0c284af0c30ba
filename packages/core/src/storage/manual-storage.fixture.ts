/**
 * A Storage whose every answer a test gives by hand, within what the port allows: appends complete in call order
 * among those of one durability, and a read sees at least what had completed when it was asked for, at most what
 * has been appended by the time it is answered.
 */
import { assert, unreachable } from "../base/assert.ts";
import { type Bytes, bytesEqual, copyBytes } from "../base/bytes.ts";
import type { Durability, Storage, StorageError, StorageSizes, StorageUser } from "../ports/storage.ts";

/** What happens to a stored value between the disk and the reader. */
export type Harm = (stored: Bytes | null) => Bytes | null;

const READ_FAILED: StorageError = { code: "EIO", text: "input/output error" };

interface History {
  /** What was there at first, then what each append made of it. */
  readonly values: (Bytes | null)[];
  /** The last of them that has completed. */
  completed: number;
}

export interface ManualAppend {
  readonly key: Bytes;
  readonly value: Bytes | null;
  readonly durability: Durability;
  readonly user: StorageUser;
  readonly tag: number;
  readonly position: number;
  /** As it was handed in: until the completion it must not change. */
  readonly copy: Bytes | null;
}

interface ManualGet {
  readonly key: Bytes;
  readonly user: StorageUser;
  readonly tag: number;
  readonly seesAtLeast: number;
}

export class ManualStorage implements Storage {
  /** Those under way, in call order. */
  readonly appends: ManualAppend[] = [];
  readonly gets: ManualGet[] = [];
  readonly #histories = new Map<string, History>();

  /** Puts a value there before anything happens. */
  seed(key: Bytes, value: Bytes | null): void {
    this.#histories.set(key.join(), { values: [value], completed: 0 });
  }

  /** What survives the death of the process now, or all that was ever appended. */
  stored(key: Bytes, all = false): Bytes | null {
    const { values, completed } = this.#history(key);
    return values[all ? values.length - 1 : completed] ?? null;
  }

  append(key: Bytes, value: Bytes | null, durability: Durability, user: StorageUser, tag: number): void {
    const { values } = this.#history(key);
    const copy = value === null ? null : copyBytes(value);
    this.appends.push({ key, value, durability, user, tag, position: values.length, copy });
    values.push(copy);
  }

  get(key: Bytes, user: StorageUser, tag: number): void {
    this.gets.push({ key, user, tag, seesAtLeast: this.#history(key).completed });
  }

  /** Completes the oldest append (of this durability, if one is named). False: there is none. */
  complete(durability?: Durability): boolean {
    const index = this.appends.findIndex(
      (each) => durability === undefined || each.durability === durability,
    );
    const [append] = index < 0 ? [] : this.appends.splice(index, 1);
    if (append === undefined) return false;
    const { key, value, copy, user, tag, position } = append;
    assert(
      value === copy || (value !== null && copy !== null && bytesEqual(value, copy)),
      "a lent value stays",
    );
    const history = this.#history(key);
    history.completed = Math.max(history.completed, position);
    user.onStored(tag, null);
    return true;
  }

  completeAll(): void {
    while (this.complete());
  }

  /** Answers a read; `late` 0: with the oldest value that it may see, 1 with the next, and so on, round about. */
  answer(index = 0, late = Infinity, harm: Harm = (stored) => stored): void {
    const get = this.#take(index);
    const { values } = this.#history(get.key);
    const span = values.length - get.seesAtLeast;
    const at = late === Infinity ? values.length - 1 : get.seesAtLeast + (late % span);
    const value = values[at] ?? null;
    get.user.onRows(get.tag, null, [get.key], [harm(value === null ? null : copyBytes(value))], false);
  }

  answerWithError(index = 0): void {
    const get = this.#take(index);
    get.user.onRows(get.tag, READ_FAILED, [get.key], [], false);
  }

  range(): void {
    unreachable("nobody here asks for a range");
  }

  deleteRange(): void {
    unreachable("nobody here removes a range");
  }

  flush(): void {
    unreachable("nobody here flushes");
  }

  onTurnEnd(): void {
    unreachable("whoever composes a member ends its turns");
  }

  sizes(): StorageSizes {
    return unreachable("nobody here asks for sizes");
  }

  #take(index: number): ManualGet {
    const [get] = this.gets.splice(index, 1);
    assert(get !== undefined, "there is such a read");
    return get;
  }

  #history(key: Bytes): History {
    const name = key.join();
    const history = this.#histories.get(name) ?? { values: [null], completed: 0 };
    this.#histories.set(name, history);
    return history;
  }
}
