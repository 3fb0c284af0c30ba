/** Where clients of conditional writes act, in the simulator or on real processes. */
import type { MemberId } from "@kvorum/core";
import type { RegisterAction } from "../checkers/linearizability/register-model.ts";
import type { SerialOperation } from "../checkers/linearizability/serial-history.ts";
import type { Target } from "../world/scheduler.ts";

/** A serial operation that may be told to have ended. */
export interface OpenSerial extends SerialOperation {
  endedUs: number;
  ending: SerialOperation["ending"];
  action: RegisterAction;
  code: string;
  /** False: its member should have answered and did not. */
  isInTime: boolean;
  /** Asked when whoever is needed had healed: it has to succeed. */
  isAfterHealing: boolean;
}

export interface SerialStage {
  readonly nowUs: number;
  /** All that were asked, in order of invocation. */
  readonly serial: OpenSerial[];
  after(delayUs: number, target: Target, tag: number): void;
  /** Asks a member, with an operation that `beginSerial` has written down. */
  askSerial(
    operation: OpenSerial,
    member: MemberId,
    timeoutMs: number,
    ended: (operation: OpenSerial) => void,
  ): void;
}

/** Writes down an operation that begins. */
export function beginSerial(
  { serial, nowUs }: SerialStage,
  client: number,
  key: string,
  action: RegisterAction,
  isAfterHealing: boolean,
): OpenSerial {
  const operation: OpenSerial = {
    id: serial.length + 1,
    client,
    key,
    action,
    invokedUs: nowUs,
    endedUs: Infinity,
    ending: "running",
    code: "",
    isInTime: true,
    isAfterHealing,
  };
  serial.push(operation);
  return operation;
}
