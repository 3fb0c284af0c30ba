import fc from "fast-check";
import { expect, it } from "vitest";
import { type Bytes, bytesEqual } from "../base/bytes.ts";
import { contextWith } from "./causal-context.ts";
import { type Dot, dotText } from "./dot.ts";
import { keepWinner, losersOf, seenOfWinner, winnerOf } from "./last-writer.ts";
import { mergeRecords } from "./reconcile.ts";
import { Writer, liveDots } from "./record.fixture.ts";
import { contextOf, encodeRecord, versionsOf } from "./record.ts";
import { type SeenContext, knowsSeen, seenWith } from "./seen-context.ts";

/**
 * Homes of one key under `lww`, as the store has them: a home stores the winner of what it holds and what comes, and
 * writes the losers to its ledger. Beside it each write's causal history: the dots that its author, or the homes an
 * overwrite was built on, had seen.
 */
class Homes {
  readonly writers = [1, 2, 3].map((id) => new Writer(id, 10 * id));
  readonly records: (Bytes | null)[] = [null, null, null];
  readonly ledgers = new Set<string>();
  readonly history = new Map<string, ReadonlySet<string>>();
  /** Every record that was ever stored, or sent. */
  readonly all: (Bytes | null)[] = [null];
  readonly tokens: { seen: SeenContext; from: number; history: ReadonlySet<string> }[] = [];

  /** What a home makes of a record that comes. */
  store(at: number, incoming: Bytes | null): void {
    const merged = mergeRecords(this.records[at] ?? null, incoming);
    if (merged === null) return;
    for (const loser of losersOf(merged)) this.ledgers.add(dotText(loser.dot));
    this.records[at] = keepWinner(merged);
    this.all.push(this.records[at]);
  }

  overwrite(at: number): void {
    const held = this.records[at] ?? null;
    const writer = this.writers[at];
    if (writer === undefined) return;
    const { record } = writer.overwrite({ record: held, known: new Set(), live: new Set() }, "v");
    this.#wrote(record, this.#shownBy(held));
    this.store(at, record);
  }

  /** Reads some copies, shows the winner of their merge, and gives a token. */
  read(from: readonly number[]): void {
    let merged: Bytes | null = null;
    for (const index of from) merged = mergeRecords(merged, this.all[index % this.all.length] ?? null);
    this.all.push(merged);
    const history = new Set(this.#shownBy(merged));
    this.tokens.push({ seen: seenOfWinner(merged), from: this.all.length - 1, history });
  }

  /** Writes with a token, at a home that looks up what it does not know. */
  write(at: number, token: number): void {
    const chosen = this.tokens[token % Math.max(1, this.tokens.length)];
    const writer = this.writers[at];
    if (chosen === undefined || writer === undefined) return;
    let held = this.records[at] ?? null;
    if (!knowsSeen(held, chosen.seen)) held = mergeRecords(held, this.all[chosen.from] ?? null);
    const nothing = { known: new Set<string>(), live: new Set<string>() };
    const { copy } = writer.writeWith(
      { record: held, ...nothing },
      { context: chosen.seen, known: new Set() },
      "v",
    );
    const dot = this.#wrote(copy.record, [...chosen.history]);
    // Replicas get it whole, with whatever its author had not seen.
    this.all.push(copy.record);
    if (dot !== null) {
      const history = new Set([dotText(dot), ...chosen.history]);
      this.tokens.push({ seen: seenWith(chosen.seen, dot), from: this.all.length - 1, history });
    }
    this.store(at, copy.record);
  }

  /** What whoever is shown a record's winner has seen. */
  #shownBy(record: Bytes | null): string[] {
    const shown = winnerOf(record);
    if (shown === null) return [];
    const dot = dotText(shown.dot);
    return [dot, ...(this.history.get(dot) ?? [])];
  }

  #wrote(record: Bytes | null, seen: readonly string[]): Dot | null {
    const dot = versionsOf(record).at(-1)?.dot ?? null;
    if (dot !== null) this.history.set(dotText(dot), new Set(seen));
    return dot;
  }
}

type Step = (homes: Homes) => void;

const home = fc.nat(2);
const step: fc.Arbitrary<Step> = fc.oneof(
  home.map(
    (at): Step =>
      (homes) =>
        homes.overwrite(at),
  ),
  fc.array(fc.nat(60), { minLength: 1, maxLength: 3 }).map(
    (from): Step =>
      (homes) =>
        homes.read(from),
  ),
  fc.tuple(home, fc.nat(60)).map(
    ([at, token]): Step =>
      (homes) =>
        homes.write(at, token),
  ),
  fc.tuple(home, fc.nat(60)).map(
    ([at, from]): Step =>
      (homes) =>
        homes.store(at, homes.all[from % homes.all.length] ?? null),
  ),
  home.map(
    (at): Step =>
      (homes) =>
        homes.writers[at]?.newRun(),
  ),
);

function run(steps: readonly Step[]): Homes {
  const homes = new Homes();
  for (const each of steps) each(homes);
  return homes;
}

const reached = fc.array(step, { maxLength: 40 }).map(run);

function lww(a: Bytes | null, b: Bytes | null): Bytes | null {
  const merged = mergeRecords(a, b);
  return merged === null ? null : keepWinner(merged);
}

it("every version is visible, superseded by one that had seen it, or in some home's ledger", () => {
  fc.assert(
    fc.property(reached, (homes) => {
      const visible = new Set(homes.records.flatMap((record) => [...liveDots(record)]));
      const seen = new Set([...homes.history.values()].flatMap((each) => [...each]));
      for (const dot of homes.history.keys())
        expect(visible.has(dot) || seen.has(dot) || homes.ledgers.has(dot)).toBe(true);
    }),
  );
});

it("a home holds one version, and no write loses to one that it had seen", () => {
  fc.assert(
    fc.property(reached, (homes) => {
      for (const one of homes.records) {
        expect(liveDots(one).size).toBeLessThan(2);
        for (const other of homes.records) {
          const [older] = liveDots(one);
          const [newer] = liveDots(other);
          if (older === undefined || newer === undefined) continue;
          if (homes.history.get(newer)?.has(older) === true)
            expect([...liveDots(lww(one, other))]).not.toEqual([older]);
        }
      }
    }),
  );
});

it("merging is commutative, associative and idempotent, and leaves the highest dot", () => {
  fc.assert(
    fc.property(reached, fc.nat(), fc.nat(), fc.nat(), (homes, i, j, k) => {
      const [a = null, b = null, c = null] = [i, j, k].map((at) => homes.all[at % homes.all.length] ?? null);
      expect(same(lww(a, b), lww(b, a))).toBe(true);
      expect(same(lww(lww(a, b), c), lww(a, lww(b, c)))).toBe(true);
      const once = lww(a, b);
      expect(same(lww(once, once), once)).toBe(true);
      expect(same(lww(once, a), once)).toBe(true);
      const clocks = [a, b].flatMap((record) => versionsOf(record).map(({ dot }) => dot.clock));
      const left = winnerOf(once)?.dot.clock ?? 0;
      expect(left).toBe(Math.max(0, ...clocks));
    }),
  );
});

it("with a clock below what its author had seen, merging would depend on the order", () => {
  const nothing = { record: null, known: new Set<string>(), live: new Set<string>() };
  const x = new Writer(1, 10).overwrite(nothing, "x").record;
  const y = new Writer(2, 20).overwrite(nothing, "y").record;
  const author = new Writer(3, 5);
  const low = author.version(6, "z");
  const z = encodeRecord(contextWith(contextOf(y), 3, 5, 6), [low]);
  expect(winnerOf(lww(lww(x, y), z))?.dot.member).toBe(3);
  expect(winnerOf(lww(x, lww(y, z)))?.dot.member).toBe(1);
  // Minted as members mint, it is above what it had seen, and the order does not matter.
  const { record } = author.overwrite({ ...nothing, record: y }, "z");
  expect(same(lww(lww(x, y), record), lww(x, lww(y, record)))).toBe(true);
});

function same(a: Bytes | null, b: Bytes | null): boolean {
  return a === null || b === null ? a === b : bytesEqual(a, b);
}
