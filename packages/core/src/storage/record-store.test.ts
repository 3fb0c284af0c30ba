import { beforeEach, describe, expect, it } from "vitest";
import { AssertionError } from "../base/assert.ts";
import { cachedBytes } from "../base/byte-cache.ts";
import type { Bytes } from "../base/bytes.ts";
import { headOf } from "../version/record.ts";
import { latin1Decode } from "../base/utf8.ts";
import { type Harm, ManualStorage } from "./manual-storage.fixture.ts";
import { Caller, keyOf, look, over, type Sight, write } from "./record-store.fixture.ts";
import { RecordStore } from "./record-store.ts";
import { NOBODY } from "./record-watcher.ts";

const AMPLE = { valueCacheBytesMax: 10_000, contextCacheEntriesMax: 100 };
const ONE = over(null, "one");
const TWO = over(ONE, "two");
/** Room for one record. */
const ROOM = cachedBytes("other".length, ONE.length);

let storage: ManualStorage;
let store: RecordStore;

beforeEach(() => {
  storage = new ManualStorage();
  store = new RecordStore(storage, AMPLE);
});

function flip(stored: Bytes | null): Bytes | null {
  const bytes = stored?.slice() ?? null;
  if (bytes !== null) bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
  return bytes;
}

function sight(latest: Bytes | null, committed: Bytes | null, tag = 0): Sight {
  return { tag, damaged: false, latest, committed };
}

/** A store that remembers of `k` only the head of `ONE`. */
function forgetValue(): void {
  storage.seed(keyOf("k"), ONE);
  store = new RecordStore(storage, { ...AMPLE, valueCacheBytesMax: ROOM });
  look(store, "k", true);
  storage.answer();
  makeRoom("other");
  expect(look(store, "k", false)).toEqual([sight(headOf(ONE), headOf(ONE))]);
}

/** Whether somebody is shown the whole record without asking the storage. */
function isKeptWhole(name: string): boolean {
  const [seen] = look(store, name, true);
  if (seen === undefined) storage.answer();
  return seen !== undefined;
}

/** Fills the value cache with another key. */
function makeRoom(name: string): void {
  const before = storage.gets.length;
  write(store, name, "xyz", "fsync");
  storage.answer(before);
  storage.complete("fsync");
}

describe("loading", () => {
  it("asks the storage once, and then no more", () => {
    storage.seed(keyOf("k"), ONE);
    const first = look(store, "k", true);
    expect([first, storage.gets.length]).toEqual([[], 1]);
    storage.answer();
    expect(first).toEqual([sight(ONE, ONE)]);
    expect(look(store, "k", true)).toEqual([sight(ONE, ONE)]);
    expect(look(store, "k", false)).toEqual([sight(headOf(ONE), headOf(ONE))]);
    expect([storage.gets.length, store.hits, store.misses, store.entries]).toEqual([0, 2, 1, 1]);
    expect(store.valueBytes).toBe(ONE.length);
  });

  it("remembers that a key is absent", () => {
    const first = look(store, "k", true);
    storage.answer();
    expect(first).toEqual([sight(null, null)]);
    expect(look(store, "k", true)).toEqual([sight(null, null)]);
    expect(storage.gets).toHaveLength(0);
  });

  it("keeps those who ask meanwhile in one queue, in order, and each sees what the one before did", () => {
    storage.seed(keyOf("k"), ONE);
    const served: number[] = [];
    const caller = new Caller((entry, tag, self) => {
      served.push(tag);
      store.put(entry, over(entry.latest, `v${tag}`), "os", self, tag);
    });
    for (const tag of [1, 2, 3]) store.withEntry(keyOf("k"), tag === 2, caller, tag);
    expect(storage.gets).toHaveLength(1);
    storage.answer();
    expect(served).toEqual([1, 2, 3]);
    let held: Bytes | null = ONE;
    for (const [i, { latest, committed }] of caller.sights.entries()) {
      expect([latest, committed]).toEqual([held, ONE]);
      held = over(held, `v${i + 1}`);
    }
    storage.completeAll();
    expect(look(store, "k", true)).toEqual([sight(held, held)]);
  });

  it("of one key holds up no other", () => {
    storage.seed(keyOf("a"), ONE);
    storage.seed(keyOf("b"), TWO);
    const [a, b] = [look(store, "a", true), look(store, "b", true)];
    storage.answer(1);
    expect([a, b]).toEqual([[], [sight(TWO, TWO)]]);
    storage.answer();
    expect(a).toEqual([sight(ONE, ONE)]);
  });
});

describe("the two overlays", () => {
  beforeEach(() => {
    storage.seed(keyOf("k"), ONE);
    look(store, "k", true);
    storage.answer();
  });

  it("a record is built upon at once, and read when its append has completed", () => {
    const writer = write(store, "k", "two", "fsync");
    expect(look(store, "k", true)).toEqual([sight(TWO, ONE)]);
    expect(look(store, "k", false)).toEqual([sight(TWO, ONE)]);
    expect(writer.commits).toEqual([]);
    storage.complete();
    expect(writer.commits).toEqual([[7, "fsync"]]);
    expect(look(store, "k", true)).toEqual([sight(TWO, TWO)]);
  });

  it("several pending ones are committed one after the other", () => {
    const three = over(TWO, "three");
    write(store, "k", "two", "os");
    write(store, "k", "three", "os");
    expect(look(store, "k", true)).toEqual([sight(three, ONE)]);
    storage.complete();
    expect(look(store, "k", true)).toEqual([sight(three, TWO)]);
    storage.complete();
    expect(look(store, "k", true)).toEqual([sight(three, three)]);
  });

  it("the writer is told before anybody who waits is served", () => {
    const events: string[] = [];
    const user = {
      onEntry: (tag: number) => void events.push(`entry ${tag}`),
      onCommitted: (tag: number) => void events.push(`committed ${tag}`),
    };
    forgetValue();
    const caller = new Caller((entry) => store.put(entry, TWO, "os", user, 1));
    store.withEntry(keyOf("k"), false, caller, 0);
    store.withEntry(keyOf("k"), true, user, 2);
    expect(events).toEqual([]);
    storage.complete();
    expect(events).toEqual(["committed 1", "entry 2"]);
  });

  it("an earlier append that completes later does not bring back its record", () => {
    const early = write(store, "k", "two", "os");
    const late = write(store, "k", "three", "fsync");
    const three = over(TWO, "three");
    storage.complete("fsync");
    expect([early.commits, late.commits]).toEqual([[], [[7, "fsync"]]]);
    expect(look(store, "k", true)).toEqual([sight(three, three)]);
    storage.complete("os");
    expect(early.commits).toEqual([[7, "os"]]);
    expect(look(store, "k", true)).toEqual([sight(three, three)]);
  });

  it("an `os` write behind a pending fsync is fsynced, for it carries what that one wrote", () => {
    const callers = (["os", "fsync", "os", "os"] as const).map((durability) =>
      write(store, "k", "x", durability),
    );
    const elsewhere = write(store, "other", "x", "os");
    storage.answer();
    expect(storage.appends.map(({ durability }) => durability)).toEqual([
      "os",
      "fsync",
      "fsync",
      "fsync",
      "os",
    ]);
    storage.completeAll();
    expect(callers.map(({ commits }) => commits[0]?.[1])).toEqual(["os", "fsync", "fsync", "fsync"]);
    expect(elsewhere.commits).toEqual([[7, "os"]]);
    write(store, "k", "x", "os");
    expect(storage.appends[0]?.durability).toBe("os");
  });

  it("an `os` write stays one while only the fsync of another key is pending, and when the fsync has ended", () => {
    look(store, "other", false);
    storage.answer();
    write(store, "other", "x", "fsync");
    write(store, "k", "x", "os");
    expect(storage.appends.map(({ durability }) => durability)).toEqual(["fsync", "os"]);
  });

  it("an append that fails never comes back: the member has stopped", () => {
    write(store, "k", "two", "fsync");
    const [append] = storage.appends;
    expect(() => append?.user.onStored(append.tag, { code: "EIO", text: "lost" })).toThrow(AssertionError);
    expect(() => store.onStored(99, null)).toThrow(AssertionError);
  });
});

describe("values", () => {
  it("go down to heads, which is all that writes and digests need", () => {
    forgetValue();
    expect(store.valueBytes).toBe(ONE.length);
    expect(storage.gets).toHaveLength(0);
    write(store, "k", "two", "os");
    storage.complete();
    expect(look(store, "k", true)).toEqual([sight(TWO, TWO)]);
    expect(storage.gets).toHaveLength(0);
  });

  it("are fetched again when somebody asks for the whole, who never gets a head", () => {
    forgetValue();
    const whole = look(store, "k", true);
    expect([whole, storage.gets.length]).toEqual([[], 1]);
    expect(look(store, "k", false)).toEqual([sight(headOf(ONE), headOf(ONE))]);
    storage.answer();
    expect(whole).toEqual([sight(ONE, ONE)]);
  });

  it.each([
    [-4, 1],
    [0, 2],
    [4, 2],
  ])("of two keys with %i bytes to spare are kept: %i", (spare, kept) => {
    store = new RecordStore(storage, {
      ...AMPLE,
      valueCacheBytesMax: 2 * cachedBytes(1, ONE.length) + spare,
    });
    makeRoom("a");
    makeRoom("b");
    expect(store.valueBytes).toBe(kept * ONE.length);
    const wholes = ["b", "a"].filter(isKeptWhole);
    expect(wholes).toEqual(kept === 2 ? ["b", "a"] : ["b"]);
  });

  it("that are read whole are kept before those that are not", () => {
    store = new RecordStore(storage, { ...AMPLE, valueCacheBytesMax: 2 * cachedBytes(1, ONE.length) });
    makeRoom("a");
    makeRoom("b");
    look(store, "a", true);
    makeRoom("c");
    expect(["c", "a", "b"].map(isKeptWhole)).toEqual([true, true, false]);
  });

  it("of pending records stay whole whatever the cache holds, and who is to be shown the whole waits for them", () => {
    store = new RecordStore(storage, { ...AMPLE, valueCacheBytesMax: ROOM });
    makeRoom("k");
    write(store, "k", "two", "fsync");
    look(store, "other", false);
    storage.answer();
    write(store, "other", "xyz", "os");
    storage.complete("os");
    const seen = look(store, "k", true);
    expect([seen, storage.gets.length]).toEqual([[], 0]);
    storage.complete("fsync");
    const two = over(over(null, "xyz"), "two");
    expect(seen).toEqual([sight(two, two)]);
  });

  it("that the cache has are shown beside what is being written over them", () => {
    makeRoom("k");
    const before = over(null, "xyz");
    write(store, "k", "two", "fsync");
    expect(look(store, "k", true)).toEqual([sight(over(before, "two"), before)]);
  });
});

describe("a read that is overtaken", () => {
  it("by a write that completes: the write serves whoever waits, and the late answer changes nothing", () => {
    forgetValue();
    const whole = look(store, "k", true);
    write(store, "k", "two", "fsync");
    expect(whole).toEqual([]);
    storage.complete();
    expect(whole).toEqual([sight(TWO, TWO)]);
    storage.answer(0, 0);
    expect(look(store, "k", true)).toEqual([sight(TWO, TWO)]);
    expect([store.damagedRecords, storage.gets.length]).toEqual([0, 0]);
  });

  it("by a write that is still pending: whoever waits goes on to wait for it", () => {
    forgetValue();
    const whole = look(store, "k", true);
    write(store, "k", "two", "fsync");
    storage.answer(0, 0);
    expect([whole, storage.gets.length]).toEqual([[], 0]);
    storage.complete();
    expect(whole).toEqual([sight(TWO, TWO)]);
  });
});

describe("keys that nobody uses", () => {
  it.each([
    [1, 1],
    [2, 2],
    [3, 4],
    [5, 6],
  ])("of six, with room for %i heads of average size, are remembered: %i, the latest used", (most, stay) => {
    store = new RecordStore(storage, { valueCacheBytesMax: 0, contextCacheEntriesMax: most });
    const names = ["a", "b", "c", "d", "e", "f"];
    for (const name of names) makeRoom(name);
    expect(store.entries).toBe(stay);
    expect([look(store, "f", false).length, look(store, "a", false).length]).toEqual([1, stay === 6 ? 1 : 0]);
  });

  it("are in memory while a record is pending or a read under way, whatever the caches hold", () => {
    store = new RecordStore(storage, { valueCacheBytesMax: 0, contextCacheEntriesMax: 0 });
    storage.seed(keyOf("reading"), ONE);
    write(store, "pending", "one", "fsync");
    storage.answer();
    const reading = look(store, "reading", false);
    for (const name of ["x", "y", "z"]) {
      look(store, name, false);
      storage.answer(1);
    }
    expect(store.entries).toBe(2);
    expect(look(store, "pending", true)).toEqual([sight(ONE, null)]);
    storage.answer();
    expect(reading).toEqual([sight(ONE, ONE)]);
    storage.complete();
    expect(store.entries).toBe(0);
  });

  it("and whose record is damaged are remembered, as many as there may be, the latest used", () => {
    const found: string[] = [];
    const watcher = { ...NOBODY, onDamaged: (key: Bytes) => void found.push(latin1Decode(key)) };
    store = new RecordStore(storage, { ...AMPLE, contextCacheEntriesMax: 2 }, undefined, watcher);
    const find = (name: string): void => {
      storage.seed(keyOf(name), ONE);
      look(store, name, false);
      storage.answer(0, 0, flip);
    };
    find("a");
    find("b");
    look(store, "a", false);
    expect([found, store.entries]).toEqual([["a", "b"], 2]);
    find("c");
    // What is forgotten is told as well: read again it may be sound.
    expect([found, store.entries]).toEqual([["a", "b", "c", "b"], 2]);
    expect(["a", "c"].map((name) => look(store, name, true)[0]?.damaged)).toEqual([true, true]);
    expect(storage.gets).toHaveLength(0);
  });

  it("are not forgotten while they are served, nor while their queue is", () => {
    storage.seed(keyOf("k"), ONE);
    store = new RecordStore(storage, { ...AMPLE, contextCacheEntriesMax: 1 });
    store.withEntry(keyOf("k"), false, new Caller(() => void look(store, "other", false)), 0);
    write(store, "k", "two", "fsync");
    storage.answer();
    const seen = look(store, "k", false);
    while (storage.gets.length > 0) storage.answer(0, 0);
    expect(seen[0]?.latest).toEqual(TWO);
  });

  it("that were forgotten are read from what had been appended", () => {
    store = new RecordStore(storage, { valueCacheBytesMax: 0, contextCacheEntriesMax: 0 });
    write(store, "k", "one", "os");
    storage.answer();
    storage.complete();
    makeRoom("other");
    const again = look(store, "k", true);
    storage.answer(0, 0);
    expect(again).toEqual([sight(ONE, ONE)]);
  });
});

describe("damage", () => {
  const damaged: Sight = { tag: 0, damaged: true, latest: null, committed: null };
  const older = over(null, "six");

  beforeEach(() => storage.seed(keyOf("k"), ONE));

  function loadDamaged(): void {
    look(store, "k", false);
    storage.answer(0, 0, flip);
  }

  it("is told to all who wait, readers and writers, and nothing is asked again", () => {
    const sights = [look(store, "k", true), look(store, "k", false)];
    storage.answer(0, 0, flip);
    expect(sights).toEqual([[damaged], [damaged]]);
    expect([look(store, "k", true), look(store, "k", false)]).toEqual([[damaged], [damaged]]);
    expect([storage.gets.length, store.damagedRecords, store.valueBytes]).toEqual([0, 1, 0]);
  });

  it("is built upon by nobody", () => {
    const writer = new Caller((entry) => {
      expect(() => store.put(entry, TWO, "fsync", writer, 0)).toThrow(AssertionError);
    });
    store.withEntry(keyOf("k"), false, writer, 0);
    storage.answer(0, 0, flip);
    expect(writer.sights).toEqual([damaged]);
    expect(storage.appends).toEqual([]);
  });

  it("is what a read error leaves, even where nothing may have been", () => {
    const sights = look(store, "empty", true);
    storage.answerWithError();
    expect(sights).toEqual([damaged]);
  });

  it.each<[string, Harm]>([
    ["a flipped bit", flip],
    ["nothing", () => null],
    ["another sound record", () => older],
    ["its own head", (stored) => (stored === null ? null : headOf(stored))],
  ])("is it when the storage gives %s for a value whose head was kept", (_, harm) => {
    forgetValue();
    const whole = look(store, "k", true);
    storage.answer(0, 0, harm);
    expect(whole).toEqual([damaged]);
    expect(look(store, "k", false)).toEqual([damaged]);
    expect(store.damagedRecords).toBe(1);
  });

  it("is none of a read that a write has overtaken", () => {
    forgetValue();
    look(store, "k", true);
    write(store, "k", "two", "fsync");
    storage.answer(0, 0, flip);
    storage.complete();
    expect(look(store, "k", true)).toEqual([sight(TWO, TWO)]);
    expect(store.damagedRecords).toBe(0);
  });

  it("ends with a replacement, which is fsynced and then read", () => {
    loadDamaged();
    const healer = new Caller((entry, tag, self) => store.replaceDamaged(entry, TWO, self, tag));
    store.withEntry(keyOf("k"), false, healer, 3);
    expect(storage.appends.map(({ value, durability }) => [value, durability])).toEqual([[TWO, "fsync"]]);
    write(store, "k", "three", "os");
    expect(storage.appends).toHaveLength(1);
    storage.complete();
    expect(healer.commits).toEqual([[3, "fsync"]]);
    const three = over(TWO, "three");
    expect(look(store, "k", true)).toEqual([sight(three, TWO)]);
    storage.complete();
    expect(look(store, "k", true)).toEqual([sight(three, three)]);
  });

  it("under replacement is not served as absence", () => {
    loadDamaged();
    const healer = new Caller((entry, tag, self) => store.replaceDamaged(entry, ONE, self, tag));
    store.withEntry(keyOf("k"), false, healer, 3);
    const seen = look(store, "k", true);
    expect(seen).toEqual([]);
    storage.complete();
    expect(seen).toEqual([sight(ONE, ONE)]);
  });

  it("ends with a removal when no other home has the key", () => {
    loadDamaged();
    const healer = new Caller((entry, tag, self) => store.replaceDamaged(entry, null, self, tag));
    store.withEntry(keyOf("k"), false, healer, 3);
    expect(storage.appends.map(({ value, durability }) => [value, durability])).toEqual([[null, "fsync"]]);
    storage.complete();
    expect(healer.commits).toEqual([[3, "fsync"]]);
    expect(look(store, "k", true)).toEqual([sight(null, null)]);
    expect(storage.stored(keyOf("k"))).toBeNull();
  });

  it("is all that is ever replaced", () => {
    const caller = new Caller((entry) => {
      expect(() => store.replaceDamaged(entry, TWO, caller, 0)).toThrow(AssertionError);
    });
    store.withEntry(keyOf("k"), false, caller, 0);
    storage.answer();
    expect(caller.sights).toEqual([sight(ONE, ONE)]);
  });
});

describe("removing", () => {
  it("is seen by writers at once, by readers when it is durable, and over a restart", () => {
    write(store, "k", "one", "fsync");
    storage.answer();
    storage.complete("fsync");
    const remover = new Caller((entry, tag, self) => store.remove(entry, self, tag));
    store.withEntry(keyOf("k"), false, remover, 3);
    expect(look(store, "k", false)).toEqual([sight(null, headOf(ONE))]);
    expect(remover.commits).toEqual([]);
    storage.complete("os");
    expect(remover.commits).toEqual([[3, "os"]]);
    expect(look(store, "k", true)).toEqual([sight(null, null)]);
    store = new RecordStore(storage, AMPLE);
    const later = look(store, "k", true);
    storage.answer();
    expect(later).toEqual([sight(null, null)]);
  });

  it("leaves what is written over it alone", () => {
    write(store, "k", "one", "fsync");
    storage.answer();
    storage.complete("fsync");
    store.withEntry(keyOf("k"), false, new Caller((entry, tag, self) => store.remove(entry, self, tag)), 3);
    write(store, "k", "two", "os");
    storage.complete("os");
    expect(look(store, "k", true)).toEqual([sight(over(null, "two"), null)]);
    storage.complete("os");
    expect(look(store, "k", true)).toEqual([sight(over(null, "two"), over(null, "two"))]);
  });
});
