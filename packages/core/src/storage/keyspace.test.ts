import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { type Bytes, compareBytes } from "../base/bytes.ts";
import {
  hintKey,
  hintSpace,
  isRecordKey,
  metadataKey,
  namespaceOfRecordKey,
  placeOfHintKey,
  recordKey,
  slotOfRecordKey,
  slotStart,
} from "./keyspace.ts";

const SLOTS = 16_384;

/** Keys that sort first, last, and look like the engine's own. */
const keys = fc.oneof(
  fc.uint8Array({ maxLength: 12 }),
  fc.constantFrom<Bytes>(
    new Uint8Array(0),
    new Uint8Array(9).fill(255),
    new Uint8Array(9),
    slotStart(5),
    metadataKey("clock"),
  ),
);
const slots = fc.oneof(fc.nat(SLOTS - 1), fc.constantFrom(0, 1, 255, 256, 257, SLOTS - 1));
const namespaces = fc.oneof(
  fc.integer({ min: 1, max: 65_535 }),
  fc.constantFrom(1, 2, 255, 256, 257, 65_535),
);
const places = fc.tuple(slots, namespaces, keys);

function text(name: string): Bytes {
  return Uint8Array.from(name, (letter) => letter.charCodeAt(0));
}

describe("the storage key of a record", () => {
  it("is as it was when the first record was stored", () => {
    // Space, slot 12,345, the low half of the key's hash, namespace 7, the key.
    const expected = [0x10, 0x30, 0x39, 0x40, 0x31, 0x00, 0x07, ...text("cart")];
    expect([...recordKey(12_345, 7, text("cart"))]).toEqual(expected);
  });

  it("gives back its slot, namespace and key, and is told to be one", () => {
    fc.assert(
      fc.property(places, ([slot, namespace, key]) => {
        const stored = recordKey(slot, namespace, key);
        expect(isRecordKey(stored)).toBe(true);
        expect([slotOfRecordKey(stored), namespaceOfRecordKey(stored)]).toEqual([slot, namespace]);
        expect(stored.slice(7)).toEqual(key);
      }),
    );
  });

  it("lies in the range of its slot and of no other", () => {
    fc.assert(
      fc.property(places, slots, ([slot, namespace, key], other) => {
        const stored = recordKey(slot, namespace, key);
        const isIn = (each: number): boolean =>
          compareBytes(slotStart(each), stored) <= 0 && compareBytes(stored, slotStart(each + 1)) < 0;
        expect(isIn(slot)).toBe(true);
        expect(isIn(other)).toBe(other === slot);
      }),
    );
  });

  it("is in order of slot, then of the key's hash, so that leaves of the hash are ranges too", () => {
    const hashOf = (stored: Bytes): number => ((stored[3] ?? 0) << 8) | (stored[4] ?? 0);
    fc.assert(
      fc.property(places, places, (a, b) => {
        const [left, right] = [recordKey(...a), recordKey(...b)];
        const order = a[0] - b[0] || hashOf(left) - hashOf(right) || a[1] - b[1] || compareBytes(a[2], b[2]);
        expect(Math.sign(compareBytes(left, right))).toBe(Math.sign(order));
      }),
    );
  });

  it("has a hash that is the key's alone", () => {
    fc.assert(
      fc.property(places, slots, namespaces, ([slot, namespace, key], otherSlot, otherNamespace) => {
        const hash = recordKey(slot, namespace, key).slice(3, 5);
        expect(recordKey(otherSlot, otherNamespace, key).slice(3, 5)).toEqual(hash);
      }),
    );
  });
});

describe("slots", () => {
  it("begin in order, and the one after the last ends the space", () => {
    for (let slot = 0; slot < SLOTS; slot++) {
      if (compareBytes(slotStart(slot), slotStart(slot + 1)) >= 0) expect.unreachable(`slot ${slot}`);
    }
    const last = recordKey(SLOTS - 1, 65_535, new Uint8Array(20).fill(255));
    expect(compareBytes(last, slotStart(SLOTS))).toBeLessThan(0);
    expect([...slotStart(SLOTS)]).toEqual([0x10, 0x40, 0x00]);
  });
});

describe("other bytes", () => {
  it("of fewer than seven bytes are no record's key", () => {
    const shortest = recordKey(1, 1, new Uint8Array(0));
    expect(shortest).toHaveLength(7);
    expect(isRecordKey(shortest)).toBe(true);
    for (let end = 0; end < 7; end++) expect(isRecordKey(shortest.subarray(0, end))).toBe(false);
  });

  it("of another space are no record's key", () => {
    const stored = recordKey(1, 1, text("k"));
    for (let space = 0; space < 256; space++) {
      stored[0] = space;
      expect(isRecordKey(stored)).toBe(space === 0x10);
    }
  });

  it("never make it throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        expect(isRecordKey(bytes)).toBe(bytes.length >= 7 && bytes[0] === 0x10);
        expect(slotOfRecordKey(bytes)).toBeLessThan(65_536);
        expect(namespaceOfRecordKey(bytes)).toBeLessThan(65_536);
      }),
    );
  });

  it("such as the names of metadata lie outside all slots, however long", () => {
    for (const name of ["", "clock", "heard", "\u00ff".repeat(40)]) {
      const stored = metadataKey(name);
      expect(isRecordKey(stored)).toBe(false);
      expect(compareBytes(stored, slotStart(0))).toBeLessThan(0);
    }
    expect([...metadataKey("clock")]).toEqual([1, ...text("clock")]);
  });
});

describe("the storage key of a hint", () => {
  const targets = fc.oneof(
    fc.integer({ min: 1, max: 0xffff_ffff }),
    fc.constantFrom(1, 255, 2 ** 31, 2 ** 32 - 1),
  );
  const kinds = fc.constantFrom("reference" as const, "record" as const);

  it("gives back what it names, in the range of its kind and of no record", () => {
    fc.assert(
      fc.property(kinds, targets, slots, namespaces, keys, (kind, target, slot, namespace, key) => {
        const storageKey = recordKey(slot, namespace, key);
        const hint = hintKey(kind, target, storageKey);
        expect(placeOfHintKey(hint)).toEqual({ kind, target, storageKey });
        const { from, to } = hintSpace(kind);
        expect(compareBytes(from, hint) < 0 && compareBytes(hint, to) < 0).toBe(true);
        expect(isRecordKey(hint)).toBe(false);
      }),
    );
  });

  it("is not in other bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
        const place = placeOfHintKey(bytes);
        if (place !== null) expect(hintKey(place.kind, place.target, place.storageKey)).toEqual(bytes);
      }),
    );
    expect(placeOfHintKey(recordKey(1, 1, new Uint8Array(3)))).toBeNull();
  });
});
