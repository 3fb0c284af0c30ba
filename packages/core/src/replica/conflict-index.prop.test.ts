import fc from "fast-check";
import { expect, test } from "vitest";
import { ConflictIndex, type IndexedConflict, comparePlaces } from "./conflict-index.ts";

const item = fc.record({
  instant: fc.nat(20),
  number: fc.nat(3),
  keyHash: fc.nat(2),
  bytes: fc.integer({ min: 1, max: 100 }),
  clock: fc.nat(9),
  beatenBy: fc.nat(9),
});

const items = fc
  .uniqueArray(item, { maxLength: 40, selector: ({ instant, number }) => `${instant} ${number}` })
  .map((all) => all.toSorted(comparePlaces));

test("behaves as a sorted list of which the oldest are taken", () => {
  fc.assert(
    fc.property(
      items,
      fc.nat(10),
      fc.nat(30),
      fc.option(fc.record({ instant: fc.nat(21), number: fc.nat(4) })),
      fc.option(fc.nat(2)),
      fc.nat(8),
      (all, earlier, removed, place, keyHash, count) => {
        const index = new ConflictIndex();
        for (const each of all.slice(earlier)) index.add(each);
        index.addEarlier(all.slice(0, earlier));
        for (let i = 0; i < removed; i++) index.removeOldest();
        const left = all.slice(removed);
        const wanted = left
          .toReversed()
          .filter((each) => place === null || comparePlaces(each, place) < 0)
          .filter((each) => keyHash === null || each.keyHash === keyHash);
        expect(index.below(place, keyHash, count)).toEqual(wanted.slice(0, count));
        expect(index.size).toBe(left.length);
        expect(index.bytes).toBe(left.reduce((sum, { bytes }) => sum + bytes, 0));
        expect([index.oldest, index.newest]).toEqual([left[0] ?? null, left.at(-1) ?? null]);
      },
    ),
  );
});

test("gives back the room of what has gone", () => {
  const index = new ConflictIndex();
  const made = (instant: number): IndexedConflict => ({
    instant,
    number: 0,
    keyHash: 0,
    bytes: 1,
    clock: instant,
    beatenBy: 0,
  });
  for (let i = 1; i <= 5_000; i++) {
    index.add(made(i));
    if (i > 10) index.removeOldest();
  }
  expect(index.size).toBe(10);
  expect(index.below(null, null, 100).map(({ instant }) => instant)).toEqual(
    Array.from({ length: 10 }, (_, i) => 5_000 - i),
  );
});
