/**
 * Looks at a world from time to time while clients work, and keeps what checkers will want to know: what the disks of
 * running members held, and which members have been known to another for long enough to be remembered by it.
 */
import type { MemberId } from "@kvorum/core";
import type { Disks } from "../checkers/disks.ts";
import type { SimProcess } from "../world/sim-member.ts";
import type { World } from "../world/world.ts";

export interface Snapshot {
  readonly atUs: number;
  readonly disks: Disks;
}

/** A pair of processes that have reached each other ever since. */
interface Meeting {
  readonly one: SimProcess;
  readonly other: SimProcess;
  readonly sinceUs: number;
}

/** By then a member has written down whom it met, on however slow a disk. */
const REMEMBERED_AFTER_US = 8_000_000;
const SNAPSHOT_EVERY_US = 500_000;

export class Observer {
  readonly #world: World;
  readonly snapshots: Snapshot[] = [];
  readonly #remembered = new Set<MemberId>();
  #meetings = new Map<string, Meeting>();
  #snapshotUs = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Members of which another one, whose disk is not lost, remembers the directory. */
  get remembered(): ReadonlySet<MemberId> {
    return this.#remembered;
  }

  look(): void {
    const nowUs = this.#world.scheduler.nowUs;
    this.#lookAtPairs(nowUs);
    if (nowUs < this.#snapshotUs) return;
    this.#snapshotUs = nowUs + SNAPSHOT_EVERY_US;
    this.snapshot();
  }

  snapshot(): void {
    this.snapshots.push({ atUs: this.#world.scheduler.nowUs, disks: disksOf(this.#world) });
  }

  #lookAtPairs(nowUs: number): void {
    const meetings = new Map<string, Meeting>();
    for (const one of this.#running()) {
      for (const other of this.#running()) {
        if (one === other || one.api?.reachable(other.member) !== true) continue;
        const pair = `${one.member} ${other.member}`;
        const before = this.#meetings.get(pair);
        const isSame = before !== undefined && before.one === one && before.other === other;
        const sinceUs = isSame ? before.sinceUs : nowUs;
        meetings.set(pair, { one, other, sinceUs });
        const isOwn = this.#world.member(other.member).diskLostUs === Infinity;
        if (isOwn && nowUs - sinceUs >= REMEMBERED_AFTER_US) this.#remembered.add(other.member);
      }
    }
    this.#meetings = meetings;
  }

  #running(): SimProcess[] {
    return this.#world.members.flatMap(({ process, diskLostUs }) =>
      process === null || process.isPaused || diskLostUs < Infinity ? [] : [process],
    );
  }
}

/** The disks of members that run and have recovered. What a dead one holds is still to be merged. */
function disksOf(world: World): Disks {
  return new Map(
    world.members
      .filter(({ hasRecovered, diskLostUs }) => hasRecovered && diskLostUs === Infinity)
      .map(({ id, disk }) => [id, disk.rows()]),
  );
}
