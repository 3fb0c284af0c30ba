/** Starts those that a run needs. */
import { startEcho } from "./echo.ts";
import { startEngine } from "./engine.ts";
import { startEtcd, type EtcdPrograms } from "./etcd.ts";
import { KvorumCluster } from "./kvorum.ts";
import { isMissing, type Ground, type Missing, type Opponent, type OpponentName } from "./opponent.ts";
import { startRedisCluster } from "./redis-cluster.ts";
import { startSkeleton } from "./skeleton.ts";

export interface Started {
  readonly opponents: ReadonlyMap<OpponentName, Opponent>;
  readonly missing: readonly Missing[];
}

function start(name: OpponentName, ground: Ground, etcd: EtcdPrograms): Promise<Opponent | Missing> {
  switch (name) {
    case "echo":
      return startEcho(ground);
    case "skeleton":
      return startSkeleton(ground);
    case "kvorum":
      return KvorumCluster.start(ground);
    case "redis-cluster":
      return startRedisCluster(ground);
    case "etcd":
      return startEtcd(ground, etcd);
    case "engine":
      return startEngine(ground);
    default:
      throw new RangeError(`there is no opponent ${String(name)}`);
  }
}

/**
 * Starts each of them, lets `use` work with those that can be had, and stops them all, however that ended. The data is
 * in `ground`, which the caller removes.
 */
export async function withOpponents<T>(
  names: Iterable<OpponentName>,
  ground: Ground,
  etcd: EtcdPrograms,
  onProgress: (text: string) => void,
  use: (started: Started) => Promise<T>,
): Promise<T> {
  const opponents = new Map<OpponentName, Opponent>();
  const missing: Missing[] = [];
  try {
    for (const name of new Set(names)) {
      onProgress(`start: ${name}`);
      const found = await start(name, ground, etcd);
      if (isMissing(found)) missing.push(found);
      else opponents.set(name, found);
    }
    return await use({ opponents, missing });
  } finally {
    await Promise.all([...opponents.values()].map((opponent) => opponent.stop()));
  }
}

/** What each of them is, for the report. */
export function versionsOf(opponents: ReadonlyMap<OpponentName, Opponent>): Record<string, string> {
  return Object.fromEntries([...opponents].map(([name, { version }]) => [name, version]));
}
