/** `npm run bench -- trees`: what it costs two homes to find out that they hold the same, or what differs. */
import { Prng } from "@kvorum/core";
import type { Ground } from "./opponents/opponent.ts";
import { describeMachine, type Machine } from "./report/machine.ts";
import { median } from "./rounds/statistics.ts";
import { filledRows, keyName } from "./trees/filled-rows.ts";
import { MemberPair } from "./trees/member-pair.ts";

export interface TreesOptions {
  readonly keys: number;
  /** How many keys one of the two has missed a write of; one row for each. */
  readonly differences: readonly number[];
  /** How often each row is measured. */
  readonly rounds: number;
  readonly onProgress: (text: string) => void;
}

/** Medians of the rounds. */
export interface TreesRow {
  readonly differences: number;
  readonly mended: number;
  /** On the wire, both ways. */
  readonly bytes: number;
  /** CPU of the member that began the exchange, and of the one that was asked. */
  readonly beganMs: number;
  readonly askedMs: number;
}

export interface Trees {
  readonly kind: "trees";
  /** ISO 8601. */
  readonly at: string;
  readonly machine: Machine;
  /** Measured against nobody, so nothing makes a run void. */
  readonly void: null;
  readonly keys: number;
  readonly valueBytes: number;
  readonly partitions: number;
  /** CPU of one member that reads all records to find out the sums: at its first start, or when its disk was damaged. */
  readonly readAllMs: number;
  readonly rows: readonly TreesRow[];
}

const VALUE_BYTES = 256;
/** An exchange comes every ten seconds, of 10 ms a tick. */
const TICKS_MAX = 20_000;

export function runTrees({ work }: Ground, options: TreesOptions): Trees {
  const { keys, rounds, onProgress } = options;
  onProgress(`fill: ${keys} keys at two members`);
  const pair = new MemberPair(filledRows(keys, VALUE_BYTES));
  const readAllMs = untilKnown(pair);
  if (pair.keysKnown !== 2 * keys) throw new Error(`${pair.keysKnown} keys are in the sums of both`);
  const chosen = new Prng(1);
  // The first exchanges meet code that nobody has run yet.
  for (let i = 0; i < 3; i++) exchange(pair);
  const rows = options.differences.map((differences) => {
    onProgress(`${differences} differences`);
    return measured(pair, differences, rounds, () => keyName(chosen.below(keys)));
  });
  return {
    kind: "trees",
    at: new Date().toISOString(),
    machine: describeMachine(work),
    void: null,
    keys,
    valueBytes: VALUE_BYTES,
    partitions: pair.partitions,
    readAllMs,
    rows,
  };
}

/** Both find out their sums; returns the CPU of one. */
function untilKnown(pair: MemberPair): number {
  for (let ticks = 0; pair.slotsUnknown > 0; ticks++) {
    if (ticks === TICKS_MAX) throw new Error("the sums are not known after all this time");
    pair.tick();
  }
  return median(pair.sides.map(({ busyMs }) => busyMs));
}

function measured(pair: MemberPair, differences: number, rounds: number, draw: () => Uint8Array): TreesRow {
  const found = Array.from({ length: rounds }, (_, round) => {
    if (differences === 0) return exchange(pair);
    const names = new Map<string, Uint8Array>();
    while (names.size < differences) {
      const name = draw();
      names.set(String(name), name);
    }
    pair.cut();
    pair.write([...names.values()], Buffer.alloc(VALUE_BYTES, round));
    pair.connect();
    const first = exchange(pair);
    if (first.mended !== differences)
      throw new Error(`${first.mended} of ${differences} keys were mended by one exchange`);
    return first;
  });
  const of = (each: (row: TreesRow) => number): number => median(found.map(each));
  return {
    differences,
    mended: of(({ mended }) => mended),
    bytes: of(({ bytes }) => bytes),
    beganMs: of(({ beganMs }) => beganMs),
    askedMs: of(({ askedMs }) => askedMs),
  };
}

/** Lets time pass until an exchange has begun and ended. */
function exchange(pair: MemberPair): TreesRow {
  const [one, other] = pair.sides;
  for (let ticks = 0, from = null as Moment | null; ticks < TICKS_MAX; ticks++) {
    const before = momentOf(pair);
    from ??= before;
    pair.tick();
    const now = momentOf(pair);
    const began = now.begun.findIndex((count, side) => count > (from?.begun[side] ?? 0));
    if (began < 0) from = null;
    else if (now.ended > from.ended) {
      const busy = [one, other].map(({ busyMs }, side) => busyMs - (from?.busyMs[side] ?? 0));
      return {
        differences: 0,
        mended: now.mended - from.mended,
        bytes: now.wireBytes - from.wireBytes,
        beganMs: busy[began] ?? 0,
        askedMs: busy[1 - began] ?? 0,
      };
    }
  }
  throw new Error("no exchange came to its end");
}

interface Moment {
  /** Exchanges that each of the two has begun. */
  readonly begun: readonly number[];
  /** Grows when one has ended: bytes are counted then. */
  readonly ended: number;
  readonly mended: number;
  readonly wireBytes: number;
  readonly busyMs: readonly number[];
}

function momentOf({ sides, wireBytes }: MemberPair): Moment {
  const found = sides.map((side) => side.exchanges());
  return {
    begun: found.map(({ exchanges }) => exchanges),
    ended: found.reduce((sum, { bytes }) => sum + bytes, 0),
    mended: found.reduce((sum, { repaired }) => sum + repaired, 0),
    wireBytes,
    busyMs: sides.map(({ busyMs }) => busyMs),
  };
}
