/** Promises over the callback ports, for tests. A call that was answered inside itself fails. */
import type { Bytes } from "../base/bytes.ts";
import { latin1Decode, latin1Encode } from "../base/utf8.ts";
import type { Engine } from "../ports/engine.ts";
import type { FileError, Files, FileUser } from "../ports/files.ts";
import type { Durability, Storage, StorageUser } from "../ports/storage.ts";

export interface Page {
  readonly rows: readonly string[];
  readonly more: boolean;
}

interface Rows {
  readonly keys: readonly Bytes[];
  readonly values: readonly (Bytes | null)[];
  readonly more: boolean;
}

interface Failure {
  readonly code: string;
  readonly text: string;
}

/** Runs a call that answers once and later; the answer becomes the promise's. */
function ask<T>(call: (answer: (error: Failure | null, result: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    let isInside = true;
    let answers = 0;
    call((error, result) => {
      answers++;
      if (isInside) reject(new Error("answered inside the call itself"));
      else if (answers > 1) reject(new Error("answered more than once"));
      else if (error === null) resolve(result);
      else reject(new Error(`${error.code}: ${error.text}`));
    });
    isInside = false;
  });
}

export function bytesOf(text: string): Bytes {
  return latin1Encode(text);
}

function pageOf({ keys, values, more }: Rows): Page {
  const rows = keys.map((key, at) => {
    const value = values[at] ?? null;
    return `${latin1Decode(key)}=${value === null ? "" : latin1Decode(value)}`;
  });
  return { rows, more };
}

export class EngineAsker {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Null removes. */
  write(rows: Readonly<Record<string, string | null>>): Promise<void> {
    const keys = Object.keys(rows).map(bytesOf);
    const values = Object.values(rows).map((value) => (value === null ? null : bytesOf(value)));
    return ask((answer) =>
      this.#engine.write(
        keys,
        values,
        { onEngine: (_, error) => answer(error, undefined), onRows: unexpected },
        7,
      ),
    );
  }

  deleteRange(from: string, to: string): Promise<void> {
    return ask((answer) => {
      const user = {
        onEngine: (_: number, error: Failure | null) => answer(error, undefined),
        onRows: unexpected,
      };
      this.#engine.deleteRange(bytesOf(from), bytesOf(to), user, 7);
    });
  }

  flush(): Promise<void> {
    return ask((answer) =>
      this.#engine.flush({ onEngine: (_, error) => answer(error, undefined), onRows: unexpected }, 7),
    );
  }

  getMany(keys: readonly Bytes[]): Promise<readonly (Bytes | null)[]> {
    return ask((answer) => {
      const onRows = (
        _: number,
        error: Failure | null,
        __: readonly Bytes[],
        values: readonly (Bytes | null)[],
      ) => answer(error, values);
      this.#engine.getMany(keys, { onEngine: unexpected, onRows }, 7);
    });
  }

  async get(...keys: readonly string[]): Promise<(string | null)[]> {
    const values = await this.getMany(keys.map(bytesOf));
    return values.map((value) => (value === null ? null : latin1Decode(value)));
  }

  async range(from: string, to: string, rowsMax: number, bytesMax: number): Promise<Page> {
    const rows = await ask<Rows>((answer) => {
      const onRows = (
        _: number,
        error: Failure | null,
        keys: readonly Bytes[],
        values: readonly (Bytes | null)[],
        more: boolean,
      ) => answer(error, { keys, values, more });
      this.#engine.range(bytesOf(from), bytesOf(to), rowsMax, bytesMax, { onEngine: unexpected, onRows }, 7);
    });
    return pageOf(rows);
  }
}

export class StorageAsker {
  readonly storage: Storage;

  constructor(storage: Storage) {
    this.storage = storage;
  }

  append(key: string, value: string | null, durability: Durability = "fsync"): Promise<void> {
    return this.#stored((user) =>
      this.storage.append(bytesOf(key), value === null ? null : bytesOf(value), durability, user, 7),
    );
  }

  deleteRange(from: string, to: string): Promise<void> {
    return this.#stored((user) => this.storage.deleteRange(bytesOf(from), bytesOf(to), user, 7));
  }

  flush(): Promise<void> {
    return this.#stored((user) => this.storage.flush(user, 7));
  }

  async get(key: string): Promise<string | null> {
    const { values } = await this.#rows((user) => this.storage.get(bytesOf(key), user, 7));
    const value = values[0] ?? null;
    return value === null ? null : latin1Decode(value);
  }

  async range(from: string, to: string, rowsMax: number, bytesMax: number): Promise<Page> {
    return pageOf(
      await this.#rows((user) => this.storage.range(bytesOf(from), bytesOf(to), rowsMax, bytesMax, user, 7)),
    );
  }

  #stored(call: (user: StorageUser) => void): Promise<void> {
    return ask((answer) => call({ onStored: (_, error) => answer(error, undefined), onRows: unexpected }));
  }

  #rows(call: (user: StorageUser) => void): Promise<Rows> {
    return ask((answer) =>
      call({
        onStored: unexpected,
        // The arrays are lent.
        onRows: (_, error, keys, values, more) =>
          answer(error, { keys: [...keys], values: [...values], more }),
      }),
    );
  }
}

export class FilesAsker {
  readonly #files: Files;

  constructor(files: Files) {
    this.#files = files;
  }

  open(name: string, mode: "create" | "append" | "read"): Promise<number> {
    return this.#file((user) => this.#files.open(name, mode, user, 7));
  }

  write(file: number, bytes: Bytes, length = bytes.length): Promise<number> {
    return this.#file((user) => this.#files.write(file, bytes, length, user, 7));
  }

  read(file: number, at: number, into: Bytes): Promise<number> {
    return this.#file((user) => this.#files.read(file, at, into, user, 7));
  }

  size(file: number): Promise<number> {
    return this.#file((user) => this.#files.size(file, user, 7));
  }

  datasync(file: number): Promise<number> {
    return this.#file((user) => this.#files.datasync(file, user, 7));
  }

  close(file: number): Promise<number> {
    return this.#file((user) => this.#files.close(file, user, 7));
  }

  rename(from: string, to: string): Promise<number> {
    return this.#file((user) => this.#files.rename(from, to, user, 7));
  }

  unlink(name: string): Promise<number> {
    return this.#file((user) => this.#files.unlink(name, user, 7));
  }

  syncDirectory(): Promise<number> {
    return this.#file((user) => this.#files.syncDirectory(user, 7));
  }

  list(): Promise<readonly string[]> {
    return ask((answer) =>
      this.#files.list({ onFile: unexpected, onNames: (_, error, names) => answer(error, names) }, 7),
    );
  }

  #file(call: (user: FileUser) => void): Promise<number> {
    return ask((answer) =>
      call({ onFile: (_, error: FileError | null, result) => answer(error, result), onNames: unexpected }),
    );
  }
}

function unexpected(): void {
  throw new Error("an answer of the wrong kind");
}
