import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesEqual } from "../base/bytes.ts";
import { type Copy, liveDots, mergeCopies, NOTHING, type Token, Writer } from "./record.fixture.ts";
import { encodeRecord, isRecord, versionsOf } from "./record.ts";
import { mergeRecords, sameRecord, supersedes } from "./reconcile.ts";
import { contextOf } from "./record.ts";
import { knowsSeen, seenOf } from "./seen-context.ts";

const MEMBERS = 3;

type Step =
  | { kind: "overwrite"; at: number }
  | { kind: "seen"; at: number; read: number }
  | { kind: "again"; at: number; token: number }
  | { kind: "merge"; at: number; from: number }
  | { kind: "restart"; at: number; keeps: boolean };

const member = fc.integer({ min: 0, max: MEMBERS - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("overwrite" as const), at: member }),
  fc.record({ kind: fc.constant("seen" as const), at: member, read: fc.nat(30) }),
  fc.record({ kind: fc.constant("again" as const), at: member, token: fc.nat(30) }),
  fc.record({ kind: fc.constant("merge" as const), at: member, from: fc.nat(30) }),
  fc.record({ kind: fc.constant("restart" as const), at: member, keeps: fc.boolean() }),
);

/** Every copy that ever existed in a run of steps: exactly the reachable states. */
function reach(steps: readonly Step[]): Copy[] {
  const writers = Array.from({ length: MEMBERS }, (_, i) => new Writer(i + 1, 10 * (i + 1)));
  const copies: Copy[] = Array.from({ length: MEMBERS }, () => NOTHING);
  const durable: Copy[] = [...copies];
  const all: Copy[] = [NOTHING];
  const tokens: { token: Token; copy: Copy }[] = [];
  const pick = (index: number): Copy => all[index % all.length] ?? NOTHING;
  for (const [index, action] of steps.entries()) {
    const writer = writers[action.at];
    const copy = copies[action.at];
    if (writer === undefined || copy === undefined) continue;
    let next = copy;
    if (action.kind === "overwrite") next = writer.overwrite(copy, `v${index}`);
    else if (action.kind === "seen") {
      const read = pick(action.read);
      const written = writer.writeWith(
        copy,
        { context: seenOf(read.record), known: read.known },
        `v${index}`,
      );
      next = written.copy;
      tokens.push(written);
    } else if (action.kind === "again") {
      // The author of an earlier write goes on from its receipt. A coordinator that does not know it looks it up first.
      const earlier = tokens[action.token % Math.max(1, tokens.length)];
      if (earlier === undefined) continue;
      const known = knowsSeen(copy.record, earlier.token.context) ? copy : mergeCopies(copy, earlier.copy);
      const written = writer.writeWith(known, earlier.token, `v${index}`);
      next = written.copy;
      tokens.push(written);
    } else if (action.kind === "merge") next = mergeCopies(copy, pick(action.from));
    else {
      // What was not on disk is forgotten, so the run ends.
      if (!action.keeps) next = durable[action.at] ?? NOTHING;
      writer.newRun();
    }
    copies[action.at] = next;
    if (index % 2 === 0) durable[action.at] = next;
    all.push(next);
  }
  return all;
}

const states = fc.array(step, { maxLength: 25 }).map(reach);

describe("merge, on reachable states", () => {
  it("keeps exactly the versions that causal history keeps", () => {
    fc.assert(
      fc.property(states, fc.nat(), fc.nat(), (all, i, j) => {
        const a = all[i % all.length] ?? NOTHING;
        const b = all[j % all.length] ?? NOTHING;
        const merged = mergeCopies(a, b);
        expect(liveDots(merged.record)).toEqual(merged.live);
      }),
    );
  });

  it("every state on the way agrees with causal history, and is canonical", () => {
    fc.assert(
      fc.property(states, (all) => {
        for (const { record, live } of all) {
          expect(liveDots(record)).toEqual(live);
          if (record === null) continue;
          expect(isRecord(record)).toBe(true);
          expect(bytesEqual(encodeRecord(contextOf(record), versionsOf(record)), record)).toBe(true);
        }
      }),
    );
  });

  it("is commutative, associative and idempotent, byte for byte", () => {
    fc.assert(
      fc.property(states, fc.nat(), fc.nat(), fc.nat(), (all, i, j, k) => {
        const [a, b, c] = [i, j, k].map((index) => all[index % all.length]?.record ?? null);
        if (a === undefined || b === undefined || c === undefined) return;
        const ab = mergeRecords(a, b);
        expect(sameRecord(ab, mergeRecords(b, a))).toBe(true);
        expect(sameRecord(mergeRecords(ab, c), mergeRecords(a, mergeRecords(b, c)))).toBe(true);
        expect(sameRecord(mergeRecords(ab, ab), ab)).toBe(true);
        expect(sameRecord(mergeRecords(ab, a), ab)).toBe(true);
        if (ab !== null) expect(supersedes(ab, a) && supersedes(ab, b)).toBe(true);
      }),
    );
  });

  it("has no more siblings than writes that were truly concurrent", () => {
    // One writer, always with the context of what it holds: never a second version.
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 30 }), (restarts) => {
        const writer = new Writer(1, 1);
        let copy: Copy = NOTHING;
        for (const restart of restarts) {
          if (restart) writer.newRun();
          copy = writer.writeSeen(copy, copy, "x");
        }
        expect(versionsOf(copy.record).length).toBeLessThanOrEqual(1);
      }),
    );
  });
});
