/** Planted bugs of conditional writes. */
import { type Canary, patch } from "./canary.ts";

export const PAXOS_BUGS: readonly Canary[] = [
  {
    name: "accepts below its promise",
    trap: "a proposer that was overtaken gets its value chosen beside the later one",
    patches: [patch("paxos/acceptor.js", "compareBallots(ballot, state.promised) < 0", "false")],
    checkers: ["linearizability"],
    seed: 35,
  },
  {
    name: "accepts forget what they promise",
    trap: "an acceptor that has accepted a ballot takes a lower one later",
    patches: [
      patch(
        "paxos/acceptor.js",
        "const promised = isBallot(next) ? next : ballot;",
        "const { promised } = state;",
      ),
    ],
    checkers: ["linearizability"],
    seed: 1060,
    seedsMax: 2000,
  },
  {
    name: "base is all that was accepted",
    trap: "a value that lost to a later ballot comes back: two that ask for absence succeed",
    patches: [
      patch(
        "coordinator/promises.js",
        "if (compareBallots(accepted, this.#accepted) <= 0)",
        "if (unfinished.length > 0) this.#committed = mergeRecords(this.#committed, copyBytes(unfinished));\n        if (compareBallots(accepted, this.#accepted) <= 0)",
      ),
    ],
    checkers: ["linearizability"],
    seed: 35,
  },
  {
    name: "base is what is committed",
    trap: "what was chosen and not committed yet is not built on",
    patches: [
      patch(
        "coordinator/promises.js",
        "return length === 0 ? this.#committed : mergeRecords(this.#committed, this.#unfinished);",
        "return this.#committed;",
      ),
    ],
    checkers: ["linearizability"],
    seed: 35,
  },
  {
    name: "what is accepted and not committed counts as settled",
    trap: "a serial read answers without it, and the next one finds it",
    patches: [patch("coordinator/promises.js", "this.#allSame && !this.#hasUnfinished", "this.#allSame")],
    checkers: ["linearizability"],
    seed: 13,
  },
  {
    name: "what was accepted is let go before it is committed",
    trap: "an acceptor that has lost what it accepted lets another value be chosen",
    patches: [
      patch("replica/cas-acceptor.js", "if (isFinished && record.length > 0)", "if (record.length > 0)"),
    ],
    checkers: ["linearizability"],
    seed: 867,
    seedsMax: 1000,
  },
  {
    name: "a serial read takes this home's word",
    trap: "what others have chosen since is not seen: it answers with what is old",
    patches: [
      patch("coordinator/serial-look.js", "else if (this.poll.isReached)", "else if (!this.poll.isLost)"),
    ],
    checkers: ["linearizability"],
    seed: 14,
  },
  {
    name: "one acceptor decides",
    trap: "two proposers need not meet",
    patches: [patch("coordinator/proposal-frame.js", "new Poll(homes, this.where.w)", "new Poll(homes, 1)")],
    checkers: ["linearizability"],
    seed: 13,
  },
  {
    name: "a retry does not know its own",
    trap: "an increment whose first try was accepted somewhere is made twice",
    patches: [patch("coordinator/proposal-operation.js", "this.#attempts.add(attempt);", ";")],
    checkers: ["linearizability"],
    seed: 35,
  },
  {
    name: "answered as soon as it is accepted",
    trap: "a plain read of a majority does not find what was acknowledged",
    patches: [
      patch(
        "coordinator/proposal-operation.js",
        'if (state === "reached") {',
        'if (state !== "impossible") {',
      ),
      patch("coordinator/proposal-operation.js", 'state === "pending"', "false"),
    ],
    checkers: ["quorum", "placement", "durability"],
    seed: 6,
  },
];
