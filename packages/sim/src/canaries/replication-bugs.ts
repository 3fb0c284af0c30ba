/** Planted bugs of quorums, of replication and of what is asked again. */
import { type Canary, SAFETY, patch } from "./canary.ts";

export const REPLICATION_BUGS: readonly Canary[] = [
  {
    name: "replica acks before commit",
    trap: "a home acknowledges when it has handed the record to its storage",
    patches: [
      patch(
        "replica/record-merge.js",
        "store.put(entry, this.record, this.#durability, this, tag);",
        'store.put(entry, this.record, this.#durability, this, tag); this.onMerged("OK", "fsync");',
      ),
    ],
    checkers: SAFETY,
    seed: 12,
  },
  {
    name: "replicas do not sync",
    trap: "homes are asked for their operating systems' word, and it counts as stable storage",
    patches: [
      patch(
        "coordinator/replication.js",
        "encodeReplicate(writer, id, deadline, fsync, overwrite, this.place.storageKey, record);",
        "encodeReplicate(writer, id, deadline, false, overwrite, this.place.storageKey, record);",
      ),
      patch(
        "coordinator/replication.js",
        'code === "OK" && (fsynced || this.#durability === "os")',
        'code === "OK"',
      ),
    ],
    checkers: SAFETY,
    seed: 1,
  },
  {
    name: "unreachable home counts as acked",
    trap: "a home that a write cannot be sent to is taken for one that holds it",
    patches: [
      patch("coordinator/replication.js", "this.#quorum.addFailure(at);", "this.#quorum.addAck(at, true);"),
    ],
    checkers: SAFETY,
    seed: 1,
  },
  {
    name: "refusal counts as ack",
    trap: "a home that says it cannot store is taken for one that has",
    patches: [
      patch(
        "coordinator/replication.js",
        'if (code === "OK" && (fsynced ||',
        'if (code !== "INVALID" && (fsynced || code !== "OK" ||',
      ),
    ],
    checkers: SAFETY,
    seed: 14,
  },
  {
    name: "one ack too few",
    trap: "a write is acknowledged when one home less than asked for holds it",
    patches: [
      patch(
        "quorum/write-quorum.js",
        "if (this.#acked.length >= this.needed)",
        "if (this.#acked.length + (this.needed > 1 ? 1 : 0) >= this.needed)",
      ),
    ],
    checkers: ["placement"],
    seed: 1,
  },
  {
    name: "one answer too few",
    trap: "a read is answered from one home less than asked for",
    patches: [
      patch(
        "quorum/read-quorum.js",
        "if (this.#answered.length >= this.needed)",
        "if (this.#answered.length + (this.needed > 1 ? 1 : 0) >= this.needed)",
      ),
    ],
    checkers: ["placement", ...SAFETY],
    seed: 1,
  },
  {
    name: "a home answers twice",
    trap: "the head and the values of one home count as two answers",
    patches: [
      patch(
        "quorum/read-quorum.js",
        "if ((this.#answeredMask & bit) !== 0)",
        "if (this.#answered.length > this.homes)",
      ),
    ],
    checkers: ["placement", ...SAFETY],
    seed: 3,
  },
  {
    name: "failed home counts as read",
    trap: "a home that cannot answer is taken for one that holds nothing",
    patches: [
      patch(
        "coordinator/get-operation.js",
        "this.#quorum.addFailure(position);",
        "this.#quorum.addAnswer(position);",
      ),
    ],
    checkers: SAFETY,
    seed: 1,
  },
  {
    name: "differing answers are not merged",
    trap: "a read returns the last whole record that came, not what all of them make",
    patches: [
      patch(
        "coordinator/get-operation.js",
        "divergent ? mergeRecords(merged, answer) : (answer ?? merged)",
        "answer ?? merged",
      ),
    ],
    checkers: SAFETY,
    seed: 6,
  },
  {
    name: "receipt of a round that had only begun",
    trap: "an overwrite that was superseded while it went on covering names no home in its receipt",
    patches: [patch("coordinator/replication.js", "this.#quorum = this.#achieved;", "")],
    checkers: ["placement"],
    seed: 421,
    seedsMax: 2_500,
  },
  {
    name: "read waits for nobody",
    trap: "a read whose last home has failed waits for its deadline instead of saying so",
    patches: [
      patch(
        "coordinator/get-operation.js",
        "this.#replaceFailed() >= this.r && this.#quorum.state",
        "this.#replaceFailed() >= 0 && this.#quorum.state",
      ),
    ],
    checkers: ["liveness"],
    seed: 8,
  },
];
