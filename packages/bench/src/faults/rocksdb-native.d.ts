/** The part of rocksdb-native 3.18.1 that a member with hooks needs; it ships no types of its own. */
declare module "rocksdb-native" {
  class RocksDB {
    ready(): Promise<void>;
    /** Everything, where no range is given. */
    compactRange(): Promise<void>;
  }

  export = RocksDB;
}
