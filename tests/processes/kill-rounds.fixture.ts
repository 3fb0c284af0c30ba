/** Rounds of kill -9 under load: one member, two, or all of them at once, and then every key is read. */
import type { LocalCluster } from "./cluster.fixture.ts";
import { Load } from "./load.fixture.ts";
import { pause } from "./patience.fixture.ts";

const ACKS_BEFORE = 100;
const ACKS_WITHOUT = 60;
const PAUSE_MS_MAX = 60;

export interface KillReport {
  readonly lost: readonly string[];
  readonly acked: number;
  readonly died: readonly number[];
  readonly summary: string;
}

export async function killRounds(cluster: LocalCluster, rounds: number): Promise<KillReport> {
  const load = new Load(cluster, { writers: 16, keysOfEach: 14, sets: 12 });
  const lost: string[] = [];
  for (let round = 1; round <= rounds && lost.length === 0; round++) {
    const victims = victimsOf(cluster.members, round);
    load.run();
    await load.progresses(ACKS_BEFORE);
    await pause(Math.random() * PAUSE_MS_MAX);
    await cluster.do("kill", ...victims);
    // The survivors go on, if they are a quorum.
    if (victims.length === 1) await load.progresses(ACKS_WITHOUT);
    else await pause(Math.random() * PAUSE_MS_MAX);
    await cluster.do("start", ...victims);
    await cluster.serves();
    if (round % 2 === 0) await load.progresses(ACKS_WITHOUT);
    await load.rest();
    for (const complaint of await load.complaints()) lost.push(`round ${round}: ${complaint}`);
  }
  return { lost, acked: load.acked, died: cluster.died(), summary: `${rounds} rounds: ${load.summary()}` };
}

/** Every fifth round all of them, every fourth two, else one. */
function victimsOf(members: readonly number[], round: number): number[] {
  const order = members.toSorted(() => Math.random() - 0.5);
  if (round % 5 === 0) return order;
  return order.slice(0, round % 4 === 0 ? 2 : 1);
}
