/** Planted bugs of trees and exchanges. */
import { type Canary, patch } from "./canary.ts";

export const REPAIR_BUGS: readonly Canary[] = [
  {
    name: "tree not marked before a change",
    trap: "after a crash the tree says what was there before it, and a home that missed the change looks level",
    patches: [
      patch(
        "antientropy/forest.js",
        'this.#parts.storage.append(treeKey(slot), CHANGED_ROW, "os", this, 0);\n    }\n    onAppended',
        "}\n    onAppended",
      ),
    ],
    checkers: ["convergence"],
    seed: 3,
  },
  {
    name: "a key that one home lacks is passed over",
    trap: "leaves are compared by the keys that both have",
    patches: [patch("antientropy/leaf-difference.js", "if (!isSame)", "if (!isSame && isHere && isThere)")],
    checkers: ["convergence"],
    seed: 1,
  },
  {
    name: "sum keeps what was replaced",
    trap: "digests are added and never taken away, so equal homes look different for ever",
    patches: [patch("antientropy/slot-trees.js", "if (before !== null)", "if (false)")],
    checkers: ["convergence"],
    seed: 1,
  },
  {
    name: "digest of more than the record",
    trap: "equal records have other digests elsewhere: here they are keyed by the member",
    patches: [patch("member/member.js", "seed: clusterHashOf(topology)", "seed: self")],
    checkers: ["convergence"],
    seed: 1,
  },
];
