/**
 * A record store beside a model that keeps, for each key, every put there ever was: whatever the order of answers,
 * readers see the latest put that has completed, writers build on the latest of all, and damage is never served.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import { assert } from "../base/assert.ts";
import { type Bytes, bytesEqual } from "../base/bytes.ts";
import type { Durability } from "../ports/storage.ts";
import { headOf, isHeadOnly } from "../version/record.ts";
import { type Harm, ManualStorage } from "./manual-storage.fixture.ts";
import { keyOf, over } from "./record-store.fixture.ts";
import { type KeyEntry, type RecordUser } from "./key-entry.ts";
import { RecordStore } from "./record-store.ts";
import type { RecordCacheLimits } from "./settled-records.ts";

const KEYS = ["a", "b", "c", "d"];
const VALUE_BYTES_MAX = 40;
const RECORD_BYTES_MAX = 60 + VALUE_BYTES_MAX;

type HarmName = "none" | "flip" | "lose" | "age" | "error";

type Step =
  | { kind: "read"; key: number; whole: boolean }
  | { kind: "write"; key: number; whole: boolean; bytes: number; durability: Durability }
  | { kind: "complete"; durability: Durability }
  | { kind: "answer"; index: number; late: number; harm: HarmName }
  | { kind: "heal"; key: number; absent: boolean };

interface Put {
  readonly record: Bytes | null;
  readonly durability: Durability;
  done: boolean;
}

class ModelKey {
  readonly puts: Put[] = [];
  /** A wrong answer was given since the record was last replaced, so the store may call it damaged. */
  harmed = false;
  replacement: Put | null = null;

  constructor(seed: Bytes | null) {
    this.puts.push({ record: seed, durability: "fsync", done: true });
  }

  get latest(): Bytes | null {
    return this.puts.at(-1)?.record ?? null;
  }

  get committed(): Bytes | null {
    return this.puts.findLast(({ done }) => done)?.record ?? null;
  }
}

/** One request to the store, until it is served and, if it writes, committed. */
class Request implements RecordUser {
  readonly #world: World;
  readonly #model: ModelKey;
  readonly #step: Exclude<Step, { kind: "complete" | "answer" }>;
  #put: Put | null = null;
  served = 0;
  committed = 0;

  constructor(world: World, model: ModelKey, step: Exclude<Step, { kind: "complete" | "answer" }>) {
    this.#world = world;
    this.#model = model;
    this.#step = step;
  }

  get ended(): boolean {
    return this.served === 1 && this.committed === (this.#put === null ? 0 : 1);
  }

  onEntry(_tag: number, entry: KeyEntry): void {
    this.served++;
    const step = this.#step;
    if (entry.damaged) {
      assert(this.#model.harmed, "only what was answered wrongly is damaged");
      if (step.kind === "heal") this.#replace(entry, step.absent);
      return;
    }
    this.#check(entry, step.kind !== "heal" && step.whole);
    if (step.kind === "write") this.#write(entry, "x".repeat(step.bytes), step.durability);
  }

  onCommitted(_tag: number, durability: Durability): void {
    this.committed++;
    assert(durability === this.#put?.durability, "the writer is told how durable his record is");
    if (this.#put !== null) this.#put.done = true;
  }

  #check(entry: KeyEntry, whole: boolean): void {
    const { latest, committed, replacement } = this.#model;
    expectRecord(entry.latest, latest, whole);
    // Until a replacement has completed there is nothing that a reader could rightly be shown.
    if (replacement === null || replacement.done) expectRecord(entry.committed, committed, whole);
  }

  #write(entry: KeyEntry, value: string, durability: Durability): void {
    const { puts } = this.#model;
    const syncing = puts.some((put) => !put.done && put.durability === "fsync");
    const record = over(entry.latest, value);
    this.#put = { record, durability: syncing ? "fsync" : durability, done: false };
    puts.push(this.#put);
    this.#world.store.put(entry, record, durability, this, 0);
  }

  #replace(entry: KeyEntry, absent: boolean): void {
    const model = this.#model;
    // What peers hold goes on from anything that was ever there.
    const record = absent ? null : over(model.latest, "healed");
    this.#put = { record, durability: "fsync", done: false };
    model.puts.push(this.#put);
    model.replacement = this.#put;
    model.harmed = false;
    this.#world.store.replaceDamaged(entry, record, this, 0);
  }
}

function expectRecord(seen: Bytes | null, expected: Bytes | null, whole: boolean): void {
  const isHead = seen !== null && isHeadOnly(seen);
  const wanted = isHead && !whole && expected !== null ? headOf(expected) : expected;
  const same = seen === null || wanted === null ? seen === wanted : bytesEqual(seen, wanted);
  if (!same) expect(seen).toEqual(wanted);
}

class World {
  readonly storage = new ManualStorage();
  readonly store: RecordStore;
  readonly limits: RecordCacheLimits;
  readonly models: ModelKey[] = [];
  readonly requests: Request[] = [];

  constructor(limits: RecordCacheLimits, seeds: readonly (number | null)[]) {
    this.limits = limits;
    this.store = new RecordStore(this.storage, limits);
    for (const [i, bytes] of seeds.entries()) {
      const record = bytes === null ? null : over(null, "s".repeat(bytes));
      this.storage.seed(keyOf(KEYS[i] ?? ""), record);
      this.models.push(new ModelKey(record));
    }
  }

  do(step: Step): void {
    if (step.kind === "complete") this.storage.complete(step.durability);
    else if (step.kind === "answer") this.#answer(step.index, step.late, step.harm);
    else this.#request(step);
    assert(this.store.valueBytes <= this.limits.valueCacheBytesMax, "values stay within their bound");
  }

  /** Gives true answers until nothing is left to answer, and heals what was found damaged. */
  settle(): void {
    this.#drain();
    for (let key = 0; key < KEYS.length; key++) {
      this.#request({ kind: "heal", key, absent: false });
      this.#drain();
    }
  }

  #drain(): void {
    const { gets, appends } = this.storage;
    for (let left = 300; left > 0 && gets.length + appends.length > 0; left--) {
      if (gets.length > 0) this.#answer(0, Infinity, "none");
      else this.storage.complete();
    }
    assert(gets.length + appends.length === 0, "questions and answers come to an end");
  }

  #request(step: Exclude<Step, { kind: "complete" | "answer" }>): void {
    const model = this.models[step.key];
    if (model === undefined) return;
    const request = new Request(this, model, step);
    this.requests.push(request);
    this.store.withEntry(keyOf(KEYS[step.key] ?? ""), step.kind !== "heal" && step.whole, request, 0);
  }

  #answer(index: number, late: number, harm: HarmName): void {
    const { storage } = this;
    const at = index % Math.max(1, storage.gets.length);
    const get = storage.gets[at];
    if (get === undefined) return;
    const model = this.models[KEYS.findIndex((name) => keyOf(name).join() === get.key.join())];
    if (model !== undefined && harm !== "none") model.harmed = true;
    if (harm === "error") storage.answerWithError(at);
    else storage.answer(at, late, HARMS[harm]);
  }
}

const HARMS: Record<Exclude<HarmName, "error">, Harm> = {
  none: (stored) => stored,
  flip: (stored) => {
    if (stored !== null) stored[stored.length >> 1] = (stored[stored.length >> 1] ?? 0) ^ 4;
    return stored;
  },
  // A lost or old record that was never seen in this life cannot be told from the truth, so its head tells instead.
  lose: (stored) => (stored === null ? null : stored.slice(0, -1)),
  age: (stored) => (stored === null ? null : new Uint8Array([...stored, 0])),
};

const key = fc.nat(KEYS.length - 1);
const durability = fc.constantFrom<Durability>("os", "fsync");
const harms = fc.oneof(
  { weight: 6, arbitrary: fc.constant<HarmName>("none") },
  fc.constantFrom<HarmName>("flip", "lose", "age", "error"),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("read" as const), key, whole: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("write" as const),
      key,
      whole: fc.boolean(),
      bytes: fc.nat(VALUE_BYTES_MAX),
      durability,
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("complete" as const), durability }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("answer" as const),
      index: fc.nat(3),
      late: fc.nat(3),
      harm: harms,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("heal" as const), key, absent: fc.boolean() }) },
);

const limits: fc.Arbitrary<RecordCacheLimits> = fc.record({
  valueCacheBytesMax: fc.integer({ min: 0, max: 4 * RECORD_BYTES_MAX }),
  contextCacheEntriesMax: fc.integer({ min: 0, max: 2 }),
});
const seeds = fc.array(fc.option(fc.nat(VALUE_BYTES_MAX), { freq: 3 }), {
  minLength: KEYS.length,
  maxLength: KEYS.length,
});

it("readers see what is committed, writers the latest, nobody damage, and everybody is answered", () => {
  fc.assert(
    fc.property(limits, seeds, fc.array(step, { minLength: 10, maxLength: 80 }), (bounds, stored, steps) => {
      const world = new World(bounds, stored);
      for (const each of steps) world.do(each);
      world.settle();
      for (const [i, model] of world.models.entries()) {
        expect(world.storage.stored(keyOf(KEYS[i] ?? ""))).toEqual(model.latest);
        expect(model.committed).toEqual(model.latest);
        world.do({ kind: "read", key: i, whole: true });
        world.do({ kind: "answer", index: 0, late: 0, harm: "none" });
      }
      expect(world.requests.filter((request) => !request.ended)).toEqual([]);
      const room = world.limits.contextCacheEntriesMax * 10 + world.limits.valueCacheBytesMax / 60;
      expect(world.store.entries).toBeLessThanOrEqual(room);
    }),
  );
});
