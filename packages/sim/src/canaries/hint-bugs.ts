/** Planted bugs of hints, and of fallbacks that stand in for homes. */
import { type Canary, SAFETY, patch } from "./canary.ts";
import type { Patch } from "./patched-core.ts";

/**
 * Row 3: a fallback mints in the run of its boot, and claims what it has given away. Twice all homes have to be away, with
 * a delivery in between, and two clients have to write what had seen nothing: a directed schedule makes it happen.
 */
export const RUN_OUTLIVES_COPY: readonly Patch[] = [
  patch("coordinator/own-copy.js", "return held === 0 ? minter.mint(0) : held;", "return minter.runStart;"),
];

export const HINT_BUGS: readonly Canary[] = [
  {
    name: "hint deleted on send",
    trap: "a hint goes when it is handed to the link, and the link breaks",
    patches: [
      patch(
        "hints/hint-delivery.js",
        "encodeHint(writer, this.id, deadline, true, false, target, storageKey, record);",
        'encodeHint(writer, this.id, deadline, true, false, target, storageKey, record); this.#end("OK");',
      ),
    ],
    checkers: SAFETY,
    seed: 74,
  },
  {
    name: "hint counted as home",
    trap: "a receipt, and with it R + W > N, takes fallbacks for homes",
    patches: [
      patch(
        "coordinator/replication.js",
        "return this.#quorum.acked.filter((at) => at < homes.length).map((at) => homes[at] ?? NOBODY);",
        "return this.#quorum.acked.map((at) => this.#members[at] ?? NOBODY);",
      ),
    ],
    checkers: ["placement", ...SAFETY],
    seed: 11,
  },
  {
    name: "two fallbacks on one host",
    trap: "the host of a fallback is not taken for the next one",
    patches: [patch("ring/fallbacks.js", "fallbacks.forEach((fallback) => this.#take(fallback));", "")],
    checkers: ["placement"],
    seed: 11,
  },
  {
    name: "fallback past its cap acks",
    trap: "row 19: a fallback without room says that it has kept the write, and knows nothing of it afterwards",
    patches: [
      patch(
        "hints/hints.js",
        'if (this.#hasRoom("record", target, count, key.length + bytes))\n            return "OK";',
        'return "OK";',
      ),
      patch(
        "hints/hints.js",
        "const hint = this.#index.note(key, bytes, sinceMs);",
        'const { kind, target } = placeOfHintKey(key); if (kind === "record" && this.#index.targetOf(target).counts.record >= this.#parts.limits.hintsMax) return; const hint = this.#index.note(key, bytes, sinceMs);',
      ),
      patch(
        "hints/hints.js",
        'assert(hint !== null, "a run',
        'if (hint === null) return; assert(hint !== null, "a run',
      ),
    ],
    checkers: SAFETY,
    seed: 68,
  },
];
