/** What homes say becomes one answer for each key, against a model that knows what each of them holds. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteWriter } from "../base/byte-writer.ts";
import { type Bytes, EMPTY_BYTES, compareBytes } from "../base/bytes.ts";
import { hex, latin1Encode } from "../base/utf8.ts";
import { slotOf } from "../ring/slot.ts";
import { recordKey, successorOf } from "../storage/keyspace.ts";
import type { Version } from "../version/dot.ts";
import { contextOfDots } from "../version/record-arbitraries.fixture.ts";
import { encodeRecord, hasLive, headOf } from "../version/record.ts";
import { putScanRow, readScanRows } from "../wire/scan-rows.ts";
import { crowdedKeys } from "./scan-buckets.fixture.ts";
import { mergeScanned } from "./scan-merge.ts";

const NOW = 1_000;
const MEMBERS = [1, 2, 3, 4];
const KEYS = [
  ...crowdedKeys(2, 4),
  ...["a", "b", "c", "d"].map((key) => recordKey(slotOf(latin1Encode(key)), 1, latin1Encode(key))),
].toSorted(compareBytes);

/**
 * What a home holds of a key: how far it has followed each of two writers who never heard of each other. Every
 * second write of a writer is a delete, every third expires before now.
 */
type Held = "nothing" | "damaged" | readonly [number, number];

const held: fc.Arbitrary<Held> = fc.oneof(fc.constant("nothing" as const), fc.constant("damaged" as const), {
  weight: 4,
  arbitrary: fc.tuple(fc.nat(5), fc.nat(5)),
});
const holdings = fc.array(fc.tuple(...MEMBERS.map(() => held)), {
  minLength: KEYS.length,
  maxLength: KEYS.length,
});

function isValue(write: number): boolean {
  return write > 0 && write % 2 === 1 && write % 3 !== 0;
}

function version(writer: number, write: number): Version[] {
  if (write === 0) return [];
  const isDelete = write % 2 === 0;
  return [
    {
      dot: { member: writer, start: 1, clock: write },
      kind: isDelete ? "tombstone" : "value",
      expiryMs: write % 3 === 0 ? NOW : 0,
      value: isDelete ? EMPTY_BYTES : latin1Encode(`v${write}`),
    },
  ];
}

function headOfHeld([a, b]: readonly [number, number]): Bytes {
  const versions = [...version(8, a), ...version(9, b)];
  return headOf(encodeRecord(contextOfDots(versions.map(({ dot }) => dot)), versions));
}

/** One member's rows, through the wire's form. */
function rowsOf(rows: readonly (readonly [Bytes, Held])[]): ReturnType<typeof readScanRows> {
  const out = new ByteWriter();
  for (const [key, what] of rows) {
    if (what === "damaged") putScanRow(out, key, null);
    else if (what !== "nothing") putScanRow(out, key, headOfHeld(what));
  }
  return readScanRows(out.copy(), rows.length);
}

test("every key below the end comes once, in order, as its homes together know it", () => {
  fc.assert(
    fc.property(holdings, fc.nat(KEYS.length), fc.boolean(), (all, ending, isAfter) => {
      const answers = new Map(
        MEMBERS.map((member, i) => [
          member,
          rowsOf(KEYS.map((key, k) => [key, all[k]?.[i] ?? "nothing"])) ?? [],
        ]),
      );
      const last = KEYS[ending];
      const end = last === undefined ? null : isAfter ? successorOf(last) : last;
      // Member 4 is no home of keys at even places.
      const homesOf = (key: Bytes): number[] => {
        const place = KEYS.findIndex((each) => compareBytes(each, key) === 0);
        return place % 2 === 0 ? [1, 2, 3] : MEMBERS;
      };
      const found = mergeScanned(answers, end, homesOf);
      const expected = KEYS.flatMap((key, k) => {
        if (end !== null && compareBytes(key, end) >= 0) return [];
        const views = homesOf(key).map((member) => all[k]?.[member - 1] ?? "nothing");
        if (views.every((view) => view === "nothing")) return [];
        const known = views.filter((view) => typeof view !== "string");
        const live = [0, 1].some((writer) => isValue(Math.max(0, ...known.map((view) => view[writer] ?? 0))));
        return [{ key: hex(key), live, damaged: views.includes("damaged") }];
      });
      const seen = found.map(({ storageKey, head, damaged }) => ({
        key: hex(storageKey),
        live: hasLive(head, NOW),
        damaged,
      }));
      expect(seen).toEqual(expected);
    }),
  );
});

test("rows that are cut short, out of order or too many are refused", () => {
  const out = new ByteWriter();
  const [first, second] = KEYS;
  if (first === undefined || second === undefined) throw new Error("there are two keys");
  putScanRow(out, first, headOfHeld([1, 0]));
  putScanRow(out, second, null);
  const good = out.copy();
  expect(readScanRows(good, 2)).toHaveLength(2);
  expect(readScanRows(good, 1)).toBeNull();
  for (let end = 1; end < good.length; end++) {
    const rows = readScanRows(good.subarray(0, end), 2);
    if (rows !== null) expect(rows).toHaveLength(1);
  }
  for (const pair of [
    [second, first],
    [first, first],
  ] as const) {
    out.reset();
    for (const key of pair) putScanRow(out, key, null);
    expect(readScanRows(out.copy(), 2)).toBeNull();
  }
});

test("random rows never throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(5), (bytes, rowsMax) => {
      const rows = readScanRows(bytes, rowsMax);
      expect(rows === null || rows.length <= rowsMax).toBe(true);
    }),
  );
});
