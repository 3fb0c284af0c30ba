import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Bytes, bytesEqual, EMPTY_BYTES } from "../base/bytes.ts";
import { dotText, type Version } from "./dot.ts";
import { recordParts, records } from "./record-arbitraries.fixture.ts";
import { type Copy, mergeCopies, NOTHING, Writer } from "./record.fixture.ts";
import {
  contextOf,
  encodeRecord,
  encodeSingle,
  expiresWithin,
  hasLive,
  headOf,
  isHead,
  isHeadOnly,
  isRecord,
  newestLive,
  versionsOf,
} from "./record.ts";
import { sealRecord } from "./record-layout.ts";
import { sameRecord } from "./reconcile.ts";

function oldestFirst(a: Version, b: Version): number {
  return a.dot.clock - b.dot.clock || a.dot.member - b.dot.member || a.dot.start - b.dot.start;
}

function isLive(version: Version, nowMs: number): boolean {
  return version.kind === "value" && (version.expiryMs === 0 || nowMs < version.expiryMs);
}

describe("records of every form", () => {
  it("are told to be records, and give back what they were made of", () => {
    fc.assert(
      fc.property(recordParts, ({ context, versions }) => {
        const record = encodeRecord(context, versions);
        expect(isRecord(record)).toBe(true);
        expect(contextOf(record)).toEqual(context);
        expect(versionsOf(record)).toEqual(versions.toSorted(oldestFirst));
      }),
    );
  });

  it("are the same bytes whatever the order of their versions", () => {
    const shuffled = recordParts.chain(({ context, versions }) =>
      fc
        .shuffledSubarray([...versions], { minLength: versions.length })
        .map((others) => ({ context, versions, others })),
    );
    fc.assert(
      fc.property(shuffled, ({ context, versions, others }) => {
        expect(encodeRecord(context, others)).toEqual(encodeRecord(context, versions));
      }),
    );
  });

  it("with one version are what the fast path makes", () => {
    fc.assert(
      fc.property(recordParts, ({ context, versions }) => {
        const [version] = versions;
        if (version === undefined) return;
        const { dot, kind, expiryMs, value } = version;
        const { member, start, clock } = dot;
        const single = encodeSingle(context, member, start, clock, kind === "tombstone", expiryMs, value);
        expect(single).toEqual(encodeRecord(context, [version]));
      }),
    );
  });

  it("have a head that is a head, its own head, and tells all but the values", () => {
    fc.assert(
      fc.property(records, (record) => {
        const head = headOf(record);
        expect(isHead(head)).toBe(true);
        expect(headOf(head)).toEqual(head);
        expect(isHeadOnly(head)).toBe(head.length < record.length);
        expect(isRecord(head)).toBe(head.length === record.length);
        expect(isHead(record)).toBe(head.length === record.length);
        expect(contextOf(head)).toEqual(contextOf(record));
        expect(sameRecord(head, record)).toBe(true);
        const bare = versionsOf(record).map((version) => ({ ...version, value: EMPTY_BYTES }));
        expect(versionsOf(head)).toEqual(bare);
      }),
    );
  });

  it("lie anywhere in a larger buffer", () => {
    fc.assert(
      fc.property(records, fc.uint8Array({ maxLength: 9 }), (record, around) => {
        const buffer = new Uint8Array([...around, ...record, ...around]);
        const view = buffer.subarray(around.length, around.length + record.length);
        expect(isRecord(view)).toBe(true);
        expect(versionsOf(view)).toEqual(versionsOf(record));
        expect(newestLive(view, 5)).toEqual(newestLive(record, 5));
      }),
    );
  });

  it("show the newest version that lives, at any instant, head or whole", () => {
    fc.assert(
      fc.property(recordParts, fc.integer({ min: 0, max: 10 }), ({ context, versions }, nowMs) => {
        const record = encodeRecord(context, versions);
        const live = versions.filter((version) => isLive(version, nowMs)).toSorted(oldestFirst);
        const newest = live.at(-1) ?? null;
        expect(newestLive(record, nowMs)).toEqual(newest);
        expect(hasLive(record, nowMs)).toBe(newest !== null);
        expect(newestLive(headOf(record), nowMs)?.dot).toEqual(newest?.dot);
        expect(hasLive(headOf(record), nowMs)).toBe(newest !== null);
        const gone = live.some((version) => !isLive(version, nowMs + 2));
        expect(expiresWithin(record, nowMs, nowMs + 2)).toBe(gone);
        expect(expiresWithin(headOf(record), nowMs, nowMs + 2)).toBe(gone);
      }),
    );
  });
});

describe("damage and hostile bytes", () => {
  it("every flipped bit and every truncation is refused", () => {
    fc.assert(
      fc.property(records, (record) => {
        const flipped = record.slice();
        let accepted = 0;
        for (let bit = 0; bit < record.length * 8; bit++) {
          flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          if (isRecord(flipped)) accepted++;
          flipped[bit >> 3] = record[bit >> 3] ?? 0;
        }
        for (let end = 0; end < record.length; end++) if (isRecord(record.subarray(0, end))) accepted++;
        expect(accepted).toBe(0);
        expect(isRecord(flipped)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it("random bytes are refused and never throw", () => {
    const prefix = fc.constantFrom([], [1], [1, 0], [1, 0, 0, 1, 0, 1, 0, 0], [1, 0, 0, 0, 0, 0, 0, 0]);
    const bytes = fc
      .tuple(prefix, fc.uint8Array({ maxLength: 90 }))
      .map(([start, rest]) => new Uint8Array([...start, ...rest]));
    fc.assert(
      fc.property(bytes, (hostile) => {
        expect(isRecord(hostile)).toBe(false);
        expect(typeof isHead(hostile)).toBe("boolean");
      }),
    );
  });

  it("of changed records that were sealed anew, only those in the one form pass", () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.constantFrom(0, 1, 2, 255)), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(records, changes, fc.nat(3), (record, all, cut) => {
        const hostile = record.slice(0, record.length - cut);
        for (const [at, byte] of all) hostile[at % hostile.length] = byte;
        sealRecord(hostile);
        if (!isRecord(hostile)) return;
        expect(bytesEqual(encodeRecord(contextOf(hostile), versionsOf(hostile)), hostile)).toBe(true);
      }),
    );
  });
});

type Action = readonly [
  at: number,
  kind: "overwrite" | "seen" | "merge" | "restart",
  from: number,
  value: string,
];

const actions: fc.Arbitrary<Action[]> = fc.array(
  fc.tuple(
    fc.nat(2),
    fc.constantFrom("overwrite" as const, "seen" as const, "merge" as const, "restart" as const),
    fc.nat(40),
    fc.constantFrom("", "a", "b", "ab"),
  ),
  { maxLength: 20 },
);

/** All records that three homes ever held. Few different values, so that different writes look alike. */
function everHeld(steps: readonly Action[]): Bytes[] {
  const writers = [new Writer(1, 10), new Writer(2, 20), new Writer(3, 30)];
  const copies: Copy[] = [NOTHING, NOTHING, NOTHING];
  const all: Copy[] = [];
  for (const [at, kind, from, value] of steps) {
    const writer = writers[at];
    const copy = copies[at];
    const other = all[from % Math.max(1, all.length)] ?? NOTHING;
    if (writer === undefined || copy === undefined) continue;
    if (kind === "restart") writer.newRun();
    else if (kind === "merge") copies[at] = mergeCopies(copy, other);
    else if (kind === "seen") copies[at] = writer.writeSeen(copy, other, value);
    else copies[at] = writer.overwrite(copy, value);
    all.push(copies[at] ?? NOTHING);
  }
  return all.flatMap(({ record }) => (record === null ? [] : [record]));
}

describe("heads of records that can come about", () => {
  it("are equal only when the records are, byte for byte", () => {
    fc.assert(
      fc.property(actions, (steps) => {
        const held = everHeld(steps);
        for (const a of held) {
          for (const b of held) {
            expect(bytesEqual(headOf(a), headOf(b))).toBe(bytesEqual(a, b));
            const dotsOf = (record: Bytes): string =>
              versionsOf(record)
                .map(({ dot }) => dotText(dot))
                .join();
            // The dots and the context alone decide: no two writes share a dot.
            if (dotsOf(a) === dotsOf(b) && bytesEqual(contextOf(a), contextOf(b))) {
              expect(bytesEqual(a, b)).toBe(true);
            }
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
