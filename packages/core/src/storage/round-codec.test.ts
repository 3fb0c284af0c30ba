import { describe, expect, it } from "vitest";
import { ByteWriter } from "../base/byte-writer.ts";
import type { Bytes } from "../base/bytes.ts";
import { hex, latin1Decode, latin1Encode } from "../base/utf8.ts";
import { findProofOfDamage, scanSegment } from "./recovery-scan.ts";
import { Round } from "./round.ts";
import { encodeRound, readRoundHeader, RoundEntries } from "./round-codec.ts";
import {
  encodeSegmentHeader,
  readSegmentHeader,
  segmentName,
  segmentNumber,
  segmentSeed,
} from "./segment-header.ts";

const nobody = { onStored: () => undefined, onRows: () => undefined };

const header = encodeSegmentHeader({
  cluster: "golden",
  member: 7,
  number: 3,
  firstSequence: 40,
  flushedThrough: 2 ** 40 + 1,
});
const seed = segmentSeed(header);

function encoded(round: Round, syncedThrough: number): Bytes {
  const writer = new ByteWriter();
  encodeRound(round, { syncedThrough, flushedThrough: 12, seed }, writer);
  return writer.copy();
}

function roundOf(sequence: number, value: Bytes): Round {
  const round = new Round();
  round.sequence = sequence;
  round.add(latin1Encode("key"), value, "os", nobody, 0);
  return round;
}

function segmentOf(...rounds: readonly Bytes[]): Bytes {
  return new Uint8Array([header, ...rounds].flatMap((bytes) => [...bytes]));
}

describe("the format on disk", () => {
  it("of a segment's header does not change", () => {
    expect(hex(header)).toBe(
      [
        "6b766f72756d6a6c", // magic
        "00000001", // format
        "00000007", // member
        "0000000000000003", // number
        "0000000000000028", // first round
        "0000010000000001", // flushed through
        `0006${hex(latin1Encode("golden"))}`,
        "00".repeat(124 - 48),
        "02351667", // CRC-32C
      ].join(""),
    );
    expect(readSegmentHeader(header)).toMatchObject({
      kind: "header",
      header: { cluster: "golden", number: 3 },
    });
  });

  it("of a round does not change", () => {
    const round = new Round();
    round.sequence = 40;
    round.add(latin1Encode("put"), latin1Encode("value"), "fsync", nobody, 0);
    round.add(latin1Encode("gone"), null, "os", nobody, 1);
    round.addRange(latin1Encode("a"), latin1Encode("b"), nobody, 2);
    const bytes = encoded(round, 39);
    expect(hex(bytes)).toBe(
      [
        "6b767264", // magic
        "2f424367", // CRC-32C
        "00000052", // length
        "00000003", // entries
        "0000000000000028", // sequence
        "0000000000000027", // synced through
        "000000000000000c", // flushed through
        "00000001", // format
        `0100000300000005${hex(latin1Encode("putvalue"))}`,
        `0200000400000000${hex(latin1Encode("gone"))}`,
        `0300000100000001${hex(latin1Encode("ab"))}`,
      ].join(""),
    );
    const read = readRoundHeader(bytes, 0, seed, 40, 40);
    expect(read).toEqual({ length: 82, count: 3, sequence: 40, syncedThrough: 39, flushedThrough: 12 });
    const seen: string[] = [];
    const entries = read === null ? null : new RoundEntries(bytes, 0, read);
    const visitor = {
      onPut: (key: Bytes, value: Bytes) => void seen.push(`put ${latin1Decode(key)} ${latin1Decode(value)}`),
      onRemove: (key: Bytes) => void seen.push(`remove ${latin1Decode(key)}`),
      onRemoveRange: (from: Bytes, to: Bytes) =>
        void seen.push(`range ${latin1Decode(from)} ${latin1Decode(to)}`),
    };
    while (entries?.next(visitor) === true);
    expect(seen).toEqual(["put put value", "remove gone", "range a b"]);
  });

  it("of a segment's name does not change", () => {
    expect(segmentName(0xbeef)).toBe("journal-000000000000beef.log");
    expect(segmentNumber("journal-000000000000beef.log")).toBe(0xbeef);
    for (const other of [
      "journal-beef.log",
      "journal-000000000000BEEF.log",
      "identity",
      "journal-ffffffffffffffff.log",
    ]) {
      expect(segmentNumber(other)).toBe(-1);
    }
  });
});

describe("a round is not taken for valid", () => {
  const bytes = encoded(roundOf(40, latin1Encode("value")), 39);

  it("with another sequence than is due, another segment's seed, or a byte missing", () => {
    expect(readRoundHeader(bytes, 0, seed, 40, 41)).not.toBeNull();
    expect(readRoundHeader(bytes, 0, seed, 41, 50)).toBeNull();
    expect(readRoundHeader(bytes, 0, seed, 30, 39)).toBeNull();
    expect(readRoundHeader(bytes, 0, seed ^ 1, 40, 40)).toBeNull();
    for (let end = 0; end < bytes.length; end++) {
      expect(readRoundHeader(bytes.subarray(0, end), 0, seed, 40, 40)).toBeNull();
    }
  });

  it("with any bit turned over", () => {
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const copy = bytes.slice();
      copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(readRoundHeader(copy, 0, seed, 0, 100)).toBeNull();
    }
  });
});

describe("the end of a journal", () => {
  const first = encoded(roundOf(40, latin1Encode("one")), 39);
  const second = encoded(roundOf(41, latin1Encode("two")), 39);
  const torn = second.slice().fill(0, 50);

  it("is where a later round does not vouch for what is missing", () => {
    const third = encoded(roundOf(42, latin1Encode("three")), 40);
    const bytes = segmentOf(first, torn, third);
    const scan = scanSegment(bytes, 40, seed);
    expect(scan).toEqual({ rounds: 1, end: 128 + first.length, lastSequence: 40, flushedThrough: 12 });
    expect(findProofOfDamage(bytes, scan, seed)).toBe(-1);
  });

  it("is damage where one does, however far behind", () => {
    const third = encoded(roundOf(42, latin1Encode("three")), 40);
    const fourth = encoded(roundOf(43, latin1Encode("four")), 41);
    const bytes = segmentOf(first, torn, third, new Uint8Array(77), fourth);
    const scan = scanSegment(bytes, 40, seed);
    expect(findProofOfDamage(bytes, scan, seed)).toBe(bytes.length - fourth.length);
  });

  it("is not decided by what a user has stored in a value", () => {
    const forged = encoded(roundOf(43, latin1Encode("forged")), 41);
    const third = encoded(roundOf(42, forged), 40);
    const bytes = segmentOf(first, torn, third);
    expect(findProofOfDamage(bytes, scanSegment(bytes, 40, seed), seed)).toBe(-1);
  });
});
