/**
 * Everybody agrees where a key lives, and it lives nowhere else: one topology, whose placement is sound; whoever
 * acknowledges or answers is a home of the key (or, where it says so, a fallback), each once; and records lie on the disks of their homes only.
 */
import {
  type Bytes,
  type MemberId,
  type Topology,
  bytesEqual,
  checkPlacement,
  isRecordKey,
  preferenceListOf,
  slotOf,
  slotOfRecordKey,
} from "@kvorum/core";
import type { History, Operation, Violation } from "../workloads/history.ts";
import { describe } from "../workloads/history.ts";
import { keyBytes } from "../workloads/key-bytes.ts";

/** What one member says and holds. */
export interface MemberState {
  readonly member: MemberId;
  readonly topology: Topology;
  readonly rows: readonly (readonly [Bytes, Bytes])[];
}

export type HomesOfSlot = (slot: number) => readonly MemberId[];

export function checkPlacementAgreement(
  history: History,
  states: readonly MemberState[],
  homesOfKey: (key: string) => readonly MemberId[],
  homesOfSlot: HomesOfSlot,
): Violation[] {
  return [
    ...checkTopologies(states),
    ...history.operations.flatMap((operation) => checkHolders(operation, homesOfKey(operation.key))),
    ...checkStandIns(history, states),
    ...states.flatMap((state) => checkRows(state, homesOfSlot)),
  ];
}

function checkTopologies(states: readonly MemberState[]): Violation[] {
  const [first] = states;
  if (first === undefined) return [];
  const violations: Violation[] = [];
  for (const { member, topology } of states) {
    const isSame =
      topology.epoch === first.topology.epoch && bytesEqual(topology.digest, first.topology.digest);
    if (!isSame) violations.push(stateViolation(`members ${first.member} and ${member} differ in topology`));
    for (const problem of checkPlacement(topology)) violations.push(stateViolation(problem));
  }
  return violations;
}

function checkHolders(operation: Operation, homes: readonly MemberId[]): Violation[] {
  const named = operation.kind === "get" ? operation.answered : operation.holders;
  const enough = named.length + operation.standIns.length;
  const isSound = named.every((member, index) => homes.includes(member) && named.indexOf(member) === index);
  const isEnough = operation.ending !== "ok" || operation.wroteNothing || enough >= operation.homes;
  if (isSound && isEnough) return [];
  const what = isSound
    ? "was acknowledged by fewer members than it asked for"
    : "names others than homes, or one twice";
  return [
    {
      checker: "placement",
      key: operation.key,
      text: `an operation ${what} (homes ${homes.join(" ")})\n  ${describe(operation)}`,
      operations: [operation.id],
    },
  ];
}

/** Whoever keeps a write in place of a home is a fallback of its key, and all that have it are on different hosts. */
function checkStandIns({ operations }: History, [state]: readonly MemberState[]): Violation[] {
  if (state === undefined) return [];
  const hosts = new Map(state.topology.members.map(({ id, host }) => [id, host]));
  const violations: Violation[] = [];
  for (const operation of operations) {
    const { holders, standIns, key } = operation;
    if (standIns.length === 0) continue;
    const { fallbacks } = preferenceListOf(state.topology, slotOf(keyBytes(key)));
    const all = [...holders, ...standIns];
    const isApart = new Set(all.map((member) => hosts.get(member))).size === all.length;
    if (isApart && standIns.every((member) => fallbacks.includes(member))) continue;
    const what = isApart ? "names a fallback that is none" : "is held twice on one host";
    const text = `an operation ${what} (fallbacks ${fallbacks.join(" ")})\n  ${describe(operation)}`;
    violations.push({ checker: "placement", key, text, operations: [operation.id] });
  }
  return violations;
}

function checkRows({ member, rows }: MemberState, homesOfSlot: HomesOfSlot): Violation[] {
  return rows
    .filter(([key]) => isRecordKey(key) && !homesOfSlot(slotOfRecordKey(key)).includes(member))
    .map(([key]) => stateViolation(`member ${member} holds a record of slot ${slotOfRecordKey(key)}`));
}

function stateViolation(text: string): Violation {
  return { checker: "placement", key: "", text, operations: [] };
}
