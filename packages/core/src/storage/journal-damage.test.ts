/** What was on stable storage and is not there any more: refused, with words; never opened as if nothing were missing. */
import { describe, expect, it } from "vitest";
import { type Bytes, copyBytes } from "../base/bytes.ts";
import { EMPTY_DISK, flipBit, type Image, type LabOptions, Ledger, Life } from "./journal-crash.fixture.ts";
import { HonestEngine } from "./journal-honest.fixture.ts";
import type { EngineUser } from "../ports/engine.ts";
import { KEEP_EVERYTHING } from "./forgetful-files.ts";
import { encodeSegmentHeader, SEGMENT_HEADER_BYTES, segmentName } from "./segment-header.ts";

const options: LabOptions = { segmentBytesMax: 100_000 };

/** Ends the flush of the opening, and no other. */
class FlushesOnce extends HonestEngine {
  #flushes = 0;

  override flush(user: EngineUser, tag: number): void {
    if (this.#flushes++ === 0) super.flush(user, tag);
  }
}

/** A disk with so many fsynced rounds in its journal, none of them flushed by the engine. */
function disk(rounds: number, { segmentBytesMax }: LabOptions = options): Image {
  const life = new Life(EMPTY_DISK, { segmentBytesMax, wrapEngine: (engine) => new FlushesOnce(engine) });
  life.open();
  const { storage } = life;
  if (storage === null) throw new Error("not opened");
  const ledger = new Ledger();
  for (let round = 0; round < rounds; round++) {
    ledger.issue(storage, { kind: "put", key: round % 2 === 0 ? "a" : "b", durability: "fsync" });
    storage.onTurnEnd();
    life.work.drain();
  }
  return { files: life.files.remains(KEEP_EVERYTHING), rows: life.engine.remains(0), key: "" };
}

function change(image: Image, name: string, edit: (bytes: Bytes) => Bytes | null): Image {
  const files = new Map(image.files);
  const bytes = edit(files.get(name) ?? new Uint8Array(0));
  if (bytes === null) files.delete(name);
  else files.set(name, bytes);
  return { ...image, files };
}

function open(image: Image): Life {
  const life = new Life(image, options);
  life.open();
  return life;
}

const FIRST = segmentName(1);
const ROUND_BYTES = 44 + 8 + 1 + "a0-of-some-length".length;

describe("a flipped bit in the journal", () => {
  it("in any byte of a round that a later one vouches for is refused, with the place and the next step", () => {
    const image = disk(4);
    for (let bit = SEGMENT_HEADER_BYTES * 8; bit < (SEGMENT_HEADER_BYTES + 3 * ROUND_BYTES) * 8; bit += 3) {
      const { refusal } = open(change(image, FIRST, (bytes) => flipBit(bytes, bit)));
      const round = Math.floor((bit / 8 - SEGMENT_HEADER_BYTES) / ROUND_BYTES);
      const at = SEGMENT_HEADER_BYTES + round * ROUND_BYTES;
      expect(refusal?.code, `bit ${bit}`).toBe("JOURNAL_DAMAGED");
      expect(refusal?.text).toContain(
        `data/${FIRST} is damaged at byte ${at}: round ${round + 1} is not valid`,
      );
      expect(refusal?.text).toContain("start with an empty directory");
    }
  });

  it("in the last round looks like a crash, and cuts it off", () => {
    const image = disk(4);
    const life = open(
      change(image, FIRST, (bytes) => flipBit(bytes, (SEGMENT_HEADER_BYTES + 3 * ROUND_BYTES + 50) * 8)),
    );
    expect(life.refusal).toBeNull();
  });

  it("in the header of a segment with rounds is refused", () => {
    const image = disk(2);
    for (let bit = 0; bit < SEGMENT_HEADER_BYTES * 8; bit += 5) {
      const { refusal } = open(change(image, FIRST, (bytes) => flipBit(bytes, bit)));
      expect(["JOURNAL_DAMAGED", "NEWER_FORMAT"], `bit ${bit}`).toContain(refusal?.code);
    }
  });

  it("in an earlier segment is refused, also in its last round", () => {
    const small = { segmentBytesMax: 2 * ROUND_BYTES + SEGMENT_HEADER_BYTES };
    const image = disk(5, small);
    expect([...image.files.keys()].filter((name) => name.startsWith("journal"))).toHaveLength(3);
    for (const name of [segmentName(1), segmentName(2)]) {
      for (let bit = SEGMENT_HEADER_BYTES * 8; bit < small.segmentBytesMax * 8; bit += 7) {
        const { refusal } = open(change(image, name, (bytes) => flipBit(bytes, bit)));
        expect(refusal?.code, `${name} bit ${bit}`).toBe("JOURNAL_DAMAGED");
      }
    }
  });
});

describe("what is missing from the journal", () => {
  const small = { segmentBytesMax: 2 * ROUND_BYTES + SEGMENT_HEADER_BYTES };

  it("a segment at the beginning or in the middle is refused", () => {
    const image = disk(5, small);
    for (const name of [segmentName(1), segmentName(2)]) {
      const { refusal } = open(change(image, name, () => null));
      expect(refusal?.code, `without ${name}`).toBe("JOURNAL_DAMAGED");
      expect(refusal?.text).toContain("is missing");
    }
  });

  it("an earlier segment cut short is refused", () => {
    const image = disk(5, small);
    const { refusal } = open(change(image, segmentName(2), (bytes) => bytes.subarray(0, bytes.length - 1)));
    expect(refusal?.text).toContain("but the next segment begins with round 5");
  });

  it("all of it, while the engine holds data, is refused", () => {
    const life = new Life(disk(3), options);
    life.open();
    const rows = life.engine.remains(Number.POSITIVE_INFINITY);
    const files = new Map([...life.files.remains(KEEP_EVERYTHING)].filter(([name]) => name === "identity"));
    expect(open({ files, rows, key: "" }).refusal?.code).toBe("JOURNAL_MISSING");
    expect(open({ files: new Map(), rows, key: "" }).refusal?.code).toBe("IDENTITY_MISSING");
  });
});

describe("a segment from elsewhere", () => {
  function header(
    over: Partial<{ cluster: string; member: number; number: number }>,
  ): (bytes: Bytes) => Bytes {
    return (bytes) => {
      const copy = copyBytes(bytes);
      copy.set(
        encodeSegmentHeader({
          cluster: "lab",
          member: 1,
          number: 1,
          firstSequence: 1,
          flushedThrough: 0,
          ...over,
        }),
      );
      return copy;
    };
  }

  it("of another cluster, another member or another place is refused", () => {
    const image = disk(2);
    const cluster = open(change(image, FIRST, header({ cluster: "else" }))).refusal;
    expect([cluster?.code, cluster?.text.includes("belongs to the cluster 'else'")]).toEqual([
      "OTHER_CLUSTER",
      true,
    ]);
    const member = open(change(image, FIRST, header({ member: 9 }))).refusal;
    expect([member?.code, member?.text.includes("segment 1 of member 9")]).toEqual(["OTHER_MEMBER", true]);
    expect(open(change(image, FIRST, header({ number: 7 }))).refusal?.code).toBe("OTHER_MEMBER");
  });

  it("of a newer format is refused before its sum is looked at", () => {
    const newer = change(disk(2), FIRST, (bytes) => {
      const copy = copyBytes(bytes);
      copy[11] = 2;
      return copy;
    });
    const { refusal } = open(newer);
    expect(refusal?.code).toBe("NEWER_FORMAT");
    expect(refusal?.text).toContain("journal format 2 by a newer release; start the newer release");
  });

  it("holding rounds of another segment takes none of them for its own", () => {
    const image = disk(2);
    const moved = new Map(image.files);
    moved.set(segmentName(2), header({ number: 2 })(image.files.get(FIRST) ?? new Uint8Array(0)));
    moved.delete(FIRST);
    const life = open({ ...image, files: moved });
    expect(life.refusal).toBeNull();
    expect(life.engine.rowCount).toBe(0);
  });
});

describe("what a crash may leave", () => {
  it("a tail of zeros, or a round cut short at any byte, is cut off", () => {
    const image = disk(3);
    const whole = image.files.get(FIRST)?.length ?? 0;
    for (let end = whole - ROUND_BYTES; end < whole; end++) {
      const cut = open(change(image, FIRST, (bytes) => bytes.subarray(0, end)));
      expect(cut.refusal, `cut at ${end}`).toBeNull();
      const zeros = open(change(image, FIRST, (bytes) => copyBytes(bytes).fill(0, end)));
      expect(zeros.refusal, `zeros from ${end}`).toBeNull();
    }
  });

  it("a segment whose header was never finished is passed over", () => {
    const image = disk(3);
    for (const bytes of [
      new Uint8Array(0),
      new Uint8Array(SEGMENT_HEADER_BYTES),
      new Uint8Array(60).fill(7),
    ]) {
      const files = new Map(image.files).set(segmentName(2), bytes).set(segmentName(3), bytes);
      const life = open({ ...image, files });
      expect(life.refusal).toBeNull();
      life.work.drain();
      expect([...life.files.remains(KEEP_EVERYTHING).keys()]).toEqual(["identity", segmentName(4)]);
    }
  });
});
