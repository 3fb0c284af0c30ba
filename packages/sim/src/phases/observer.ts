/**
 * Looks at a world from time to time while clients work, and keeps what checkers will want to know: what the disks of
 * running members held, and which members another one had met and written down.
 */
import { type MemberId, decodeClockMemory, isClockMemoryKey } from "@kvorum/core";
import type { Disks, Rows } from "../checkers/disks.ts";
import type { World } from "../world/world.ts";

export interface Snapshot {
  readonly atUs: number;
  readonly disks: Disks;
}

const SNAPSHOT_EVERY_US = 500_000;

export class Observer {
  readonly #world: World;
  readonly snapshots: Snapshot[] = [];
  readonly #met = new Map<MemberId, ReadonlySet<MemberId>>();
  /** In the last snapshot alone: the engine may have it before the journal, whose fsync fails. */
  readonly #seen = new Map<MemberId, ReadonlySet<MemberId>>();
  #snapshotUs = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Whether `one` had written down the directory of `other` before that was lost. */
  remembers(one: MemberId, other: MemberId): boolean {
    return this.#met.get(one)?.has(other) === true;
  }

  look(): void {
    if (this.#world.scheduler.nowUs < this.#snapshotUs) return;
    this.#snapshotUs = this.#world.scheduler.nowUs + SNAPSHOT_EVERY_US;
    this.snapshot();
  }

  snapshot(): void {
    const disks = disksOf(this.#world);
    this.snapshots.push({ atUs: this.#world.scheduler.nowUs, disks });
    for (const [member, rows] of disks) {
      const met = [...metBy(rows)].filter((other) => this.#world.member(other).diskLostUs === Infinity);
      const before = this.#seen.get(member) ?? new Set<MemberId>();
      this.#seen.set(member, new Set(met));
      const lasting = met.filter((other) => before.has(other));
      this.#met.set(member, new Set([...(this.#met.get(member) ?? []), ...lasting]));
    }
  }
}

/** The members whose directories are written down among these rows. */
function metBy(rows: Rows): Iterable<MemberId> {
  const row = rows.find(([key]) => isClockMemoryKey(key));
  return (row === undefined ? null : decodeClockMemory(row[1]))?.births.keys() ?? [];
}

/** The disks of members that run and have recovered. What a dead one holds is still to be merged. */
function disksOf(world: World): Disks {
  return new Map(
    world.members
      .filter(({ hasRecovered, diskLostUs }) => hasRecovered && diskLostUs === Infinity)
      .map(({ id, disk }) => [id, disk.rows()]),
  );
}
