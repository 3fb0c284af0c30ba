/**
 * Schedules that lose or revive a write in plausible designs, at the level of records. The six of kv679 are those of
 * Riak's issue 679 and its tests; the numbered ones are the project's own counterexamples. Each ends with what every
 * home must hold, and where a rule is what saves it, with what happens to a writer who breaks the rule.
 */
import { describe, expect, it } from "vitest";
import { contextWith } from "./causal-context.ts";
import { decodeToken, encodeToken } from "./context-token.ts";
import { type Copy, mergeCopies, NOTHING, valuesOf, Writer } from "./record.fixture.ts";
import { contextOf, encodeRecord } from "./record.ts";
import { mergeRecords, sameRecord } from "./reconcile.ts";
import { seenOf } from "./seen-context.ts";

/** All homes exchange all they have. */
function settle(...copies: Copy[]): string[] {
  return valuesOf(copies.reduce(mergeCopies, NOTHING).record).toSorted();
}

function tombstoneOver(writer: Writer, copy: Copy): Copy {
  const clock = writer.mint(copy.record);
  const version = { ...writer.version(clock, ""), kind: "tombstone" as const };
  const context = contextWith(contextOf(copy.record), writer.member, writer.runStart, clock);
  return { ...copy, record: encodeRecord(context, [version]) };
}

describe("kv679: histories that a restarted counter re-uses", () => {
  it("dataloss: a coordinator that lost its copy does not claim what it forgot", () => {
    const a = new Writer(1, 10);
    const acked = a.overwrite(NOTHING, "acked");
    // The local copy is gone; the member knows that it may have forgotten, and begins a new run.
    a.newRun();
    const blind = a.overwrite(NOTHING, "blind");
    expect(settle(acked, blind)).toEqual(["acked", "blind"]);
  });

  it("dataloss: without a new run the acknowledged write would vanish (so the test can fail)", () => {
    const a = new Writer(1, 10);
    const acked = a.overwrite(NOTHING, "acked");
    const blind = a.overwrite(NOTHING, "blind");
    expect(valuesOf(mergeRecords(acked.record, blind.record))).toEqual(["blind"]);
  });

  it("dataloss_fb: a fallback that never saw the key does not supersede what homes hold", () => {
    const a = new Writer(1, 10);
    const fallback = new Writer(4, 5);
    const atHomes = a.overwrite(NOTHING, "home");
    const atFallback = fallback.overwrite(NOTHING, "fallback");
    expect(settle(atHomes, atFallback)).toEqual(["fallback", "home"]);
  });

  it("dataloss_fb2: a replica that finds nothing stores the whole record, and no claim beyond it", () => {
    const a = new Writer(1, 10);
    const b = new Writer(2, 20);
    const first = a.overwrite(NOTHING, "first");
    const second = b.writeSeen(first, NOTHING, "second");
    // The third home has nothing (its copy moved away in the meantime), takes the write, and coordinates the next.
    const c = new Writer(3, 30);
    const atThird = mergeCopies(NOTHING, second);
    const third = c.writeSeen(atThird, NOTHING, "third");
    expect(settle(first, second, third)).toEqual(["first", "second", "third"]);
  });

  it("tombstone: one that was purged at the homes and comes back from a fallback leaves the new value alone", () => {
    const a = new Writer(1, 10);
    const written = a.overwrite(NOTHING, "old");
    const deleted = tombstoneOver(a, written);
    // Purged at the homes: nothing is left there. Then the key is written again, by the same member in the same run.
    const reborn = a.overwrite(NOTHING, "new");
    expect(valuesOf(mergeRecords(reborn.record, deleted.record))).toEqual(["new"]);
  });

  it("tombstone2: nor does one that a crashed home brings back", () => {
    const a = new Writer(1, 10);
    const b = new Writer(2, 11);
    const written = a.overwrite(NOTHING, "old");
    const deleted = tombstoneOver(a, written);
    const reborn = b.overwrite(NOTHING, "new");
    // Another member wrote without having seen the tombstone: it stays beside the value, and hides nothing.
    const values = valuesOf(mergeRecords(reborn.record, deleted.record)).filter((value) => value !== "");
    expect(values).toEqual(["new"]);
  });

  it("uid: two processes under one member id do not share a run", () => {
    const one = new Writer(1, 10);
    const other = new Writer(1, 11);
    expect(settle(one.overwrite(NOTHING, "one"), other.overwrite(NOTHING, "other"))).toEqual([
      "one",
      "other",
    ]);
  });
});

describe("counterexamples", () => {
  it("row 1: a restart between minting and its own fsync does not claim the write that others acknowledged", () => {
    const a = new Writer(1, 9);
    const acked = a.overwrite(NOTHING, "acked by B and C");
    a.newRun();
    const later = a.overwrite(NOTHING, "blind SET after the restart");
    expect(settle(acked, acked, later)).toEqual(["acked by B and C", "blind SET after the restart"]);
  });

  it("row 2: a damaged record refetched from peers that lack its last write begins a new run", () => {
    const a = new Writer(1, 10);
    const first = a.overwrite(NOTHING, "first");
    const hinted = a.overwrite(first, "only in a hint");
    // A's copy is damaged; the peers still have the first write.
    a.newRun();
    const next = a.writeSeen(first, first, "after the repair");
    expect(settle(hinted, next)).toEqual(["after the repair", "only in a hint"]);
  });

  it("row 3: a fallback's second hint does not claim its first, delivered and forgotten", () => {
    const d = new Writer(4, 10);
    const first = d.overwrite(NOTHING, "first");
    d.newRun();
    const second = d.overwrite(NOTHING, "second");
    expect(settle(first, second)).toEqual(["first", "second"]);
  });

  it("row 4: a home that silently lost a version does not kill it elsewhere", () => {
    const a = new Writer(1, 10);
    const b = new Writer(2, 20);
    const held = a.overwrite(NOTHING, "v");
    const other = b.writeSeen(NOTHING, NOTHING, "w");
    expect(settle(held, other, NOTHING, held)).toEqual(["v", "w"]);
    expect(sameRecord(mergeRecords(held.record, null), held.record)).toBe(true);
  });

  it("row 21: a token is refused on another key, namespace or cluster, and when it is altered", () => {
    const key = Uint8Array.of(107, 49);
    const scope = { cluster: 7, namespace: 1 };
    const { record } = new Writer(1, 10).overwrite(NOTHING, "x");
    const token = encodeToken(scope, key, seenOf(record));
    expect(decodeToken(scope, key, token)).toEqual(seenOf(record));
    expect(decodeToken(scope, Uint8Array.of(107, 50), token)).toBeNull();
    expect(decodeToken({ ...scope, namespace: 2 }, key, token)).toBeNull();
    expect(decodeToken({ ...scope, cluster: 8 }, key, token)).toBeNull();
    for (let i = 0; i < token.length; i++) {
      const altered = `${token.slice(0, i)}${token[i] === "A" ? "B" : "A"}${token.slice(i + 1)}`;
      if (altered !== token) expect(decodeToken(scope, key, altered)).toBeNull();
    }
    expect(decodeToken(scope, key, "")).toBeNull();
    expect(decodeToken(scope, key, encodeToken(scope, key, seenOf(null)))).toEqual(seenOf(null));
  });

  it("row 23: a clock below what its author saw would make merges depend on their order", () => {
    const a = new Writer(1, 10);
    const seen = a.overwrite(NOTHING, "seen");
    const b = new Writer(2, 1);
    const later = b.overwrite(seen, "later");
    // B's own clock stood at 1; what it mints is above everything in the record all the same.
    expect(b.mint(null)).toBeGreaterThan(10);
    expect(settle(seen, later)).toEqual(["later"]);
  });
});
