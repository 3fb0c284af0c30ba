import fc from "fast-check";
import { expect, test } from "vitest";
import { latin1Decode, latin1Encode } from "../base/utf8.ts";
import { DEFAULT_LIMITS } from "../config/limits.ts";
import { Timers } from "../control/timers.ts";
import { topologyOf } from "../membership/topology.fixture.ts";
import type { Healer } from "../replica/record-merge.ts";
import { slotOf } from "../ring/slot.ts";
import { HeldStorage, flipped } from "../storage/held-storage.fixture.ts";
import type { KeyEntry, RecordUser } from "../storage/key-entry.ts";
import { isRecordKey, recordKey, slotOfRecordKey, treeKey } from "../storage/keyspace.ts";
import { over } from "../storage/record-store.fixture.ts";
import { RecordStore } from "../storage/record-store.ts";
import { laterRow, totalsOfRow } from "../storage/tree-row.ts";
import { ManualClock } from "../version/manual-clock.fixture.ts";
import { isRecord } from "../version/record.ts";
import { Forest } from "./forest.ts";
import { SlotTrees } from "./slot-trees.ts";

const SEED = 7;
const TOPOLOGY = topologyOf([1]);
/** Some share a slot, some a leaf. */
const KEYS = Array.from({ length: 12 }, (_, i) => {
  const name = latin1Encode(`{${i % 3}}${i}`);
  return recordKey(slotOf(name), 1, name);
});
const SLOTS_USED = [...new Set(KEYS.map(slotOfRecordKey))];

/** A member's records and trees, on a disk that outlives it. */
class Life {
  readonly storage: HeldStorage;
  readonly clock: ManualClock;
  readonly #lives: number;
  readonly store: RecordStore;
  readonly forest: Forest;
  readonly #timers: Timers;
  #values = 0;

  constructor(storage: HeldStorage, clock: ManualClock, lives: number) {
    this.storage = storage;
    this.clock = clock;
    this.#lives = lives;
    this.#timers = new Timers(clock, { wakeAt: () => undefined });
    const limits = { ...DEFAULT_LIMITS, valueCacheBytesMax: 200, contextCacheEntriesMax: 2 };
    this.forest = new Forest({
      storage,
      timers: this.#timers,
      lives,
      limits,
      topology: TOPOLOGY,
      seed: SEED,
      store: () => this.store,
      healer: () => this.#healer,
    });
    this.store = new RecordStore(storage, limits, undefined, this.forest);
    this.forest.start();
  }

  /** Puts something in the place of a damaged record at once. */
  readonly #healer: Healer = {
    heal: (entry) => {
      if (!entry.replacing) this.store.replaceDamaged(entry, this.#over(entry), NOBODY, 0);
    },
  };

  #over(entry: KeyEntry): Uint8Array {
    return over(entry.damaged ? null : entry.latest, `value ${this.clock.mono} ${this.#values++}`);
  }

  write(key: Uint8Array): void {
    const writer: RecordUser = {
      onEntry: (_tag, entry) => {
        if (entry.damaged) this.#healer.heal(entry, null);
        else this.store.put(entry, this.#over(entry), "os", NOBODY, 0);
      },
      onCommitted: () => undefined,
    };
    this.store.withEntry(key, false, writer, 0);
  }

  /** The same directory, started again. */
  next(): Life {
    return new Life(this.storage, this.clock, this.#lives + 1);
  }

  /** Reads are answered; appends are not. */
  answer(): void {
    this.storage.held = true;
    this.storage.pump();
  }

  pass(ms: number): void {
    this.clock.pass(ms);
    this.#timers.onAlarm();
  }

  settle(): void {
    this.storage.held = false;
    for (let i = 0; i < 8; i++) {
      while (this.storage.pump());
      this.pass(20);
    }
  }
}

const NOBODY: RecordUser = { onEntry: () => undefined, onCommitted: () => undefined };

/** The sums of the leaves of the slots used, and how much is in them, as they should be. */
function sumsOfRows(rows: ReadonlyMap<string, Uint8Array>): string[] {
  const trees = new SlotTrees(TOPOLOGY, SEED);
  for (const [name, row] of rows) {
    const key = latin1Encode(name);
    if (isRecordKey(key) && isRecord(row)) trees.change(key, null, row);
  }
  return sumsOf(trees);
}

function sumsOf(trees: SlotTrees): string[] {
  return SLOTS_USED.flatMap((slot) => [
    `${slot}. ${trees.records[slot] ?? 0} records, ${trees.bytes[slot] ?? 0} bytes`,
    ...trees.sumsOfLeaves(slot, 0).map((sum, leaf) => `${slot}.${leaf} ${sum.join(" ")}`),
  ]);
}

type Step = readonly [
  what: "write" | "answer" | "complete" | "pass" | "write sums" | "damage" | "crash",
  n: number,
];

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constant("write" as const), fc.nat(KEYS.length - 1)) },
  { weight: 6, arbitrary: fc.tuple(fc.constant("answer" as const), fc.constant(0)) },
  { weight: 6, arbitrary: fc.tuple(fc.constant("complete" as const), fc.integer({ min: 1, max: 6 })) },
  { weight: 3, arbitrary: fc.tuple(fc.constant("pass" as const), fc.integer({ min: 1, max: 20 })) },
  { weight: 2, arbitrary: fc.tuple(fc.constant("write sums" as const), fc.constant(0)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("damage" as const), fc.nat(KEYS.length - 1)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("crash" as const), fc.constant(0)) },
);

function run(steps: readonly Step[], isDone: (life: Life) => boolean): Life {
  let life = new Life(new HeldStorage(), new ManualClock(1_000), 1);
  for (const [what, n] of steps) {
    const { storage } = life;
    if (what === "write") life.write(KEYS[n] ?? new Uint8Array());
    else if (what === "answer") life.answer();
    else if (what === "complete") for (let i = 0; i < n; i++) storage.completeFirst();
    else if (what === "pass") life.pass(n);
    else if (what === "write sums") life.pass(DEFAULT_LIMITS.treeWriteEveryMs + 1);
    else if (what === "damage") {
      const name = latin1Decode(KEYS[n] ?? new Uint8Array());
      const row = storage.rows.get(name);
      if (row !== undefined) storage.rows.set(name, flipped(row));
    } else {
      storage.lose();
      life = life.next();
    }
    if (!isDone(life)) break;
  }
  return life;
}

test("whatever happens, once all is calm the sums are those of the records", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const life = run(steps, () => true);
      // Whoever reads a damaged record finds that out.
      life.settle();
      for (const key of KEYS) life.write(key);
      life.settle();
      expect(life.forest.unknown).toBe(0);
      expect(sumsOf(life.forest.trees)).toEqual(sumsOfRows(life.storage.rows));
      // And so they are after a crash, without anything having been read again.
      life.storage.lose();
      const next = life.next();
      next.answer();
      next.answer();
      const changed = [...life.storage.rows].filter(([name, row]) => name.length === 3 && row.length < 20);
      if (changed.length === 0) expect(next.forest.unknown).toBe(0);
      next.settle();
      expect(sumsOf(next.forest.trees)).toEqual(sumsOfRows(life.storage.rows));
    }),
  );
});

test("where it says that they are exact, they are, at any time", () => {
  const calm = step.filter(([what]) => what !== "damage");
  fc.assert(
    fc.property(fc.array(calm, { maxLength: 80 }), (steps) => {
      run(steps, ({ forest, storage }) => {
        const exact = SLOTS_USED.filter((slot) => forest.trees.exact[slot] === 1);
        const of = (sums: readonly string[]): string[] =>
          sums.filter((sum) => exact.some((slot) => sum.startsWith(`${slot}.`)));
        expect(of(sumsOf(forest.trees))).toEqual(of(sumsOfRows(storage.rows)));
        return true;
      });
    }),
  );
});

/** A life that has one record, committed, and whose scan has just asked for its first page. */
function reading(): Life {
  const first = run([["write", 0]], () => true);
  first.settle();
  first.storage.rows.delete("\u0001trees");
  const life = first.next();
  life.storage.held = true;
  return life;
}

function expectRight({ forest, storage }: Life): void {
  expect(sumsOf(forest.trees)).toEqual(sumsOfRows(storage.rows));
}

test("what completes while a page is under way counts once, whatever the page shows", () => {
  const life = reading();
  life.write(KEYS[0] ?? new Uint8Array());
  // The marker, and the record: the page is asked for, the append begins.
  life.answer();
  while (life.storage.completeFirst() !== "");
  expect(life.forest.unknown).toBeGreaterThan(0);
  life.answer();
  expect(life.forest.unknown).toBe(0);
  expectRight(life);
});

test("what a page shows before it has completed counts when it has", () => {
  const life = reading();
  const key = KEYS[0] ?? new Uint8Array();
  life.write(key);
  life.answer();
  life.answer();
  expect(life.forest.unknown).toBe(0);
  life.storage.showAppends();
  // Its slot is read once more, while the append is under way.
  life.forest.onDamaged(key);
  life.pass(200);
  life.answer();
  expect(life.forest.unknown).toBe(0);
  while (life.storage.completeFirst() !== "");
  expectRight(life);
});

test("a slot that was not at rest when the sums were written for the first time is read after a crash", () => {
  const life = reading();
  life.answer();
  life.answer();
  life.settle();
  life.storage.held = true;
  life.storage.rows.delete("\u0001trees");
  const next = life.next();
  next.write(KEYS[0] ?? new Uint8Array());
  for (let i = 0; i < 4; i++) next.answer();
  expect(next.forest.unknown).toBe(0);
  // The append is under way, and all is written that can be.
  next.pass(DEFAULT_LIMITS.treeWriteEveryMs);
  for (let i = 0; i < 100; i++) next.pass(20);
  while (next.storage.completeFirst() !== "");
  expectRight(next);
  const last = next.next();
  last.settle();
  expectRight(last);
});

test("a row of a later life is the later one, whatever the clock says and however many the earlier one wrote", () => {
  const key = KEYS[0] ?? new Uint8Array();
  const name = latin1Decode(treeKey(slotOfRecordKey(key)));
  const life = run([["write", 0]], () => true);
  for (let i = 0; i < 9; i++) {
    life.settle();
    life.pass(DEFAULT_LIMITS.treeWriteEveryMs + 1);
    life.write(key);
  }
  life.settle();
  life.pass(DEFAULT_LIMITS.treeWriteEveryMs + 1);
  life.settle();
  const exact = life.storage.rows.get(name) ?? new Uint8Array();
  expect(totalsOfRow(exact, life.forest.trees.width)?.records).toBe(1);
  life.clock.wall -= 60_000;
  const next = life.next();
  next.settle();
  next.write(key);
  while (next.storage.pump());
  const changed = next.storage.rows.get(name) ?? new Uint8Array();
  expect(totalsOfRow(changed, life.forest.trees.width)).toBe(null);
  for (const both of [[exact, changed] as const, [changed, exact] as const])
    expect(laterRow(...both)).toBe(changed);
});
