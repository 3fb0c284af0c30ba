/** Planted bugs of versions, contexts, clocks, expiry and identity. */
import { type Canary, SAFETY, patch } from "./canary.ts";

export const CAUSALITY_BUGS: readonly Canary[] = [
  {
    name: "dots per member",
    trap: "all boots of a member share one run, so a dot claims what the member forgot (kv679)",
    patches: [patch("replica/minter.js", "this.#runStart = start;", "this.#runStart = 1;")],
    checkers: SAFETY,
    seed: 391,
    seedsMax: 1000,
  },
  {
    name: "overwrite covers only its coordinator",
    trap: "homes do not name what an overwrite has not covered, and a home just back makes siblings",
    patches: [patch("replica/replica.js", "this.#uncovered = uncovered(held, this.record);", ";")],
    checkers: ["resurrection"],
    seed: 8,
  },
  {
    name: "context taken for overwrite",
    trap: "a write with a context supersedes what its author had not seen",
    patches: [
      patch(
        "coordinator/put-operation.js",
        "writeWith(held, this.#seen, version)",
        "writeOver(held, this.#extra, version)",
      ),
    ],
    checkers: SAFETY,
    seed: 1,
  },
  {
    name: "a delta that claims the whole record",
    trap: "a write with a context carries its own version only, under the claims of all of them",
    patches: [
      patch(
        "version/reconcile.js",
        "const kept = versionsOf(held).filter((old) => !hasSeen(seen, old.dot));",
        "const kept = [];",
      ),
    ],
    checkers: SAFETY,
    seed: 1,
  },
  {
    name: "context ignored",
    trap: "a write with a context supersedes nothing, and what was resolved comes back",
    patches: [
      patch(
        "version/reconcile.js",
        "const kept = versionsOf(held).filter((old) => !hasSeen(seen, old.dot));",
        "const kept = versionsOf(held).filter((old) => old.kind === 'value');",
      ),
    ],
    checkers: ["resurrection", "visibility"],
    seed: 1,
  },
  {
    name: "merge keeps the newest",
    trap: "the last writer wins where siblings were promised",
    patches: [
      patch(
        "version/reconcile.js",
        "return encodeRecord(contextUnion(contextA, contextB), kept);",
        "kept.sort((x, y) => y.dot.clock - x.dot.clock); return encodeRecord(contextUnion(contextA, contextB), kept.slice(0, 1));",
      ),
    ],
    checkers: SAFETY,
    seed: 1,
  },
  {
    name: "merge keeps everything",
    trap: "what one side has superseded comes back from the other",
    patches: [
      patch(
        "version/reconcile.js",
        "if (hasDot(b, member, start, clock) || !claims(contextB, version.dot))",
        "if (true)",
      ),
    ],
    checkers: ["resurrection", "visibility"],
    seed: 9,
  },
  {
    name: "plain GET shows nothing",
    trap: "what a plain GET shows is judged apart from what was read, and by another rule",
    patches: [
      patch(
        "coordinator/get-operation.js",
        "return liveVersionOf(this.#record, this.#lww, this.nowMs);",
        "return null;",
      ),
    ],
    checkers: ["quorum"],
    seed: 1,
  },
  {
    name: "token of another key",
    trap: "a context is taken from wherever it comes",
    patches: [patch("version/context-token.js", "if (!sameKey)", "if (bytes.length === 0)")],
    checkers: ["tokens"],
    seed: 4,
  },
  {
    name: "time to live is lost",
    trap: "a value that was to expire stays",
    patches: [
      patch(
        "coordinator/put-operation.js",
        "expiryMs: tombstone ? 0 : this.#request.expiryMs",
        "expiryMs: 0",
      ),
    ],
    checkers: ["expiry"],
    seed: 3,
  },
  {
    name: "expiry by one's own clock",
    trap: "a coordinator whose clock is behind revives what another has seen expire",
    patches: [
      patch("version/hlc.js", "return msOfHlc(this.reading());", "return msOfHlc(this.#physical());"),
      patch(
        "coordinator/get-operation.js",
        "this.nowMs = Math.max(this.nowMs, msOfHlc(this.parts.peers.peerClock(home)));",
        ";",
      ),
    ],
    checkers: ["expiry"],
    seed: 4,
  },
  {
    name: "clock from the future adopted",
    trap: "one clock that is an hour ahead leads all the others away",
    patches: [patch("version/hlc.js", "return this.aheadMs(clock) > this.#driftMs;", "return false;")],
    checkers: ["expiry"],
    seed: 3,
  },
  {
    name: "wiped member serves",
    trap: "a member speaks under its old id from an empty disk",
    patches: [
      patch(
        "membership/hello-check.js",
        "(this.#judgeIdentity(hello, dialled, lane) ?? this.#judgeDirectory(hello) ?? this.#judgeMemory(hello))",
        '(this.#judgeIdentity(hello, dialled, lane) ?? { outcome: "agreed" })',
      ),
      patch("membership/handshake.js", 'if (objection !== "")', "if (link.birth === 0)"),
    ],
    checkers: ["stops"],
    seed: 4,
  },
  {
    name: "clock read past its port",
    trap: "a run begins at what the host's clock says, which is another time at each replay",
    patches: [
      patch(
        "replica/minter.js",
        "const start = this.clock.mint(0);",
        "const start = this.clock.mint(0 * Date.now());",
      ),
    ],
    checkers: ["guard"],
    seed: 1,
  },
  {
    name: "chance drawn past its port",
    trap: "a dot's floor is blurred by the host's chance, and what should stop it is caught on the way",
    patches: [
      patch(
        "replica/minter.js",
        "const minted = this.clock.mint(floor);",
        "let blur = 0; try { blur = Math.floor(2 * Math.random()); } catch {} const minted = this.clock.mint(floor + blur);",
      ),
    ],
    checkers: ["guard"],
    seed: 1,
  },
];
