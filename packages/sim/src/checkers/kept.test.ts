import { type Bytes, type Dot, EMPTY_BYTES, type Version, recordKey, slotOf } from "@kvorum/core";
import { conflictKey, contextWith, encodeConflict, encodeRecord } from "@kvorum/core/testing";
import { describe, expect, test } from "vitest";
import { NAMESPACE, keyBytes } from "../workloads/key-bytes.ts";
import { valueOf } from "../workloads/values.ts";
import type { Rows } from "./disks.ts";
import { checkDurability } from "./durability-ledger.ts";
import { DiskKept } from "./kept.ts";
import { MadeHistory, TOMBSTONE } from "./made-history.fixture.ts";
import { Meetings } from "./meetings.ts";
import { checkReads } from "./quorum-reads.ts";

const early: Dot = { member: 1, start: 1, clock: 10 };
const late: Dot = { member: 2, start: 1, clock: 20 };

function version(dot: Dot, writer: number): Version {
  const kind = writer === 0 ? "tombstone" : "value";
  return { dot, kind, expiryMs: 0, value: writer === 0 ? EMPTY_BYTES : valueOf(writer, 24) };
}

function entry({ dot, kind, expiryMs, value }: Version): Rows {
  const key = keyBytes("k");
  const lost = { instant: 5, namespace: NAMESPACE, key, kind: "concurrent", dot, expiryMs, value } as const;
  const row = encodeConflict({ ...lost, versionKind: kind, winner: late }, 1_000);
  return [[conflictKey({ instant: 5, number: dot.clock }), row]];
}

function record(held: Version): Rows {
  const name = keyBytes("k");
  const { member, start, clock } = held.dot;
  const bytes: Bytes = encodeRecord(contextWith(EMPTY_BYTES, member, start, clock), [held]);
  return [[recordKey(slotOf(name), NAMESPACE, name), bytes]];
}

/** Two writes side by side, neither of which had seen the other; a read that came before both gave them their tokens. */
function sideBySide(): { history: MadeHistory; loser: number; winner: number } {
  const history = new MadeHistory();
  const before = history.read(0, 1, []);
  const loser = history.put(10, 20, { contextOf: before, dot: early });
  const winner = history.put(15, 30, { contextOf: before, dot: late });
  return { history, loser, winner };
}

describe("what lost under lww", () => {
  test("is lost when neither a ledger nor a home has it", () => {
    const { history, winner } = sideBySide();
    expect(checkDurability(history, history.finalRead(winner), new DiskKept([], []))).toHaveLength(1);
  });

  test("is not when a ledger has it, or a home that has not met the other; by dot or by value", () => {
    const { history, loser, winner } = sideBySide();
    const last = history.finalRead(winner);
    for (const dot of [early, { member: 7, start: 7, clock: 7 }]) {
      const kept = version(dot, dot === early ? 99 : loser);
      expect(checkDurability(history, last, new DiskKept([entry(kept)], []))).toEqual([]);
      expect(checkDurability(history, last, new DiskKept([], [entry(kept)]))).toEqual([]);
      expect(checkDurability(history, last, new DiskKept([record(kept)], []))).toEqual([]);
      // Records change as soon as keys are written again; what they hold then says nothing.
      expect(checkDurability(history, last, new DiskKept([], [record(kept)]))).toHaveLength(1);
    }
  });

  test("must have been beaten: an entry is no excuse when nothing with a higher dot is returned", () => {
    const { history, loser, winner } = sideBySide();
    const kept = new DiskKept([[...entry(version(late, winner)), ...entry(version(early, loser))]], []);
    expect(checkDurability(history, history.finalRead(loser), kept)).toHaveLength(1);
    expect(checkDurability(history, history.finalRead(), kept)).toHaveLength(2);
    expect(checkDurability(history, history.finalRead(winner), kept)).toEqual([]);
  });

  test("accounts for what it had seen", () => {
    const { history, loser, winner } = sideBySide();
    const older = history.put(2, 3, { dot: { member: 3, start: 1, clock: 5 } });
    const overwriting = history.put(4, 25, { dot: { member: 3, start: 1, clock: 12 } });
    const kept = new DiskKept([[...entry(version(early, loser)), ...entry(version(late, overwriting))]], []);
    expect(older).toBeLessThan(overwriting);
    expect(checkDurability(history, history.finalRead(winner), kept)).toEqual([]);
  });

  test("a delete whose client never learned its dot may be any tombstone of its key", () => {
    const history = new MadeHistory();
    const gone = history.put(0, 5, { dot: { member: 1, start: 1, clock: 2 } });
    history.unknownRemove(6);
    const winner = history.put(10, 20, { contextOf: history.read(0, 1, []), dot: late });
    expect(gone).toBe(1);
    expect(
      checkDurability(history, history.finalRead(winner), new DiskKept([entry(version(early, 0))], [])),
    ).toEqual([]);
    expect(checkDurability(history, history.finalRead(winner), new DiskKept([], []))).toHaveLength(1);
  });
});

test("a read under lww shows what beats what it met, or misses a write", () => {
  const check = (clock: number): number => {
    const { history, winner } = sideBySide();
    const read = history.read(40, 50, [winner], { homes: 3, answered: [1, 2, 3] });
    const shown = history.operations[winner - 1];
    if (shown !== undefined) shown.dot = { ...late, clock };
    expect(read).toBeGreaterThan(winner);
    return checkReads(history, new Meetings(history), new DiskKept([], [])).length;
  };
  expect(check(20)).toBe(0);
  expect(check(9)).toBe(1);
});

test("a tombstone that is shown beats as a value does", () => {
  const history = new MadeHistory();
  const before = history.read(0, 1, []);
  history.put(10, 20, { contextOf: before, dot: early });
  history.remove(12, 22, { contextOf: before, dot: late });
  const kept = new DiskKept([entry(version(early, 99))], []);
  expect(checkDurability(history, history.finalRead(TOMBSTONE), kept)).toEqual([]);
});
