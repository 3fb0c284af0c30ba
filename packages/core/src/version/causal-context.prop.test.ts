import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Bytes, bytesEqual, EMPTY_BYTES } from "../base/bytes.ts";
import {
  claimedOf,
  contextBeyond,
  contextDominates,
  contextDots,
  contextMaxClock,
  contextUnion,
  contextUpTo,
  contextWith,
  isContext,
  runIndexOf,
} from "./causal-context.ts";
import type { Dot } from "./dot.ts";
import { contextOfDots, dots, manyDots } from "./record-arbitraries.fixture.ts";
import { ENTRY_BYTES, writeEntry, writeU64 } from "./record-layout.ts";

/** `member.start` to the highest clock claimed. */
type Model = ReadonlyMap<string, number>;

function nameOf({ member, start }: Dot): string {
  return `${member}.${start}`;
}

function modelOf(...claims: Dot[]): Model {
  const model = new Map<string, number>();
  for (const dot of claims) model.set(nameOf(dot), Math.max(model.get(nameOf(dot)) ?? 0, dot.clock));
  return model;
}

/** The bytes of a model, put together without the code under test but for the layout of an entry. */
function bytesOf(model: Model): Bytes {
  const entries = [...model].map(([name, clock]) => {
    const [member = 0, start = 0] = name.split(".").map(Number);
    return { member, start, clock };
  });
  entries.sort((a, b) => a.member - b.member || a.start - b.start);
  const bytes = new Uint8Array(entries.length * ENTRY_BYTES);
  for (const [i, { member, start, clock }] of entries.entries()) {
    writeEntry(bytes, i * ENTRY_BYTES, member, start, clock);
  }
  return bytes;
}

function dominates(a: Model, b: Model): boolean {
  return [...b].every(([name, clock]) => (a.get(name) ?? 0) >= clock);
}

describe("a context, beside a map from runs to clocks", () => {
  it("up to a clock claims what it claims, and nothing above", () => {
    fc.assert(
      fc.property(manyDots, dots, (claims, { clock }) => {
        const capped = claims
          .filter(({ start }) => start <= clock)
          .map((dot) => ({ ...dot, clock: Math.min(dot.clock, clock) }));
        const context = contextUpTo(contextOfDots(claims), clock);
        expect(context).toEqual(bytesOf(modelOf(...capped)));
        expect(isContext(context)).toBe(true);
      }),
    );
  });

  it("is the same bytes whatever the order of the claims, and is a context", () => {
    fc.assert(
      fc.property(manyDots, (claims) => {
        const context = contextOfDots(claims);
        expect(context).toEqual(bytesOf(modelOf(...claims)));
        expect(context).toEqual(contextOfDots(claims.toReversed()));
        expect(isContext(context)).toBe(true);
      }),
    );
  });

  it("claims of each run what the map holds, and nothing of any other", () => {
    fc.assert(
      fc.property(manyDots, manyDots, (claims, others) => {
        const context = contextOfDots(claims);
        const model = modelOf(...claims);
        const names = [...model.keys()];
        for (const dot of [...claims, ...others]) {
          expect(claimedOf(context, dot.member, dot.start)).toBe(model.get(nameOf(dot)) ?? 0);
          const index = runIndexOf(context, dot.member, dot.start);
          expect(index >= 0).toBe(names.includes(nameOf(dot)));
          if (index < 0) continue;
          expect(contextDots(context)[index]).toMatchObject({ member: dot.member, start: dot.start });
        }
        expect(modelOf(...contextDots(context))).toEqual(model);
        expect(contextMaxClock(context)).toBe(Math.max(0, ...model.values()));
      }),
    );
  });

  it("joins", () => {
    fc.assert(
      fc.property(manyDots, manyDots, (a, b) => {
        const union = contextUnion(contextOfDots(a), contextOfDots(b));
        expect(union).toEqual(bytesOf(modelOf(...a, ...b)));
        expect(union).toEqual(contextUnion(contextOfDots(b), contextOfDots(a)));
        expect(contextUnion(union, contextOfDots(a))).toEqual(union);
      }),
    );
  });

  it("dominates exactly what it claims", () => {
    fc.assert(
      fc.property(manyDots, manyDots, fc.boolean(), (a, b, over) => {
        const wide = over ? [...a, ...b] : a;
        const [left, right] = [contextOfDots(wide), contextOfDots(b)];
        expect(contextDominates(left, right)).toBe(dominates(modelOf(...wide), modelOf(...b)));
        expect(contextDominates(left, left)).toBe(true);
        expect(contextDominates(left, EMPTY_BYTES)).toBe(true);
      }),
    );
  });

  it("has beyond another exactly the entries that claim more", () => {
    fc.assert(
      fc.property(manyDots, manyDots, (a, b) => {
        const [left, right] = [contextOfDots(a), contextOfDots(b)];
        const other = modelOf(...b);
        const more = [...modelOf(...a)].filter(([name, clock]) => clock > (other.get(name) ?? 0));
        const beyond = contextBeyond(left, right);
        expect(beyond).toEqual(bytesOf(new Map(more)));
        expect(contextUnion(right, beyond)).toEqual(contextUnion(left, right));
        expect(beyond.length === 0).toBe(contextDominates(right, left));
      }),
    );
  });

  it("raises one claim, never lowers it, and leaves its argument alone", () => {
    fc.assert(
      fc.property(manyDots, dots, (claims, dot) => {
        const context = contextOfDots(claims);
        const before = context.slice();
        expect(contextWith(context, dot.member, dot.start, dot.clock)).toEqual(
          bytesOf(modelOf(...claims, dot)),
        );
        expect(context).toEqual(before);
      }),
    );
  });
});

describe("the check of foreign contexts", () => {
  it("refuses every truncation that is not at an entry, and every two entries out of order or twice there", () => {
    fc.assert(
      fc.property(manyDots, (claims) => {
        const context = contextOfDots(claims);
        for (let end = 0; end < context.length; end++) {
          expect(isContext(context.subarray(0, end))).toBe(end % ENTRY_BYTES === 0);
        }
        for (let at = 0; at + 2 * ENTRY_BYTES <= context.length; at += ENTRY_BYTES) {
          const swapped = context.slice();
          swapped.copyWithin(at, at + ENTRY_BYTES, at + 2 * ENTRY_BYTES);
          expect(isContext(swapped)).toBe(false);
          swapped.set(context.subarray(at, at + ENTRY_BYTES), at + ENTRY_BYTES);
          expect(isContext(swapped)).toBe(false);
        }
      }),
    );
  });

  it.each([
    ["member 0", { member: 0, start: 1, clock: 1 }],
    ["a run that starts above its claim", { member: 1, start: 2, clock: 1 }],
    ["a clock that is no safe integer", { member: 1, start: 1, clock: 2 ** 53 }],
    ["a start that is no safe integer", { member: 1, start: 2 ** 53, clock: 2 ** 53 - 1 }],
    ["the largest clock that eight bytes hold", { member: 1, start: 1, clock: 2 ** 64 - 2048 }],
  ])("refuses %s", (_, { member, start, clock }) => {
    const entry = new Uint8Array(ENTRY_BYTES);
    writeEntry(entry, 0, member, start, clock);
    expect(isContext(entry)).toBe(false);
  });

  it("accepts the largest member and clock there are", () => {
    const entry = new Uint8Array(ENTRY_BYTES);
    writeEntry(entry, 0, 2 ** 32 - 1, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    expect(isContext(entry)).toBe(true);
    writeU64(entry, 12, Number.MAX_SAFE_INTEGER - 1);
    expect(isContext(entry)).toBe(false);
  });

  it("never throws, and accepts of random bytes only the one form", () => {
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 70 }),
      fc.tuple(manyDots, fc.nat(), fc.nat(255)).map(([claims, at, byte]) => {
        const context = contextOfDots(claims).slice();
        if (context.length > 0) context[at % context.length] = byte;
        return context;
      }),
    );
    fc.assert(
      fc.property(hostile, (bytes) => {
        if (!isContext(bytes)) return;
        expect(bytesEqual(bytesOf(modelOf(...contextDots(bytes))), bytes)).toBe(true);
      }),
    );
  });
});
