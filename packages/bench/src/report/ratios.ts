/** The figures that a release is held to: ratios of two rows of one run, never absolute numbers. */
import type { RowSummary } from "./summary.ts";

export interface RatioGoal {
  readonly name: string;
  readonly over: string;
  readonly under: string;
  /** Below this something is wrong. */
  readonly must: number;
  readonly aim: number;
}

export const RATIO_GOALS: readonly RatioGoal[] = [
  {
    name: "skeleton SET ÷ raw echo",
    over: "skeleton/set/256/1/spread",
    under: "echo/set/256/1/spread",
    must: 0.28,
    aim: 0.28,
  },
  {
    name: "fsynced SET ÷ etcd put",
    over: "kvorum/set/256/1/spread",
    under: "etcd/put/256/1/spread",
    must: 1.5,
    aim: 3,
  },
  {
    name: "fsynced SET ÷ skeleton, client knows no slots",
    over: "kvorum/set/256/1/spread",
    under: "skeleton/set/256/1/spread",
    must: 0.5,
    aim: 0.65,
  },
  {
    name: "fsynced SET ÷ skeleton, client knows slots",
    over: "kvorum/set/256/1/slots",
    under: "skeleton/set/256/1/spread",
    must: 0.6,
    aim: 0.8,
  },
  {
    name: "GET R = 2 ÷ skeleton",
    over: "kvorum/get/256/1/spread",
    under: "skeleton/get/256/1/spread",
    must: 0.5,
    aim: 0.8,
  },
  {
    name: "SET os ÷ Redis Cluster's SET",
    over: "kvorum/set-os/256/1/slots",
    under: "redis-cluster/set/256/1/slots",
    must: 0.25,
    aim: 0.4,
  },
  {
    name: "conditional SET ÷ plain SET",
    over: "kvorum/set-if/256/1/spread",
    under: "kvorum/set/256/1/spread",
    must: 0.3,
    aim: 0.45,
  },
  {
    name: "conditional SET ÷ etcd put, which is linearizable too",
    over: "kvorum/set-if/256/1/spread",
    under: "etcd/put/256/1/spread",
    must: 0.3,
    aim: 1,
  },
  {
    name: "serial read ÷ quorum read",
    over: "kvorum/get-serial/256/1/spread",
    under: "kvorum/get/256/1/spread",
    must: 0.5,
    aim: 0.8,
  },
];

export interface Ratio extends RatioGoal {
  readonly value: number;
}

/** Those whose two rows were measured. */
export function ratiosOf(rows: readonly RowSummary[]): Ratio[] {
  const speeds = new Map(rows.map(({ id, perSecond }) => [id, perSecond]));
  return RATIO_GOALS.flatMap((goal) => {
    const over = speeds.get(goal.over);
    const under = speeds.get(goal.under);
    return over === undefined || under === undefined ? [] : [{ ...goal, value: over / under }];
  });
}
