/** The part of rocksdb-native 3.18.1 that we use; it ships no types of its own. */
declare module "rocksdb-native" {
  class RocksDB {
    constructor(path: string, options?: RocksDB.Options);
    ready(): Promise<void>;
    read(options: { readonly capacity: number }): RocksDB.ReadBatch;
    write(options: { readonly capacity: number }): RocksDB.WriteBatch;
    iterator(
      range: { readonly gte?: Uint8Array; readonly gt?: Uint8Array; readonly lt: Uint8Array },
      options: { readonly limit: number; readonly capacity: number },
    ): RocksDB.RowIterator;
    flush(): Promise<void>;
    close(): Promise<void>;
  }

  namespace RocksDB {
    interface Row {
      readonly key: Uint8Array;
      readonly value: Uint8Array;
    }

    /** A stream of rows (streamx). */
    interface RowIterator {
      on(event: "data", listener: (row: Row) => void): this;
      on(event: "error", listener: (error: Error) => void): this;
      on(event: "close", listener: () => void): this;
    }

    interface ReadBatch {
      get(key: Uint8Array): Promise<Uint8Array | null>;
      /** Sends the reads; their own promises answer. */
      tryFlush(): void;
      destroy(): void;
    }

    interface WriteBatch {
      tryPut(key: Uint8Array, value: Uint8Array): void;
      tryDelete(key: Uint8Array): void;
      tryDeleteRange(from: Uint8Array, to: Uint8Array): void;
      /** Atomic. The batch may be filled again afterwards. */
      flush(): Promise<void>;
      destroy(): void;
    }

    interface Options {
      readonly createIfMissing?: boolean;
      readonly maxBackgroundJobs?: number;
      readonly bytesPerSync?: number;
      readonly maxOpenFiles?: number;
      readonly skipStatsUpdateOnOpen?: boolean;
      readonly writeBufferSize?: number;
      readonly maxWriteBufferNumber?: number;
    }
  }

  export = RocksDB;
}
