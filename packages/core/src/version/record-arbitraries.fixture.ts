/** Contexts and records of every form, reachable or not, for tests of codecs and of what is computed on bytes. */
import fc from "fast-check";
import { type Bytes, EMPTY_BYTES } from "../base/bytes.ts";
import { contextUnion, contextWith } from "./causal-context.ts";
import type { Dot, Version } from "./dot.ts";
import { encodeRecord } from "./record.ts";

/** Small numbers, so that runs meet, and some as large as they may be. */
const member = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 3 }) },
  fc.constantFrom(255, 256, 65_536, 2 ** 32 - 1),
);
const clock = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 5 }) },
  fc.constantFrom(255, 256, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 1, Number.MAX_SAFE_INTEGER),
);

/** A claim on a run; its start is not above it. */
export const dots: fc.Arbitrary<Dot> = fc
  .tuple(member, clock, clock)
  .map(([id, a, b]) => ({ member: id, start: Math.min(a, b), clock: Math.max(a, b) }));

export const manyDots: fc.Arbitrary<Dot[]> = fc.array(dots, { maxLength: 8 });

/** The context that claims these dots, made by raising one claim after the other. */
export function contextOfDots(claims: readonly Dot[]): Bytes {
  return claims.reduce(
    (context: Bytes, dot) => contextWith(context, dot.member, dot.start, dot.clock),
    EMPTY_BYTES,
  );
}

const contents = fc.record({
  kind: fc.constantFrom("value" as const, "value" as const, "tombstone" as const),
  expiryMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 9 }), fc.constant(Number.MAX_SAFE_INTEGER)),
  value: fc.uint8Array({ maxLength: 6 }),
});

const version: fc.Arbitrary<Version> = fc.tuple(dots, contents).map(([dot, { kind, expiryMs, value }]) => ({
  dot,
  kind,
  expiryMs,
  value: kind === "tombstone" ? EMPTY_BYTES : value,
}));

export interface RecordParts {
  readonly context: Bytes;
  /** In no order; their dots are distinct. */
  readonly versions: readonly Version[];
}

export const recordParts: fc.Arbitrary<RecordParts> = fc
  .tuple(
    manyDots,
    fc.uniqueArray(version, {
      maxLength: 4,
      selector: ({ dot }) => `${dot.member}.${dot.start}.${dot.clock}`,
    }),
  )
  .map(([superseded, versions]) => ({
    context: contextUnion(contextOfDots(superseded), contextOfDots(versions.map(({ dot }) => dot))),
    versions,
  }));

export const records: fc.Arbitrary<Bytes> = recordParts.map(({ context, versions }) =>
  encodeRecord(context, versions),
);
