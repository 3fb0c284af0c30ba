/** A storage whose turns end by themselves, soon after each call, as an environment would end them. */
import type { Bytes } from "../base/bytes.ts";
import type { Durability, Storage, StorageSizes, StorageUser } from "../ports/storage.ts";

export class AutoTurn implements Storage {
  readonly #storage: Storage;
  #isArmed = false;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  append(key: Bytes, value: Bytes | null, durability: Durability, user: StorageUser, tag: number): void {
    this.#storage.append(key, value, durability, user, tag);
    this.#arm();
  }

  get(key: Bytes, user: StorageUser, tag: number): void {
    this.#storage.get(key, user, tag);
    this.#arm();
  }

  range(from: Bytes, to: Bytes, rowsMax: number, bytesMax: number, user: StorageUser, tag: number): void {
    this.#storage.range(from, to, rowsMax, bytesMax, user, tag);
    this.#arm();
  }

  deleteRange(from: Bytes, to: Bytes, user: StorageUser, tag: number): void {
    this.#storage.deleteRange(from, to, user, tag);
    this.#arm();
  }

  flush(user: StorageUser, tag: number): void {
    this.#storage.flush(user, tag);
    this.#arm();
  }

  onTurnEnd(): void {
    this.#storage.onTurnEnd();
  }

  sizes(): StorageSizes {
    return this.#storage.sizes();
  }

  #arm(): void {
    if (this.#isArmed) return;
    this.#isArmed = true;
    setImmediate(() => {
      this.#isArmed = false;
      this.#storage.onTurnEnd();
    });
  }
}
