/** Planted bugs of trees, exchanges, repairs and the scrub. */
import { type Canary, SAFETY, patch } from "./canary.ts";

export const REPAIR_BUGS: readonly Canary[] = [
  {
    name: "tree not marked before a change",
    trap: "after a crash the tree says what was there before it, and a home that missed the change looks level",
    patches: [
      patch(
        "antientropy/forest.js",
        "this.#put(slot, changedRow(this.#nextSequence()));\n    }\n    onAppended",
        "}\n    onAppended",
      ),
    ],
    checkers: ["convergence"],
    seed: 56,
  },
  {
    name: "lives number their rows alike",
    trap: "the sums that an earlier life wrote last count as later than the mark that they have changed",
    patches: [patch("antientropy/forest.js", "this.#parts.lives * SEQUENCES_OF_LIFE", "0")],
    checkers: ["convergence"],
    seed: 4,
  },
  {
    name: "a key that one home lacks is passed over",
    trap: "leaves are compared by the keys that both have",
    patches: [patch("antientropy/leaf-difference.js", "if (!isSame)", "if (!isSame && isHere && isThere)")],
    checkers: ["convergence"],
    seed: 37,
  },
  {
    name: "sum keeps what was replaced",
    trap: "digests are added and never taken away, so equal homes look different for ever",
    patches: [patch("antientropy/slot-trees.js", "if (before !== null)", "if (false)")],
    checkers: ["convergence"],
    seed: 3,
  },
  {
    name: "digest of more than the record",
    trap: "equal records have other digests elsewhere: here they are keyed by the member",
    patches: [patch("member/member.js", "seed: clusterHashOf(topology)", "seed: self")],
    checkers: ["convergence"],
    seed: 3,
  },
  {
    name: "read waits for its repairs",
    trap: "a plain read is answered when homes that were behind have stored what they lacked",
    patches: [
      patch(
        "coordinator/get-operation.js",
        'this.#request.repair === "before" && this.#bringLevel()',
        'this.#request.repair !== "none" && this.#bringLevel()',
      ),
    ],
    checkers: ["liveness"],
    seed: 1,
  },
  {
    name: "read that levels first does not wait",
    trap: "it is answered when the repairs are sent, and the next one asks homes that do not have them yet",
    patches: [
      patch(
        "coordinator/get-operation.js",
        'if (this.#request.repair === "before" && this.#bringLevel())\n            return;',
        'if (this.#request.repair === "before")\n            this.#bringLevel();',
      ),
    ],
    checkers: ["monotonic"],
    seed: 880,
  },
  {
    name: "repair replaces what is there",
    trap: "what a read has found is put in the place of what the home has taken meanwhile, not merged",
    patches: [
      patch(
        "replica/record-merge.js",
        "if (supersedes(this.record, held))",
        "if (supersedes(this.record, held) || this.constructor.name === 'LocalMerge')",
      ),
    ],
    checkers: ["disks", ...SAFETY],
    seed: 4,
  },
  {
    name: "scrub passes over damage",
    trap: "records are read, and what their sums say is not looked at",
    patches: [patch("replica/scrub.js", "if (!isRecord(stored))", "if (stored.length === 0)")],
    checkers: ["scrub"],
    seed: 10,
  },
];
