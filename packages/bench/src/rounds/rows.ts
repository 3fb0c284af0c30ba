/** What is measured: one row for each opponent and kind of request. */
import type { RespLoad, RespOperation } from "../closed-loop/redis-benchmark.ts";
import { isChosen } from "./chosen.ts";
import { OPPONENT_NAMES, type OpponentName } from "../opponents/opponent.ts";

export type RowLoad =
  | ({ readonly kind: "resp" } & RespLoad)
  | {
      readonly kind: "etcd";
      readonly connections: number;
      readonly valueBytes: number;
      readonly keys: number;
    }
  | { readonly kind: "engine"; readonly depth: number; readonly valueBytes: number; readonly keys: number };

export interface Row {
  /** `kvorum/set/256/1/spread`: opponent, operation, bytes of the value, depth, route. */
  readonly id: string;
  readonly opponent: OpponentName;
  readonly load: RowLoad;
  /** What is sure when a request has been answered; stands beside its figures. */
  readonly promise: string;
  /** Whether it is in a quick run. */
  readonly isQuick: boolean;
}

export interface RowSizes {
  readonly connections: number;
  readonly keys: number;
}

export const DEFAULT_SIZES: RowSizes = { connections: 60, keys: 100_000 };
export const QUICK_SIZES: RowSizes = { connections: 60, keys: 20_000 };

/** The control: how fast the machine is today. */
export const CONTROL_ROW = "echo/set/256/1/spread";

const SHORT = 256;
const LONG = 1024;
const DEEP = 16;

type Promises = Readonly<Partial<Record<RespOperation | "put" | "append", string>>>;

const PROMISES: Readonly<Record<OpponentName, Promises>> = {
  echo: { set: "nothing" },
  skeleton: { set: "2 of 3, fsynced", "set-os": "2 of 3, not synced", get: "2 of 3 read" },
  kvorum: {
    set: "2 of 3, fsynced",
    "set-os": "2 of 3, not synced",
    "set-if": "2 of 3, fsynced, conditional",
    get: "2 of 3 read",
    "get-serial": "2 of 3 read, linearizable",
    incr: "2 of 3, fsynced, one key, conditional",
  },
  "redis-cluster": { set: "1 in memory, synced every second", get: "1 read" },
  etcd: { put: "majority of 3, fsynced, linearizable" },
  engine: { append: "1 disk, fsynced" },
};

type Route = RespLoad["route"];
type Shape = readonly [RespOperation, valueBytes: number, depth: number, Route];

/** In the order in which they are measured and shown. */
const RESP_ROWS: Readonly<Partial<Record<OpponentName, readonly Shape[]>>> = {
  echo: [
    ["set", SHORT, 1, "spread"],
    ["set", SHORT, DEEP, "spread"],
  ],
  skeleton: [
    ["set", SHORT, 1, "spread"],
    ["set", SHORT, DEEP, "spread"],
    ["set", LONG, 1, "spread"],
    ["set-os", SHORT, 1, "spread"],
    ["get", SHORT, 1, "spread"],
    ["get", SHORT, DEEP, "spread"],
  ],
  kvorum: [
    ["set", SHORT, 1, "spread"],
    ["set", SHORT, 1, "slots"],
    ["set", SHORT, DEEP, "spread"],
    ["set", SHORT, DEEP, "slots"],
    ["set", LONG, 1, "spread"],
    ["set-os", SHORT, 1, "spread"],
    ["set-os", SHORT, 1, "slots"],
    ["set-if", SHORT, 1, "spread"],
    ["incr", SHORT, 1, "spread"],
    ["get", SHORT, 1, "spread"],
    ["get", SHORT, 1, "slots"],
    ["get", SHORT, DEEP, "spread"],
    ["get-serial", SHORT, 1, "spread"],
  ],
  "redis-cluster": [
    ["set", SHORT, 1, "slots"],
    ["set", SHORT, DEEP, "slots"],
    ["set", LONG, 1, "slots"],
    ["get", SHORT, 1, "slots"],
    ["get", SHORT, DEEP, "slots"],
  ],
};

const QUICK = new Set([
  CONTROL_ROW,
  "skeleton/set/256/1/spread",
  "skeleton/get/256/1/spread",
  "kvorum/set/256/1/spread",
  "kvorum/set/256/1/slots",
  "kvorum/set-os/256/1/slots",
  "kvorum/get/256/1/spread",
  "redis-cluster/set/256/1/slots",
  "redis-cluster/get/256/1/slots",
  "etcd/put/256/1/spread",
  "engine/append/256/60/direct",
]);

function make(
  opponent: OpponentName,
  operation: keyof Promises,
  [valueBytes, depth, route]: readonly [number, number, string],
  load: RowLoad,
): Row {
  const id = `${opponent}/${operation}/${valueBytes}/${depth}/${route}`;
  return { id, opponent, load, promise: PROMISES[opponent][operation] ?? "", isQuick: QUICK.has(id) };
}

/** All rows, by opponent. */
export function allRows({ connections, keys }: RowSizes): Row[] {
  return OPPONENT_NAMES.flatMap((opponent) => {
    if (opponent === "etcd") {
      const load = { kind: "etcd", connections, valueBytes: SHORT, keys } as const;
      return [make(opponent, "put", [SHORT, 1, "spread"], load)];
    }
    if (opponent === "engine") {
      const load = { kind: "engine", depth: connections, valueBytes: SHORT, keys } as const;
      return [make(opponent, "append", [SHORT, connections, "direct"], load)];
    }
    return (RESP_ROWS[opponent] ?? []).map(([operation, valueBytes, depth, route]) =>
      make(opponent, operation, [valueBytes, depth, route], {
        kind: "resp",
        operation,
        valueBytes,
        depth,
        route,
        connections,
        keys,
      }),
    );
  });
}

/** Those whose ids contain one of the words, and the control; all of them when there are no words. */
export function chosenRows(rows: readonly Row[], words: readonly string[], quickOnly: boolean): Row[] {
  const offered = rows.filter(({ isQuick }) => isQuick || !quickOnly);
  if (words.length === 0) return offered;
  // Who names a row wants it, quick or not.
  return rows.filter(({ id }) => id === CONTROL_ROW || isChosen(id, words));
}
