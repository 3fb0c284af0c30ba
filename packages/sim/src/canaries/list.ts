/** The planted bugs. Each is one of the traps that others fell into, or a row of the counterexamples. */
import type { Canary } from "./canary.ts";

export const CANARIES: readonly Canary[] = [
  {
    name: "ack before fsync",
    trap: "the journal answers when its bytes are written, and a power cut takes them back",
    patches: [{ file: "storage/journal.js", find: "this.#log.sync();", replace: "this.#endFlight(round);" }],
    checkers: ["durability", "quorum"],
    seed: 27,
    seedsMax: 200,
  },
  {
    name: "replica acks before commit",
    trap: "a home acknowledges when it has handed the record to its storage",
    patches: [
      {
        file: "replica/replica.js",
        find: "store.put(entry, this.#record, this.#durability, this, tag);",
        replace: 'store.put(entry, this.#record, this.#durability, this, tag); this.#answer("OK", true);',
      },
    ],
    checkers: ["durability", "quorum"],
    seed: 2,
    seedsMax: 200,
  },
  {
    name: "dots per member",
    trap: "all boots of a member share one run, so a dot claims what the member forgot (kv679)",
    patches: [{ file: "replica/minter.js", find: "this.#runStart = start;", replace: "this.#runStart = 1;" }],
    checkers: ["durability", "quorum"],
    seed: 305,
    seedsMax: 200,
  },
  {
    name: "uncommitted is served",
    trap: "readers are shown what the local write path works on, and a crash takes it back",
    patches: [
      {
        file: "replica/replica.js",
        find: "this.#latest ? entry.latest : entry.committed",
        replace: "entry.latest",
      },
      {
        file: "coordinator/get-operation.js",
        find: "this.#answer(position, entry.committed);",
        replace: "this.#answer(position, entry.latest);",
      },
    ],
    checkers: ["durability"],
    seed: 642,
    seedsMax: 200,
  },
  {
    name: "unreachable home counts as acked",
    trap: "a home that a write cannot be sent to is taken for one that holds it",
    patches: [
      {
        file: "coordinator/put-operation.js",
        find: "this.#quorum.addFailure(i);",
        replace: "this.#quorum.addAck(i, true);",
      },
    ],
    checkers: ["durability", "quorum", "resurrection"],
    seed: 1,
    seedsMax: 200,
  },
  {
    name: "failed home counts as read",
    trap: "a home that cannot answer is taken for one that holds nothing",
    patches: [
      {
        file: "coordinator/get-operation.js",
        find: "this.#quorum.addFailure(position);",
        replace: "this.#quorum.addAnswer(position);",
      },
    ],
    checkers: ["quorum", "resurrection"],
    seed: 24,
    seedsMax: 200,
  },
  {
    name: "overwrite covers only its coordinator",
    trap: "homes do not name what an overwrite has not covered, and a home just back makes siblings",
    patches: [
      {
        file: "replica/replica.js",
        find: "this.#uncovered = uncovered(held, this.#record);",
        replace: ";",
      },
    ],
    checkers: ["resurrection"],
    seed: 1,
    seedsMax: 200,
  },
  {
    name: "context taken for overwrite",
    trap: "a write with a context supersedes what its author had not seen",
    patches: [
      {
        file: "coordinator/put-operation.js",
        find: "writeWith(held, this.#seen, version)",
        replace: "writeOver(held, this.#extra, version)",
      },
    ],
    checkers: ["durability", "quorum"],
    seed: 2,
    seedsMax: 200,
  },
  {
    name: "merge keeps the newest",
    trap: "the last writer wins where siblings were promised",
    patches: [
      {
        file: "version/reconcile.js",
        find: "return encodeRecord(contextUnion(contextA, contextB), kept);",
        replace:
          "kept.sort((x, y) => y.dot.clock - x.dot.clock); return encodeRecord(contextUnion(contextA, contextB), kept.slice(0, 1));",
      },
    ],
    checkers: ["durability", "quorum"],
    seed: 3,
    seedsMax: 200,
  },
  {
    name: "tail is not merged",
    trap: "what the engine lost and only the journal has is forgotten at the start",
    patches: [{ file: "storage/recovery.js", find: "this.#page.put(key, value);", replace: "" }],
    checkers: ["durability", "quorum"],
    seed: 2,
    seedsMax: 200,
  },
  {
    name: "segment goes before the flush",
    trap: "the journal lets go of what the engine has not flushed",
    patches: [
      {
        file: "storage/journaled-storage-flusher.js",
        find: "this.#engine.flush(this, 0);",
        replace: "this.onEngine(0, null);",
      },
    ],
    checkers: ["durability", "quorum"],
    seed: 3,
    seedsMax: 200,
  },
  {
    name: "clock read past its port",
    trap: "a run begins at what the host's clock says, which is another time at each replay",
    patches: [
      {
        file: "replica/minter.js",
        find: "const start = this.clock.mint(0);",
        replace: "const start = this.clock.mint(0 * Date.now());",
      },
    ],
    checkers: ["guard"],
    seed: 1,
    seedsMax: 1,
  },
  {
    name: "chance drawn past its port",
    trap: "a dot's floor is blurred by the host's chance, and what should stop it is caught on the way",
    patches: [
      {
        file: "replica/minter.js",
        find: "const minted = this.clock.mint(floor);",
        replace:
          "let blur = 0; try { blur = Math.floor(2 * Math.random()); } catch {} const minted = this.clock.mint(floor + blur);",
      },
    ],
    checkers: ["guard"],
    seed: 1,
    seedsMax: 1,
  },
];
