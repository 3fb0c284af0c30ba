/** Random workloads, completions in any order, a cut anywhere: longer and wilder than the exhaustive test. */
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Bytes } from "../base/bytes.ts";
import { latin1Decode, latin1Encode } from "../base/utf8.ts";
import type { Storage } from "../ports/storage.ts";
import { EMPTY_DISK, Ledger, Life, type Operation, Recoveries } from "./journal-crash.fixture.ts";

const durability = fc.constantFrom("fsync", "os");
const key = fc.constantFrom("a", "b");
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constantFrom("put", "remove"), key, durability }) },
  { weight: 1, arbitrary: fc.constant({ kind: "remove-range" } as const) },
);

/** Either the next operation, or a read, or the end of the turn, or the delivery of one of the completions that wait. */
type Event =
  { readonly operation: Operation } | { readonly read: string } | "turn" | { readonly deliver: number };
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ operation }) },
  { weight: 1, arbitrary: fc.record({ read: key }) },
  { weight: 1, arbitrary: fc.constant("turn" as const) },
  { weight: 5, arbitrary: fc.record({ deliver: fc.nat({ max: 5 }) }) },
);
const run = fc.record({
  segmentBytesMax: fc.constantFrom(190, 300, 600),
  events: fc.array(event, { minLength: 1, maxLength: 80, size: "max" }),
});

/** Reads a key, by point and by range, and compares with what had been answered by the time of the call. */
function check(storage: Storage, ledger: Ledger, name: string, wrong: string[]): void {
  const lastDone = ledger.lastDone(name);
  const onRows = (_: number, __: unknown, ___: unknown, values: readonly (Bytes | null)[]) => {
    const value = values[0] ?? null;
    const text = value === null ? "" : latin1Decode(value);
    if (!ledger.mayRead(name, text, lastDone))
      wrong.push(`${name} is '${text}' after ${lastDone} in [${ledger.key}]`);
  };
  const user = { onRows, onStored: () => undefined };
  storage.get(latin1Encode(name), user, 0);
  storage.range(latin1Encode(name), latin1Encode(`${name}\0`), 1, 100, user, 0);
}

it("loses nothing that was acknowledged, and nobody is answered out of turn", () => {
  fc.assert(
    fc.property(run, ({ segmentBytesMax, events }) => {
      const life = new Life(EMPTY_DISK, { segmentBytesMax });
      life.open();
      const { storage } = life;
      if (storage === null) throw new Error("not opened");
      const ledger = new Ledger();
      const wrongReads: string[] = [];
      for (const each of events) {
        if (each === "turn") storage.onTurnEnd();
        else if ("read" in each) check(storage, ledger, each.read, wrongReads);
        else if ("operation" in each) ledger.issue(storage, each.operation);
        else if (life.work.size > 0) life.work.step(each.deliver % life.work.size);
      }
      expect(ledger.outOfTurn()).toBeNull();
      const recoveries = new Recoveries({ segmentBytesMax });
      for (const [after, images] of [
        ["power cut", life.imagesAfterPowerCut()],
        ["kill", life.imagesAfterKill()],
      ] as const) {
        for (const image of images) {
          for (const outcome of recoveries.outcomes(image, 0)) {
            expect(ledger.complaint(outcome, new Map(), after)).toBeNull();
          }
        }
      }
      storage.onTurnEnd();
      life.work.drain();
      expect(wrongReads).toEqual([]);
      expect(ledger.acknowledged).toBe(ledger.operations.length);
      expect(life.fatals).toEqual([]);
    }),
  );
});
