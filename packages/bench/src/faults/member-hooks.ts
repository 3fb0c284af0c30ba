/**
 * Loaded before a member (`node --import`), so that a benchmark can make its disk slow and its engine compact while
 * everything else is as in production. Told by the parent:
 *
 *   { kind: "sync-delay", ms }       every fdatasync takes so much longer; 0: as it is
 *   { kind: "compact", isOn }        compacts all of the engine again and again, until told to stop
 *   { kind: "compactions" }          answered by { kind: "compacted", count }
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import RocksDB from "rocksdb-native";

let delayMs = 0;
let isCompacting = false;
let compactions = 0;
const databases: RocksDB[] = [];

const sync = fs.fdatasync;

function slowSync(file: number, done: fs.NoParamCallback): void {
  if (delayMs === 0) sync(file, done);
  else setTimeout(() => sync(file, done), delayMs);
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
  while (isCompacting) {
    await Promise.all(databases.map((database) => database.compactRange()));
    compactions++;
  }
}

process.on("message", (message) => {
  if (typeof message !== "object" || message === null || !("kind" in message)) return;
  if (message.kind === "sync-delay" && "ms" in message) delayMs = Number(message.ms);
  if (message.kind === "compact" && "isOn" in message) {
    const wasCompacting = isCompacting;
    isCompacting = message.isOn === true;
    if (isCompacting && !wasCompacting) void compact();
  }
  if (message.kind === "compactions") process.send?.({ kind: "compacted", count: compactions });
});
