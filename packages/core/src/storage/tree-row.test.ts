import { expect, test } from "vitest";
import { latin1Encode } from "../base/utf8.ts";
import { flipped } from "./held-storage.fixture.ts";
import { recordKey, treeKey } from "./keyspace.ts";
import { over } from "./record-store.fixture.ts";
import { RecoveryPage } from "./recovery-page.ts";
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

test("sums are not believed once a record was taken over damage: the journal's may be older", () => {
  const key = recordKey(97, 1, latin1Encode("key"));
  const sound = over(null, "v");
  const page = new RecoveryPage(RECORD_RESOLVER);
  page.put(key, sound);
  expect(page.take([flipped(sound)])).toEqual({
    keys: [key, treeKey(97)],
    values: [sound, new Uint8Array(0)],
  });
  page.put(key, sound);
  expect(page.take([sound])).toEqual({ keys: [key], values: [sound] });
  // And so they stay, whatever the journal says of them.
  const row = exactRow(5, { records: 1, bytes: 9, sums: new Int32Array(4) });
  expect(totalsOfRow(RECORD_RESOLVER.resolve(treeKey(97), new Uint8Array(0), row), 4)).toBe(null);
  expect(totalsOfRow(new Uint8Array(0), 4)).toBe(null);
});
