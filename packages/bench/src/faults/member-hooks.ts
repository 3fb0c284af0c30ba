/**
 * Loaded before a member (`node --import`), so that a benchmark can make its disk slow and its engine compact while
 * everything else is as in production. Told by the parent:
 *
 *   { kind: "sync-delay", ms }     every fdatasync takes so much longer; with 0 as it is, and the answer is
 *                                  { kind: "synced", count }: how many were delayed
 *   { kind: "compact", isOn }      compacts all of the engine again and again; when it is told to stop and has ended,
 *                                  the answer is { kind: "compacted", count }
 *
 * The counts are there so that nobody takes a fault for harmless that never happened.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import RocksDB from "rocksdb-native";

let delayMs = 0;
let delayed = 0;
let isCompacting = false;
const databases: RocksDB[] = [];

const sync = fs.fdatasync;

function slowSync(file: number, done: fs.NoParamCallback): void {
  if (delayMs === 0) {
    sync(file, done);
    return;
  }
  delayed++;
  setTimeout(() => sync(file, done), delayMs);
}

fs.fdatasync = Object.assign(slowSync, sync);
syncBuiltinESMExports();

/** The member's database is known from the moment at which it is opened. */
function watchOpening(): void {
  const property = Object.getOwnPropertyDescriptor(RocksDB.prototype, "ready");
  const ready: unknown = property?.value;
  if (typeof ready !== "function") throw new TypeError("rocksdb-native has no ready()");
  Object.defineProperty(RocksDB.prototype, "ready", {
    ...property,
    value(this: RocksDB): unknown {
      databases.push(this);
      return Reflect.apply(ready, this, []);
    },
  });
}

watchOpening();

async function compact(): Promise<void> {
  let count = 0;
  while (isCompacting) {
    await Promise.all(databases.map((database) => database.compactRange()));
    count += databases.length;
  }
  process.send?.({ kind: "compacted", count });
}

function delaySyncs(ms: number): void {
  if (ms === 0) process.send?.({ kind: "synced", count: delayed });
  delayed = 0;
  delayMs = ms;
}

process.on("message", (message) => {
  if (typeof message !== "object" || message === null || !("kind" in message)) return;
  if (message.kind === "sync-delay" && "ms" in message) delaySyncs(Number(message.ms));
  if (message.kind === "compact" && "isOn" in message) {
    isCompacting = message.isOn === true;
    if (isCompacting) void compact();
  }
});
