import { expect, test } from "vitest";
import { flipped } from "./held-storage.fixture.ts";
import { treeKey } from "./keyspace.ts";
import { RECORD_RESOLVER } from "./record-resolver.ts";
import { changedRow, exactRow, laterRow, totalsOfRow } from "./tree-row.ts";

const SUMS = { records: 3, bytes: 2 ** 40, sums: new Int32Array([1, 0xffff_ffff, 0, 7]) };

test("sums come back from the row they went into, and from no other", () => {
  const row = exactRow(5, SUMS);
  expect(totalsOfRow(row, 4)).toEqual(SUMS);
  expect(totalsOfRow(row, 8)).toBeNull();
  expect(totalsOfRow(flipped(row), 4)).toBeNull();
  expect(totalsOfRow(row.subarray(0, row.length - 1), 4)).toBeNull();
  expect(totalsOfRow(changedRow(5), 4)).toBeNull();
  expect(totalsOfRow(new Uint8Array(), 4)).toBeNull();
});

test("of two rows the later one counts, whatever order they come in", () => {
  const [earlier, later] = [exactRow(5, SUMS), changedRow(6)];
  expect(laterRow(earlier, later)).toEqual(later);
  expect(laterRow(later, earlier)).toEqual(later);
});

test("beside a damaged row a slot counts as changed", () => {
  expect(totalsOfRow(laterRow(flipped(exactRow(9, SUMS)), exactRow(5, SUMS)), 4)).toBeNull();
  expect(totalsOfRow(laterRow(exactRow(5, SUMS), new Uint8Array(3)), 4)).toBeNull();
});

test("a replay that is behind the engine changes nothing", () => {
  const key = treeKey(7);
  const [older, newer] = [exactRow(5, SUMS), changedRow(6)];
  expect(RECORD_RESOLVER.resolve(key, newer, older)).toEqual(newer);
  expect(RECORD_RESOLVER.resolve(key, older, newer)).toEqual(newer);
  expect(RECORD_RESOLVER.resolve(key, null, older)).toEqual(older);
});
