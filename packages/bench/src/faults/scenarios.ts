/** What is done to a cluster under load, and undone. */
import { BenchFailure } from "../failure.ts";
import type { KvorumCluster } from "../opponents/kvorum.ts";
import type { ServerProcess } from "../processes/server-process.ts";
import { untilDelivered, untilEqual } from "./level.ts";

export interface Stage {
  readonly cluster: KvorumCluster;
  /** Writes the keys of the mass load; resolves when all are there. */
  readonly loadKeys: () => Promise<void>;
  /** Writes so many keys past a member that is away. */
  readonly writePast: (index: number, keys: number) => Promise<void>;
  /** A member was level so many seconds after it was started again. */
  readonly levelled: (seconds: number) => void;
}

export interface FaultGoal {
  readonly must: number;
  readonly aim: number;
  /** Whose p99 is meant. */
  readonly phase: "during" | "after";
}

export interface Scenario {
  readonly name: string;
  /** For people: what is done while the phase "during" lasts. */
  readonly what: string;
  /** The phase lasts until this has ended, and for its usual time at least. */
  readonly strike: (stage: Stage) => Promise<void>;
  /** The phase "after" begins with it. */
  readonly mend: (stage: Stage) => Promise<void>;
  /** After the load has ended; `mendedMs`: when `mend` began, by `performance.now`. */
  readonly check?: (stage: Stage, mendedMs: number) => Promise<void>;
  /** How many times the p99 before that of a phase may be: what must hold, and what is aimed at. */
  readonly goal?: FaultGoal;
}

/** Whom it meets; the others are 0 and 1. */
const STRUCK = 2;
const SYNC_DELAY_MS = 100;
const MISSED_KEYS = 100_000;

async function nothing(): Promise<void> {
  // The same phases with nothing in between show what chance does.
}

/** Ends what the hooks of a member do, and makes sure that they did it. */
async function undo(
  member: ServerProcess,
  message: Readonly<Record<string, unknown>>,
  answerKind: string,
): Promise<void> {
  const answer = await member.tell(message, answerKind);
  const count = "count" in answer ? Number(answer.count) : 0;
  if (!(count > 0))
    throw new BenchFailure("FAULT", `${member.name}: nothing was ${answerKind} while it should have been`);
}

export const SCENARIOS: readonly Scenario[] = [
  { name: "nothing", what: "nothing is done", strike: nothing, mend: nothing },
  {
    name: "kill",
    what: "one of three members is killed (-9); it is started again in the phase after",
    strike: ({ cluster }) => cluster.member(STRUCK).kill(),
    mend: ({ cluster }) => cluster.startAgain(STRUCK),
    goal: { must: 10, aim: 2, phase: "during" },
  },
  {
    name: "return",
    what: `one member is dead while ${MISSED_KEYS.toLocaleString("en")} keys are written beside the load; in the phase after it is started again, and the phase lasts until nobody keeps anything for it; then all homes of all keys are compared`,
    strike: async ({ cluster, writePast }) => {
      await cluster.member(STRUCK).kill();
      await writePast(STRUCK, MISSED_KEYS);
    },
    mend: async ({ cluster }) => {
      const startMs = performance.now();
      await cluster.startAgain(STRUCK);
      await untilDelivered(cluster, startMs);
    },
    check: async ({ cluster, levelled }, mendedMs) => levelled(await untilEqual(cluster, mendedMs)),
    goal: { must: 2, aim: 1.3, phase: "after" },
  },
  {
    name: "pause",
    what: "one member is stopped (SIGSTOP), and goes on in the phase after",
    strike: async ({ cluster }) => cluster.member(STRUCK).signal("SIGSTOP"),
    mend: async ({ cluster }) => cluster.member(STRUCK).signal("SIGCONT"),
  },
  {
    name: "restart",
    what: "one member is stopped in order and started again",
    strike: async ({ cluster }) => {
      await cluster.member(STRUCK).stop();
      await cluster.startAgain(STRUCK);
    },
    mend: nothing,
  },
  {
    name: "slow disk",
    what: `every fdatasync of one member takes ${SYNC_DELAY_MS} ms longer`,
    strike: async ({ cluster }) => cluster.member(STRUCK).notify({ kind: "sync-delay", ms: SYNC_DELAY_MS }),
    mend: ({ cluster }) => undo(cluster.member(STRUCK), { kind: "sync-delay", ms: 0 }, "synced"),
  },
  {
    name: "compaction",
    what: "the engines of all members compact everything, again and again",
    strike: async ({ cluster }) => {
      for (const member of cluster.processes) member.notify({ kind: "compact", isOn: true });
    },
    mend: async ({ cluster }) => {
      const message = { kind: "compact", isOn: false };
      await Promise.all(cluster.processes.map((member) => undo(member, message, "compacted")));
    },
    goal: { must: 2, aim: 1.3, phase: "during" },
  },
  {
    name: "mass load",
    what: "another client writes keys as fast as it can, 1,024 at a time",
    strike: ({ loadKeys }) => loadKeys(),
    mend: nothing,
  },
];
