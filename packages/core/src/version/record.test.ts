import { describe, expect, it } from "vitest";
import { AssertionError } from "../base/assert.ts";
import { EMPTY_BYTES } from "../base/bytes.ts";
import { contextWith } from "./causal-context.ts";
import { decodeToken, encodeToken } from "./context-token.ts";
import type { Version } from "./dot.ts";
import {
  bytesOfHex,
  GOLDEN_CONTEXT,
  GOLDEN_EXPIRY_MS,
  GOLDEN_KEY,
  GOLDEN_RECORD_HEX,
  GOLDEN_SCOPE,
  GOLDEN_TOKEN,
  GOLDEN_VERSIONS,
  hexOf,
} from "./record-golden.fixture.ts";
import {
  contextOf,
  encodeRecord,
  encodeSingle,
  hasLive,
  headOf,
  isHead,
  isHeadOnly,
  isRecord,
  newestLive,
  versionsOf,
} from "./record.ts";
import { sealRecord, versionAt, writeU16, writeU32, writeU64, writeVersion } from "./record-layout.ts";
import { seenOf } from "./seen-context.ts";

const golden = bytesOfHex(GOLDEN_RECORD_HEX);

/** The golden record with some bytes changed and its CRC made right again. */
function altered(change: (record: Uint8Array) => void): Uint8Array {
  const record = golden.slice();
  change(record);
  sealRecord(record);
  return record;
}

describe("the committed format", () => {
  it("of a record with two siblings", () => {
    const record = encodeRecord(GOLDEN_CONTEXT, GOLDEN_VERSIONS);
    expect(hexOf(record)).toBe(GOLDEN_RECORD_HEX);
    expect(isRecord(golden)).toBe(true);
    expect(contextOf(golden)).toEqual(GOLDEN_CONTEXT);
    expect(versionsOf(golden)).toEqual(GOLDEN_VERSIONS.toReversed());
  });

  it("of its token, from the record or from its head", () => {
    expect(encodeToken(GOLDEN_SCOPE, GOLDEN_KEY, seenOf(golden))).toBe(GOLDEN_TOKEN);
    expect(encodeToken(GOLDEN_SCOPE, GOLDEN_KEY, seenOf(headOf(golden)))).toBe(GOLDEN_TOKEN);
    expect(decodeToken(GOLDEN_SCOPE, GOLDEN_KEY, GOLDEN_TOKEN)).toEqual(seenOf(golden));
  });
});

describe("damage", () => {
  it("in any single bit is seen", () => {
    for (let bit = 0; bit < golden.length * 8; bit++) {
      const flipped = golden.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(isRecord(flipped), `bit ${bit}`).toBe(false);
    }
  });

  it("by truncation at any byte, or by more at the end, is seen", () => {
    for (let end = 0; end < golden.length; end++) expect(isRecord(golden.subarray(0, end))).toBe(false);
    expect(isRecord(new Uint8Array([...golden, 0]))).toBe(false);
    expect(isHead(new Uint8Array([...headOf(golden), 0]))).toBe(false);
    for (let end = 0; end < headOf(golden).length; end++) expect(isHead(golden.subarray(0, end))).toBe(false);
  });
});

describe("a record whose CRC is right but whose form is not the one form", () => {
  const [first, second] = [versionAt(golden, 0), versionAt(golden, 1)];

  it.each<[string, (record: Uint8Array) => void]>([
    ["another format", (record) => void (record[0] = 2)],
    ["a reserved byte", (record) => void (record[1] = 1)],
    ["reserved bytes", (record) => writeU16(record, 6, 1)],
    ["a length that is not its own", (record) => writeU32(record, 8, record.length + 1)],
    ["more entries than there are", (record) => writeU16(record, 2, 65_535)],
    ["more versions than there are", (record) => writeU16(record, 4, 65_535)],
    ["a context out of order", (record) => writeU32(record, 16, 9)],
    ["a version of a run that is not there", (record) => writeU16(record, first, 3)],
    ["a kind that is none", (record) => void (record[first + 2] = 2)],
    ["a version's reserved byte", (record) => void (record[first + 3] = 1)],
    ["a dot that its context does not claim", (record) => writeU64(record, first + 4, 2 ** 52)],
    ["a dot from before its run", (record) => writeU64(record, first + 4, 1)],
    ["an expiry that is no safe integer", (record) => writeU64(record, first + 12, 2 ** 53)],
    ["values longer than they are", (record) => writeU32(record, second + 20, 6)],
    ["values as long as four bytes can say", (record) => writeU32(record, second + 20, 2 ** 32 - 1)],
    [
      "versions out of order",
      (record) => {
        const versions = record.slice(first, second + 24);
        record.set(versions.subarray(24), first);
        record.set(versions.subarray(0, 24), second);
      },
    ],
    ["a version twice", (record) => void record.copyWithin(first, second, second + 24)],
  ])("is refused: %s", (_, change) => {
    const record = altered(change);
    expect(isRecord(record)).toBe(false);
    expect(isHead(record.slice(0, second + 24))).toBe(false);
  });

  it("is refused: a dot of clock 0 of a run that is not there", () => {
    const record = altered((bytes) => {
      writeU16(bytes, first, 3);
      writeU64(bytes, first + 4, 0);
    });
    expect(isRecord(record)).toBe(false);
  });

  it("is refused: a dot twice, whatever else agrees", () => {
    const twice = golden.slice(0, golden.length - 1);
    twice.copyWithin(first, second, second + 24);
    writeU32(twice, 8, twice.length);
    sealRecord(twice);
    expect(isRecord(twice)).toBe(false);
  });

  it("and the same treatment of nothing at all leaves a record", () => {
    const same = altered(() => undefined);
    expect(isRecord(same)).toBe(true);
    expect(isHead(same.slice(0, second + 24))).toBe(true);
  });
});

describe("making records", () => {
  it("refuses a version that its context does not claim", () => {
    const context = contextWith(EMPTY_BYTES, 1, 5, 9);
    const version = (member: number, start: number, clock: number): Version => ({
      dot: { member, start, clock },
      kind: "value",
      expiryMs: 0,
      value: EMPTY_BYTES,
    });
    expect(isRecord(encodeRecord(context, [version(1, 5, 9)]))).toBe(true);
    for (const wrong of [version(1, 5, 10), version(1, 6, 9), version(2, 5, 9)]) {
      expect(() => encodeRecord(context, [wrong])).toThrow(AssertionError);
    }
    expect(() => encodeSingle(context, 2, 5, 9, false, 0, EMPTY_BYTES)).toThrow(AssertionError);
  });

  it("orders versions of one clock by their runs", () => {
    const version = (member: number, start: number): Version => ({
      dot: { member, start, clock: 9 },
      kind: "value",
      expiryMs: 0,
      value: Uint8Array.of(member, start),
    });
    const versions = [version(2, 1), version(1, 3), version(2, 2), version(1, 1)];
    let context = EMPTY_BYTES;
    for (const { dot } of versions) context = contextWith(context, dot.member, dot.start, dot.clock);
    const record = encodeRecord(context, versions);
    expect(isRecord(record)).toBe(true);
    expect(versionsOf(record).map(({ value }) => [...value])).toEqual([
      [1, 1],
      [1, 3],
      [2, 1],
      [2, 2],
    ]);
  });

  it("gives a record without values that is its own head, and whole", () => {
    const context = contextWith(EMPTY_BYTES, 1, 5, 9);
    const tombstone = encodeSingle(context, 1, 5, 9, true, 0, EMPTY_BYTES);
    expect(isRecord(tombstone) && isHead(tombstone)).toBe(true);
    expect(isHeadOnly(tombstone)).toBe(false);
    expect(headOf(tombstone)).toEqual(tombstone);
    expect(isHeadOnly(headOf(golden))).toBe(true);
    expect(isHeadOnly(golden)).toBe(false);
  });

  it("knows the empty record as null", () => {
    expect(versionsOf(null)).toEqual([]);
    expect(contextOf(null)).toEqual(EMPTY_BYTES);
    expect(hasLive(null, 0)).toBe(false);
    expect(newestLive(null, 0)).toBeNull();
  });
});

describe("what is live", () => {
  it("ends at the very millisecond of its expiry", () => {
    const newest = (nowMs: number): string | undefined =>
      newestLive(golden, nowMs)?.value.reduce((text, letter) => text + String.fromCharCode(letter), "");
    expect(newest(GOLDEN_EXPIRY_MS - 1)).toBe("pears");
    expect(newest(GOLDEN_EXPIRY_MS)).toBe("apples");
    expect(newest(GOLDEN_EXPIRY_MS + 1)).toBe("apples");
  });

  it.each([
    [-1, true],
    [0, false],
    [1, false],
  ])("of a single value at %i ms from its expiry: %s", (offset, live) => {
    const context = contextWith(EMPTY_BYTES, 1, 5, 9);
    const record = encodeSingle(context, 1, 5, 9, false, 1_000, Uint8Array.of(7));
    for (const form of [record, headOf(record)]) {
      expect(hasLive(form, 1_000 + offset)).toBe(live);
      expect(newestLive(form, 1_000 + offset) !== null).toBe(live);
    }
  });

  it("is not a tombstone, and is found behind newer ones that are dead", () => {
    const record = golden.slice();
    writeVersion(record, versionAt(record, 1), 1, true, GOLDEN_VERSIONS[0]?.dot.clock ?? 0, 0, 5);
    sealRecord(record);
    expect(isRecord(record)).toBe(true);
    expect(newestLive(record, 0)).toEqual(GOLDEN_VERSIONS[1]);
    expect(newestLive(headOf(record), 0)).toEqual({ ...GOLDEN_VERSIONS[1], value: EMPTY_BYTES });
    expect(hasLive(record, Infinity)).toBe(true);
    writeVersion(record, versionAt(record, 0), 0, true, GOLDEN_VERSIONS[1]?.dot.clock ?? 0, 0, 6);
    expect(hasLive(record, 0)).toBe(false);
    expect(newestLive(record, 0)).toBeNull();
  });
});
