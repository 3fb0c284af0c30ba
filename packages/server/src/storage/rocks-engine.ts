/**
 * The engine over RocksDB. Its calls run on libuv's thread pool and may overtake one another there, so writes go
 * one native batch at a time, and what queues up meanwhile makes the next batch. Its own log is never synced: the
 * journal above covers what a power cut takes.
 */
import type { Bytes, Engine, EngineError, EngineUser } from "@kvorum/core";
import type RocksDB from "rocksdb-native";
import { lowerCompactionPriority } from "./compaction-priority.ts";
import type { EngineRefusal } from "./engine-refusal.ts";
import { readPage } from "./rocks-page.ts";
import { loadRocksLibrary } from "./rocks-library.ts";

/** One write buffer; there are at most two. Larger ones make flushes long and the memory of a member large. */
const WRITE_BUFFER_BYTES = 16 * 1024 * 1024;
/** Beyond this the queue makes more than one native batch. */
const BATCH_OPERATIONS_MAX = 8192;
const BATCH_BYTES_MAX = 16 * 1024 * 1024;
/** The library allocates for each capacity anew, so batches start large and are kept. */
const WRITE_CAPACITY = 4096;
const READ_CAPACITY = 256;

export interface RocksOptions {
  /** Of RocksDB's own directory. */
  readonly path: string;
  /** False: a directory that is not there is refused. */
  readonly createIfMissing: boolean;
  /** Called after answers have been handed over. */
  readonly onAnswered: () => void;
}

interface QueuedWrite {
  readonly keys: readonly Bytes[];
  readonly values: readonly (Bytes | null)[];
  /** The only key and value are the two ends of a range to remove. */
  readonly isRange: boolean;
  readonly user: EngineUser;
  readonly tag: number;
}

interface QueuedFlush {
  readonly flushes: true;
  readonly user: EngineUser;
  readonly tag: number;
}

/** Opens the database, and with it takes the lock that keeps every other process out; kill -9 releases it. */
export async function openRocksEngine(options: RocksOptions): Promise<RocksEngine | EngineRefusal> {
  const Library = await loadRocksLibrary();
  if ("code" in Library) return Library;
  const db = new Library(options.path, {
    createIfMissing: options.createIfMissing,
    maxBackgroundJobs: 2,
    maxOpenFiles: 512,
    skipStatsUpdateOnOpen: true,
    writeBufferSize: WRITE_BUFFER_BYTES,
    maxWriteBufferNumber: 2,
  });
  try {
    await db.ready();
  } catch (error) {
    return openRefusal(options.path, errorOf(error));
  }
  lowerCompactionPriority();
  return new RocksEngine(db, options.onAnswered);
}

function openRefusal(path: string, { code, text }: EngineError): EngineRefusal {
  if (text.includes("LOCK")) {
    return {
      code: "IN_USE",
      text: `${path} is in use by another process (or by another member in this one); stop it first, or give this member a directory of its own (${text})`,
    };
  }
  if (text.includes("does not exist")) {
    return {
      code: "ENGINE_MISSING",
      text: `the directory belongs to a member, but its storage engine's files are not there; put them back, or start with an empty directory and let the other members fill it (${text})`,
    };
  }
  return {
    code: "ENGINE_DAMAGED",
    text: `the storage engine does not open (${code}: ${text}); check the disk; if the files are damaged, start with an empty directory and let the other members fill it`,
  };
}

export class RocksEngine implements Engine {
  readonly #db: RocksDB;
  readonly #onAnswered: () => void;
  readonly #writer: RocksDB.WriteBatch;
  readonly #readers: RocksDB.ReadBatch[] = [];
  #queue: (QueuedWrite | QueuedFlush)[] = [];
  #isWriting = false;

  constructor(db: RocksDB, onAnswered: () => void) {
    this.#db = db;
    this.#onAnswered = onAnswered;
    this.#writer = db.write({ capacity: WRITE_CAPACITY });
  }

  write(keys: readonly Bytes[], values: readonly (Bytes | null)[], user: EngineUser, tag: number): void {
    this.#enqueue({ keys, values, isRange: false, user, tag });
  }

  deleteRange(from: Bytes, to: Bytes, user: EngineUser, tag: number): void {
    this.#enqueue({ keys: [from], values: [to], isRange: true, user, tag });
  }

  flush(user: EngineUser, tag: number): void {
    this.#enqueue({ flushes: true, user, tag });
  }

  getMany(keys: readonly Bytes[], user: EngineUser, tag: number): void {
    if (keys.length === 0) {
      setImmediate(() => {
        user.onRows(tag, null, keys, [], false);
        this.#onAnswered();
      });
      return;
    }
    const reader = this.#readers.pop() ?? this.#db.read({ capacity: READ_CAPACITY });
    const values = Promise.all(keys.map((key) => reader.get(key)));
    reader.tryFlush();
    const answer = (error: EngineError | null, rows: readonly (Bytes | null)[]) => {
      this.#readers.push(reader);
      user.onRows(tag, error, keys, rows, false);
      this.#onAnswered();
    };
    values.then(
      (rows) => answer(null, rows),
      (error: unknown) => answer(errorOf(error), []),
    );
  }

  range(from: Bytes, to: Bytes, rowsMax: number, bytesMax: number, user: EngineUser, tag: number): void {
    readPage(this.#db, { from, to, rowsMax, bytesMax }, (error, keys, values, more) => {
      user.onRows(tag, error === null ? null : errorOf(error), keys, values, more);
      this.#onAnswered();
    });
  }

  /** When everything called before has been answered. */
  async close(): Promise<void> {
    this.#writer.destroy();
    for (const reader of this.#readers.splice(0)) reader.destroy();
    await this.#db.close();
  }

  #enqueue(operation: QueuedWrite | QueuedFlush): void {
    this.#queue.push(operation);
    this.#next();
  }

  /** Begins what is next in the queue: a batch of writes, or the flushes before the next one. */
  #next(): void {
    if (this.#isWriting) return;
    const writes = this.#takeWrites();
    if (writes.length > 0) this.#write(writes);
  }

  #takeWrites(): QueuedWrite[] {
    const writes: QueuedWrite[] = [];
    let operations = 0;
    let bytes = 0;
    let taken = 0;
    for (const operation of this.#queue) {
      if ("flushes" in operation) {
        // What was written before it has been applied, and what comes after it need not wait for it.
        if (writes.length > 0) break;
        this.#flush(operation);
      } else {
        if (operations >= BATCH_OPERATIONS_MAX || bytes >= BATCH_BYTES_MAX) break;
        writes.push(operation);
        operations += operation.keys.length;
        for (let i = 0; i < operation.keys.length; i++) bytes += operation.values[i]?.length ?? 0;
      }
      taken++;
    }
    this.#queue = taken === this.#queue.length ? [] : this.#queue.slice(taken);
    return writes;
  }

  #write(writes: readonly QueuedWrite[]): void {
    this.#isWriting = true;
    for (const { keys, values, isRange } of writes) {
      for (let i = 0; i < keys.length; i++) {
        const key = keys[i];
        const value = values[i] ?? null;
        if (key === undefined) continue;
        if (value === null) this.#writer.tryDelete(key);
        else if (isRange) this.#writer.tryDeleteRange(key, value);
        else this.#writer.tryPut(key, value);
      }
    }
    const answer = (error: EngineError | null) => {
      this.#isWriting = false;
      this.#next();
      for (const { user, tag } of writes) user.onEngine(tag, error);
      this.#onAnswered();
    };
    this.#writer.flush().then(
      () => answer(null),
      (error: unknown) => answer(errorOf(error)),
    );
  }

  #flush({ user, tag }: QueuedFlush): void {
    const answer = (error: EngineError | null) => {
      user.onEngine(tag, error);
      this.#onAnswered();
    };
    this.#db.flush().then(
      () => answer(null),
      (error: unknown) => answer(errorOf(error)),
    );
  }
}

/** The library wraps what RocksDB said; the innermost error has the words. */
function errorOf(error: unknown): EngineError {
  if (!(error instanceof Error)) return { code: "UNKNOWN", text: String(error) };
  if (error.cause !== undefined) return errorOf(error.cause);
  const code = "code" in error && typeof error.code === "string" ? error.code : "UNKNOWN";
  return { code, text: error.message };
}
