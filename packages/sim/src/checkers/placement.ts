/**
 * Everybody agrees where a key lives, and it lives nowhere else: one topology, whose placement is sound; whoever
 * acknowledges or answers is a home of the key, each once; and records lie on the disks of their homes only.
 */
import {
  type Bytes,
  type MemberId,
  type Topology,
  bytesEqual,
  checkPlacement,
  isRecordKey,
  slotOfRecordKey,
} from "@kvorum/core";
import type { History, Operation, Violation } from "../workloads/history.ts";
import { describe } from "../workloads/history.ts";

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
  const isSound = named.every((member, index) => homes.includes(member) && named.indexOf(member) === index);
  const isEnough = operation.ending !== "ok" || operation.wroteNothing || named.length >= operation.homes;
  if (isSound && isEnough) return [];
  const what = isSound
    ? "was acknowledged by fewer homes than it asked for"
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

function checkRows({ member, rows }: MemberState, homesOfSlot: HomesOfSlot): Violation[] {
  return rows
    .filter(([key]) => isRecordKey(key) && !homesOfSlot(slotOfRecordKey(key)).includes(member))
    .map(([key]) => stateViolation(`member ${member} holds a record of slot ${slotOfRecordKey(key)}`));
}

function stateViolation(text: string): Violation {
  return { checker: "placement", key: "", text, operations: [] };
}
