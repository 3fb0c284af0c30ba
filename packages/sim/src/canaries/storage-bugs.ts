/** Planted bugs of the journal, of recovery and of what is read back from the disk. */
import { type Canary, SAFETY, patch } from "./canary.ts";

export const STORAGE_BUGS: readonly Canary[] = [
  {
    name: "ack before fsync",
    trap: "the journal answers when its bytes are written, and a power cut takes them back",
    patches: [patch("storage/journal.js", "this.#log.sync();", "this.#endFlight(round);")],
    checkers: SAFETY,
    seed: 1,
  },
  {
    name: "fsync tried again",
    trap: "a failed fsync is repeated; the second one succeeds, and the pages of the first are gone",
    patches: [
      patch(
        "storage/segment-log.js",
        "if (this.#hasFailed)\n            return;",
        "if (this.#hasFailed) return;\n        if (error !== null && tag === SYNC) return this.#files.datasync(this.#file, this, SYNC);",
      ),
    ],
    checkers: SAFETY,
    seed: 125,
  },
  {
    name: "segment's name not synced",
    trap: "a new segment is written to before its name is on the disk",
    patches: [
      patch(
        "storage/segment-log.js",
        "return this.#files.syncDirectory(this, CREATED_SYNC);",
        "return this.#user.onSegmentReady();",
      ),
    ],
    checkers: [...SAFETY, "stops"],
    seed: 4,
  },
  {
    name: "tail trusted without its sum",
    trap: "recovery takes whatever stands at the end of the journal for a round, and readers any record for sound",
    patches: [
      patch("version/record.js", " && crcHolds(bytes)", ""),
      patch(
        "storage/round-codec.js",
        "if (crc32c(bytes, at + SUMMED_FROM, at + length, seed) !== crc)",
        "if (crc === 0xffff_ffff_f)",
      ),
    ],
    checkers: [...SAFETY, "invented", "stops", "assertion"],
    seed: 1,
  },
  {
    name: "tail is not merged",
    trap: "what the engine lost and only the journal has is forgotten at the start",
    patches: [patch("storage/recovery.js", "this.#page.put(key, value);", "")],
    checkers: SAFETY,
    seed: 1,
  },
  {
    name: "segment goes before the flush",
    trap: "the journal lets go of what the engine has not flushed",
    patches: [
      patch(
        "storage/journaled-storage-flusher.js",
        "this.#engine.flush(this, 0);",
        "this.onEngine(0, null);",
      ),
    ],
    checkers: SAFETY,
    seed: 1,
  },
  {
    name: "uncommitted is served",
    trap: "readers are shown what the local write path works on, and a crash takes it back",
    patches: [
      patch("replica/replica.js", "this.#latest ? entry.latest : entry.committed", "entry.latest"),
      patch(
        "coordinator/get-operation.js",
        "this.#answer(position, entry.committed);",
        "this.#answer(position, entry.latest);",
      ),
    ],
    checkers: ["durability"],
    seed: 48,
  },
  {
    name: "damaged taken for absent",
    trap: "a record that cannot be read passes for one that is not there",
    patches: [
      patch(
        "storage/record-store.js",
        "entry.damage = isDamaged ? ++this.#damaged : 0;",
        "entry.damage = 0;",
      ),
    ],
    checkers: SAFETY,
    seed: 1,
  },
  {
    name: "damaged record fetched from one home",
    trap: "it is replaced by the first answer, and what only the others held is gone here",
    patches: [
      patch(
        "coordinator/record-healer.js",
        "this.#sound.size + this.#damaged.size < this.#others.length",
        "this.#sound.size < 1",
      ),
    ],
    checkers: ["disks", ...SAFETY],
    seed: 49,
  },
  {
    name: "ceiling forgotten",
    trap: "a restart knows nothing of the clocks that were minted before it",
    patches: [patch("member/boot.js", "decodeClockMemory(stored)", "NO_CLOCK_MEMORY")],
    checkers: ["stops", ...SAFETY],
    seed: 1,
  },
];
