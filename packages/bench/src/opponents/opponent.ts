/** Something that is measured: a cluster of processes that serves clients, and what it promises them. */
import type { FreePorts } from "../processes/free-ports.ts";
import type { ServerProcess } from "../processes/server-process.ts";
import type { WorkDirectory } from "../processes/work-directory.ts";

export const OPPONENT_NAMES = ["echo", "skeleton", "kvorum", "redis-cluster", "etcd", "engine"] as const;

export type OpponentName = (typeof OPPONENT_NAMES)[number];

/** What a run gives to whoever starts something. */
export interface Ground {
  readonly work: WorkDirectory;
  readonly ports: FreePorts;
}

export interface Opponent {
  readonly name: OpponentName;
  /** Such as `Redis 7.0.15`. */
  readonly version: string;
  /** Where clients connect; the masters of a cluster that has others too. */
  readonly ports: readonly number[];
  /** Every process that works for it. */
  readonly processes: readonly ServerProcess[];
  stop(): Promise<void>;
}

/** It cannot be measured here; the reason says what to do about that. */
export interface Missing {
  readonly name: OpponentName;
  readonly missing: string;
}

export function isMissing(found: Opponent | Missing): found is Missing {
  return "missing" in found;
}

/** What each of them is; stands below its figures. */
export const DESCRIPTIONS: Readonly<Record<OpponentName, string>> = {
  echo: "one process that parses commands and answers +OK: the control of a run",
  skeleton:
    "three processes: the hot path alone, with a journal and RocksDB; no versions, no ring, no deadlines, no checks",
  kvorum: "three members; R = W = 2 of 3 homes; concurrent writes are kept",
  "redis-cluster": "three masters with a replica each; replicated after the answer, append-only file",
  etcd: "three members; a Raft log, all writes through one leader",
  engine: "the storage of one kvorum member, in its own process; no network, one copy",
};

/** Stops all, the last first, even when one of them fails. */
export async function stopAll(processes: readonly ServerProcess[]): Promise<void> {
  await Promise.all(processes.toReversed().map((server) => server.stop()));
}

/** Waits for what makes an opponent ready; when that fails, nothing of it is left running. */
export async function readyOrStopped(
  processes: readonly ServerProcess[],
  ready: () => Promise<void>,
): Promise<void> {
  try {
    await ready();
  } catch (error) {
    await stopAll(processes);
    throw error;
  }
}

export function pidsOf({ processes }: Opponent): number[] {
  return processes.map(({ pid }) => pid);
}
