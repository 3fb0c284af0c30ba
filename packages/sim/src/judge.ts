/** Everything that is judged when a seed has run: pure checkers over what clients saw and what disks hold. */
import type { MemberId } from "@kvorum/core";
import { checkCausalHistories } from "./checkers/causal-histories.ts";
import type { Rows } from "./checkers/disks.ts";
import { checkDisks } from "./checkers/disk-durability.ts";
import { checkDurability } from "./checkers/durability-ledger.ts";
import { checkExpiry } from "./checkers/expiry.ts";
import { checkLinearizability } from "./checkers/linearizability.ts";
import type { SerialOperation } from "./checkers/linearizability/serial-history.ts";
import { checkAgreement, checkLiveness } from "./checkers/liveness.ts";
import { DiskKept, type Kept, NOT_KEPT } from "./checkers/kept.ts";
import { Meetings } from "./checkers/meetings.ts";
import { checkMonotonicReads } from "./checkers/monotonic-reads.ts";
import { checkPlacementAgreement } from "./checkers/placement.ts";
import { checkReads } from "./checkers/quorum-reads.ts";
import { checkSerialLiveness } from "./checkers/serial-liveness.ts";
import { checkSets } from "./checkers/sets.ts";
import { checkTokens } from "./checkers/tokens.ts";
import { checkWalks } from "./checkers/walks.ts";
import type { Observer } from "./phases/observer.ts";
import { homesOfKey, homesOfSlot } from "./phases/keys.ts";
import { FAMILIES } from "./workloads/client.ts";
import type { History, Operation, Violation } from "./workloads/history.ts";
import type { Recorder } from "./workloads/recorder.ts";
import type { World } from "./world/world.ts";

/** `finalReads`: acknowledged reads of all homes that are left, with nothing else under way. */
export function judgeHistory(
  history: History,
  finalReads: readonly Operation[],
  kept: Kept = NOT_KEPT,
): Violation[] {
  const meetings = new Meetings(history);
  return [
    ...checkDurability(history, finalReads, kept),
    ...checkReads(history, meetings, kept),
    ...checkCausalHistories(history, (key) => key.startsWith(FAMILIES.branch), meetings),
    ...checkMonotonicReads(history, kept),
    ...checkWalks(history, kept),
    ...checkSets(history, (key) => key.startsWith(FAMILIES.set), meetings),
    ...checkExpiry(history),
    ...checkTokens(history),
    ...checkLiveness(history),
    ...checkAgreement(finalReads),
  ];
}

/** `finalReads`: as for `judgeHistory`. */
export function judge(
  world: World,
  history: Recorder,
  finalReads: readonly Operation[],
  observer: Observer,
): Violation[] {
  const states = world.members.flatMap(({ id, disk, process }) => {
    const topology = process?.api?.topology;
    return topology === undefined ? [] : [{ member: id, topology, rows: disk.rows() }];
  });
  return [
    ...checkStops(world, observer),
    ...checkSerialLiveness(history.serial),
    ...checkLinearizability({ operations: judged(world, history) }),
    ...judgeHistory(history, finalReads, keptOf(world, observer)),
    ...observer.snapshots.flatMap(({ atUs, disks }) => checkDisks(history, disks, atUs)),
    ...checkPlacementAgreement(history, states, homesOfKey(world), homesOfSlot(world)),
  ];
}

/**
 * Of keys none of whose homes has lost its disk. A member on an empty disk may serve until it meets somebody who knows
 * better, and an acceptor that has forgotten what it promised is worse than none.
 */
function judged(world: World, { serial, lostDisks }: Recorder): SerialOperation[] {
  const homesOf = homesOfKey(world);
  return serial.filter(({ key }) => lostDisks.every(({ member }) => !homesOf(key).includes(member)));
}

/** What disks hold that the last reads need not show: when they began, and what the ledgers came to hold later. */
function keptOf(world: World, observer: Observer): Kept {
  if (world.options.policy !== "lww") return NOT_KEPT;
  const last = observer.snapshots.at(-1)?.disks ?? new Map<number, Rows>();
  const now = world.members
    .filter(({ diskLostUs }) => diskLostUs === Infinity)
    .map(({ disk }) => disk.rows());
  return new DiskKept([...last.values()], now);
}

/**
 * A member stops of itself only when its disk has failed it, or when it was started on an empty disk. And that one
 * must not serve once the others have met it.
 */
function checkStops(world: World, observer: Observer): Violation[] {
  const violations: Violation[] = [];
  const found = (text: string): void =>
    void violations.push({ checker: "stops", key: "", text, operations: [] });
  for (const { id, fatals, diskLostUs, disk, process } of world.members) {
    const isLost = diskLostUs < Infinity;
    const unexpected = fatals.filter((code) => code !== "rolled-back");
    if (unexpected.length > disk.failures)
      found(
        `member ${id} stopped of itself more often than its disk has failed it: ${unexpected.join(", ")}`,
      );
    if (!isLost && unexpected.length < fatals.length)
      found(`member ${id} says that its disk was replaced, and it was not`);
    // Where clocks differ too far the members refuse each other before they come to speak of directories.
    const api = process?.api ?? null;
    const isKnown = (other: MemberId): boolean =>
      observer.remembers(other, id) && api?.reachable(other) === true;
    if (isLost && world.lasting.some(isKnown) && api?.status().state === "serving")
      found(`member ${id} serves under its old id from an empty disk`);
  }
  return violations;
}
