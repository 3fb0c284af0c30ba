/**
 * What a seed makes of a world: its size, its limits, the tempers of its network, disks and clocks, and which classes
 * of faults it has. Every group has a stream of its own, so that taking a fault away shifts nothing else.
 */
import { type ConflictPolicy, DEFAULT_LIMITS, type Limits, type Prng, checkLimits } from "@kvorum/core";
import { between, oneIn, pick } from "./draws.ts";
import type { DiskOptions } from "./disk.ts";
import type { NetworkOptions } from "./network.ts";

/** Each is switched off with probability one half. */
export const FAULT_CLASSES = [
  "kill",
  "power-cut",
  "pause",
  "stall",
  "cut",
  "reset",
  "ghost",
  "slow-link",
  "slow-disk",
  "full-disk",
  "failed-io",
  "damage",
  "lost-disk",
  "clock-step",
  "clock-leap",
] as const;

export type FaultClass = (typeof FAULT_CLASSES)[number];

export interface MachineOptions {
  readonly clockOffsetMs: number;
  readonly clockDriftPpm: number;
}

/** Whether writes allow fallbacks to stand in for homes: none, all, or every second. */
export type FallbackTemper = "deny" | "allow" | "mixed";

/** How many homes clients ask for: a majority, mostly one, or now this and now that. */
export type QuorumTemper = "majority" | "one" | "mixed";

export interface WorkloadOptions {
  readonly quorums: QuorumTemper;
  readonly fallbacks: FallbackTemper;
  /** Of a hundred writes so many are `os`. Where few are fsynced, a power cut takes much. */
  readonly osPercent: number;
  /** Of a hundred writes so many carry a token. */
  readonly contextPercent: number;
  /** Of a hundred puts so many expire, after a time up to `ttlMsMax`. */
  readonly ttlPercent: number;
  readonly ttlMsMax: number;
  /** Of a hundred operations so many are given up by their client before they end. */
  readonly impatiencePercent: number;
  /** Every so many writes with a token are refused beside what the token does not name; 0: none. */
  readonly touchEvery: number;
  /** Every so many reads bring the homes that they ask level before they are answered; 0: none. */
  readonly levelEvery: number;
  /** Clients of conditional writes and serial reads, and keys of each of their families. */
  readonly serialClients: number;
  readonly serialKeys: number;
  /** Of a hundred puts without a token so many are decided by a majority of the homes. */
  readonly conditionalPercent: number;
  /** Clients that list all keys. */
  readonly walkers: number;
  readonly clients: number;
  /** Keys of each family: registers, sets, and those that are only ever written with a context. */
  readonly keys: number;
  /** Of a hundred operations so many are of registers, of sets, and of the last family. */
  readonly families: readonly [number, number, number];
  /** The exponent of Zipf's law by which keys are drawn; 0: all alike. */
  readonly skew: number;
  /** Mean pause of a client between two operations. */
  readonly thinkUs: number;
  /** The largest value, in bytes; most are far smaller. */
  readonly valueBytesMax: number;
  readonly timeoutMs: number;
  /** Clients run until so much has happened, and at least so long and for so many operations. */
  readonly eventsMin: number;
  readonly operationsMin: number;
  readonly durationUsMin: number;
  readonly durationUsMax: number;
}

export interface WorldOptions {
  readonly seed: number;
  /** Of the namespace that all keys are in. */
  readonly policy: ConflictPolicy;
  readonly members: number;
  readonly replicas: number;
  readonly partitions: number;
  readonly limits: Limits;
  readonly segmentBytes: number;
  readonly machines: readonly MachineOptions[];
  /** The last two members are on one host. */
  readonly twins: boolean;
  readonly network: NetworkOptions;
  readonly disk: DiskOptions;
  /** The longest that a burst of inputs lasts before its turn ends. */
  readonly turnUsMax: number;
  readonly faults: readonly FaultClass[];
  /** Mean time between two faults of one class. */
  readonly faultEveryUs: number;
  /** The numbers of strikes that are left out. */
  readonly skippedStrikes: readonly number[];
  readonly workload: WorkloadOptions;
}

export function drawOptions(seed: number, root: Prng): WorldOptions {
  const shape = root.fork("options-shape");
  const members = pick(shape, [1, 2, 3, 3, 3, 3, 4, 5, 6]);
  const replicas = Math.min(members, pick(shape, [1, 2, 3, 3, 3, 3, 5]));
  const policy = oneIn(root.fork("options-policy"), LWW_ONE_IN) ? "lww" : "siblings";
  const repair = root.fork("options-repair");
  const lists = root.fork("options-lists");
  const hints = root.fork("options-hints");
  const background = root.fork("options-background");
  const workload = {
    ...workloadFor(policy, drawWorkload(root.fork("options-workload"))),
    fallbacks: pick<FallbackTemper>(hints, ["deny", "deny", "allow", "mixed"]),
    touchEvery: pick(lists, [0, 2, 7]),
    walkers: pick(lists, [0, 1]),
    levelEvery: pick(background, [0, 3]),
    serialClients: pick(root.fork("options-serial"), [0, 0, 2, 5]),
    conditionalPercent: pick(root.fork("options-conditional"), [0, 0, 30]),
    serialKeys: pick(root.fork("options-serial-keys"), [1, 1, 3, 10]),
  };
  const { faults, faultEveryUs } = drawFaults(root.fork("options-faults"));
  return {
    seed,
    policy,
    members,
    replicas,
    partitions: pick(shape, [16, 16, 32, 64]),
    limits: checkLimits({
      ...drawLimits(root.fork("options-limits"), workload.valueBytesMax, faults.includes("damage")),
      exchangeEveryMs: pick(repair, [NEVER_MS, NEVER_MS, 200, 2_000]),
      treeWriteEveryMs: pick(repair, [300, 5_000]),
      hintsMax: pick(hints, [0, 2, DEFAULT_LIMITS.hintsMax, DEFAULT_LIMITS.hintsMax]),
      hintsInFlightMax: pick(hints, [1, DEFAULT_LIMITS.hintsInFlightMax]),
      fallbackAfterMs: pick(hints, [20, DEFAULT_LIMITS.fallbackAfterMs]),
      readRepairsMax: pick(background, [0, 2, DEFAULT_LIMITS.readRepairsMax]),
      scrubPassMs: pick(background, [0, 0, 2_000, 10_000]),
      // Slow networks and disks hold it at its least.
      backgroundOpsMin: pick(background, [50, DEFAULT_LIMITS.backgroundOpsMin]),
      // A page of a home often ends before its range does.
      scanPageRowsMax: pick(lists, [3, 20, DEFAULT_LIMITS.scanPageRowsMax]),
    }),
    // Only what the engine has flushed may be damaged elsewhere, and it flushes when a segment is full.
    segmentBytes: Math.min(
      pick(shape, [4 * 1024, 16 * 1024, 64 * 1024, 1024 * 1024]),
      faults.includes("damage") ? 8 * 1024 : Infinity,
    ),
    machines: drawMachines(root.fork("options-machines"), members),
    // So many hosts as homes remain, and one for a fallback.
    twins: members >= replicas + 2 && oneIn(hints, 2),
    network: drawNetwork(root.fork("options-network")),
    disk: drawDisk(root.fork("options-disk")),
    turnUsMax: pick(shape, [0, 50, 200, 2_000]),
    faults,
    faultEveryUs,
    skippedStrikes: [],
    workload,
  };
}

/** What has a stream of its own, so that it shifted nothing when it came. */
type DrawnWorkload = Omit<
  WorkloadOptions,
  | "touchEvery"
  | "walkers"
  | "fallbacks"
  | "levelEvery"
  | "serialClients"
  | "serialKeys"
  | "conditionalPercent"
>;

/** Longer than any run. */
const NEVER_MS = 1e9;

/** Whether homes compare what they hold, and mend what they have missed. */
export function exchanges({ limits }: WorldOptions): boolean {
  return limits.exchangeEveryMs < NEVER_MS;
}

/** Whether members look for damage themselves. */
export function scrubs({ limits }: WorldOptions): boolean {
  return limits.scrubPassMs > 0;
}

const LWW_ONE_IN = 5;

/**
 * Sets and branches say what siblings promise; under `lww` all keys are registers. Few keys and many tokens, since
 * what overwrites see of each other makes no conflicts.
 */
function workloadFor(policy: ConflictPolicy, workload: DrawnWorkload): DrawnWorkload {
  if (policy !== "lww") return workload;
  const contextPercent = workload.contextPercent < 30 ? workload.contextPercent : 97;
  return { ...workload, families: [100, 0, 0], contextPercent, keys: Math.min(5, workload.keys) };
}

/** Small caches and an early bulk lane, so that their edges are met in short runs. Damage is found only by who looks. */
function drawLimits(random: Prng, valueBytesMax: number, looksOften: boolean): Limits {
  // The value cache must hold the largest record there can be. Writes stop at `siblingsMax`; merges may go beyond.
  const siblingsMax = pick(random, [4, DEFAULT_LIMITS.siblingsMax]);
  const smallCacheBytes = siblingsMax * (1_000 + 4 * valueBytesMax);
  const valueCacheBytesMax = pick(random, [
    smallCacheBytes,
    5 * smallCacheBytes,
    DEFAULT_LIMITS.valueCacheBytesMax,
  ]);
  const contextCacheEntriesMax = Math.min(
    pick(random, [1, 8, DEFAULT_LIMITS.contextCacheEntriesMax]),
    looksOften ? 1 : Infinity,
  );
  return {
    ...DEFAULT_LIMITS,
    siblingsMax,
    // Where hardly anything is to be remembered, no whole record is.
    valueCacheBytesMax: contextCacheEntriesMax === 1 ? 0 : valueCacheBytesMax,
    contextCacheEntriesMax,
    bulkBytesMin: pick(random, [200, 4_096, DEFAULT_LIMITS.bulkBytesMin]),
    readHedgeMs: pick(random, [1, 25, 500]),
    clockReserveMs: pick(random, [100, 3_000]),
    // Values are whole in the ledger, or nobody could tell whose they are.
    conflictValueBytesMax: 256 * 1024,
    redialMsMin: pick(random, [1, 50]),
  };
}

/** Wall clocks stay within this of the true time, but for leaps; a restart may jump ahead by `clockReserveMs` more. */
export const CLOCK_SPREAD_MS = 3_000;

/** Offsets between any two stay within what members bear (`maxClockDriftMs`), also with steps on top. */
function drawMachines(random: Prng, members: number): MachineOptions[] {
  const spreadMs = pick(random, [0, 50, CLOCK_SPREAD_MS]);
  const driftPpm = pick(random, [0, 200]);
  return Array.from({ length: members }, () => ({
    clockOffsetMs: between(random, -spreadMs, spreadMs),
    clockDriftPpm: between(random, -driftPpm, driftPpm),
  }));
}

/** Without faults, silences stay well below `suspectAfterMs`, and buffers hold what a burst of reads brings. */
function drawNetwork(random: Prng): NetworkOptions {
  const delayUsMin = pick(random, [20, 100, 1_000, 10_000]);
  return {
    delayUsMin,
    delayUsMean: Math.min(20_000, delayUsMin * pick(random, [1, 3, 10])),
    splitOneIn: pick(random, [0, 2, 10, 100]),
    lingerOneIn: pick(random, [0, 3, 30]),
    sendBufferBytes: pick(random, [256 * 1024, 1024 * 1024]),
    giveUpUsMin: 500_000,
    giveUpUsMax: pick(random, [2_000_000, 20_000_000]),
    dialTimeoutUs: pick(random, [1_000_000, 5_000_000]),
  };
}

function drawDisk(random: Prng): DiskOptions {
  return {
    writeUs: pick(random, [5, 50]),
    syncUs: pick(random, [50, 500, 5_000, 30_000]),
    readUs: pick(random, [10, 200]),
  };
}

function drawFaults(random: Prng): Pick<WorldOptions, "faults" | "faultEveryUs"> {
  const isCalm = oneIn(random, 20);
  const faults = FAULT_CLASSES.filter(() => oneIn(random, 2));
  return { faults: isCalm ? [] : faults, faultEveryUs: pick(random, [500_000, 1_000_000, 3_000_000]) };
}

function drawWorkload(random: Prng): DrawnWorkload {
  return {
    quorums: pick<QuorumTemper>(random, ["majority", "one", "mixed", "mixed"]),
    osPercent: pick(random, [0, 25, 25, 95]),
    contextPercent: pick(random, [10, 30, 80]),
    ttlPercent: pick(random, [0, 0, 10, 40]),
    ttlMsMax: pick(random, [200, 2_000, 20_000]),
    impatiencePercent: pick(random, [0, 5, 30]),
    clients: between(random, 2, 10),
    keys: pick(random, [1, 2, 5, 20]),
    families: pick<WorkloadOptions["families"]>(random, [
      [100, 0, 0],
      [60, 20, 20],
      [30, 40, 30],
      [20, 0, 80],
    ]),
    skew: pick(random, [0, 0.5, 0.99, 1.5]),
    thinkUs: pick(random, [20_000, 50_000, 100_000]),
    valueBytesMax: pick(random, [16, 500, 500, 20_000, 100_000]),
    timeoutMs: pick(random, [50, 300, 1_000, 3_000]),
    eventsMin: 20_000,
    operationsMin: 300,
    durationUsMin: between(random, 3_000_000, 6_000_000),
    durationUsMax: 120_000_000,
  };
}
