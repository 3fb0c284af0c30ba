/** Planted bugs of namespaces in which the last writer wins, and of the conflict ledger. */
import { type Canary, patch } from "./canary.ts";

export const CONFLICT_BUGS: readonly Canary[] = [
  {
    name: "loser goes without an entry",
    trap: "of concurrent writes the highest dot stays, and the others are gone in silence",
    patches: [
      patch(
        "replica/conflict-ledger.js",
        'this.#enter(storageKey, "concurrent", loser, winner.dot, "fsync");',
        ";",
      ),
    ],
    checkers: ["durability"],
    seed: 24,
  },
  {
    name: "entry after the acknowledgement",
    trap: "the ledger is written a little later than the record that lacks the version, and a crash comes between",
    patches: [
      patch(
        "replica/conflict-ledger.js",
        "storage.append(key, row, durability, this, 0);",
        "this.#parts.timers.after(Object.assign(new Timer(), { onTimer: () => storage.append(key, row, durability, this, 0) }), 500);",
      ),
    ],
    checkers: ["durability"],
    seed: 51,
  },
  {
    name: "winner by member before clock",
    trap: "what wins may be older than what had seen others, so merges depend on their order (counterexample 23)",
    patches: [
      patch(
        "version/last-writer.js",
        "return versionsOf(record).at(-1) ?? null;",
        "return versionsOf(record).toSorted((x, y) => x.dot.member - y.dot.member).at(-1) ?? null;",
      ),
      patch(
        "version/last-writer.js",
        "return versionsOf(record).slice(0, -1);",
        "return versionsOf(record).toSorted((x, y) => x.dot.member - y.dot.member).slice(0, -1);",
      ),
      patch(
        "version/last-writer.js",
        "return encodeRecord(contextOf(record), versionsOf(record).slice(-1));",
        "return encodeRecord(contextOf(record), versionsOf(record).toSorted((x, y) => x.dot.member - y.dot.member).slice(-1));",
      ),
    ],
    checkers: ["agreement", "durability", "quorum"],
    seed: 4,
  },
];
