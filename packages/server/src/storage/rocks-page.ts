/**
 * One page of a range. The library reads ahead as many rows as it was told, whatever their size, so a page is read
 * in parts: a small one first, then as many rows as fit by what the rows so far were like.
 */
import type { Bytes } from "@kvorum/core";
import type RocksDB from "rocksdb-native";

const FIRST_ROWS = 16;
const PART_ROWS_MAX = 1024;

export interface PageRequest {
  readonly from: Bytes;
  readonly to: Bytes;
  readonly rowsMax: number;
  readonly bytesMax: number;
}

export type PageAnswer = (error: Error | null, keys: Bytes[], values: Bytes[], more: boolean) => void;

export function readPage(db: RocksDB, request: PageRequest, answer: PageAnswer): void {
  new Page(db, request, answer).readPart();
}

class Page {
  readonly #db: RocksDB;
  readonly #request: PageRequest;
  readonly #answer: PageAnswer;
  readonly #keys: Bytes[] = [];
  readonly #values: Bytes[] = [];
  #bytes = 0;

  constructor(db: RocksDB, request: PageRequest, answer: PageAnswer) {
    this.#db = db;
    this.#request = request;
    this.#answer = answer;
  }

  readPart(): void {
    const { from, to } = this.#request;
    const last = this.#keys.at(-1);
    const limit = this.#partRows();
    let error: Error | null = null;
    let rows = 0;
    let isFull = false;
    const range = last === undefined ? { gte: from, lt: to } : { gt: last, lt: to };
    this.#db
      .iterator(range, { limit, capacity: limit })
      .on("data", ({ key, value }) => {
        rows++;
        if (this.#isFull()) isFull = true;
        else this.#add(key, value);
      })
      .on("error", (failure) => {
        error = failure;
      })
      .on("close", () => {
        if (error !== null) this.#answer(error, [], [], false);
        else if (isFull || rows < limit) this.#answer(null, this.#keys, this.#values, isFull);
        else this.readPart();
      });
  }

  /** How many rows to ask for: one more than the page takes, so that `more` is known. */
  #partRows(): number {
    const { rowsMax, bytesMax } = this.#request;
    const count = this.#keys.length;
    const left = Math.max(1, rowsMax - count + 1);
    if (count === 0) return Math.min(left, FIRST_ROWS);
    const rowBytes = Math.max(1, this.#bytes / count);
    const fitting = Math.ceil(Math.max(0, bytesMax - this.#bytes) / rowBytes) + 1;
    return Math.min(left, fitting, PART_ROWS_MAX);
  }

  #isFull(): boolean {
    const { rowsMax, bytesMax } = this.#request;
    return this.#keys.length > 0 && (this.#keys.length >= rowsMax || this.#bytes >= bytesMax);
  }

  #add(key: Bytes, value: Bytes): void {
    this.#keys.push(key);
    this.#values.push(value);
    this.#bytes += key.length + value.length;
  }
}
