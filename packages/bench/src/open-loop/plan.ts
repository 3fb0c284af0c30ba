/** What the driver's process is told to do, as it travels between processes. */
import type { Distribution } from "./key-chooser.ts";
import type { MixName } from "./mix.ts";

/** Requests go to whoever serves the slot of their key. */
export interface SlotRange {
  readonly from: number;
  /** Included. */
  readonly to: number;
  readonly port: number;
}

export interface DriverTarget {
  readonly ports: readonly number[];
  /** Empty: any port takes any key. */
  readonly slots: readonly SlotRange[];
  readonly connectionsOfEach: number;
}

export interface DriverLoad {
  readonly keys: number;
  readonly valueBytes: number;
  readonly distribution: Distribution;
  readonly mix: MixName;
}

export type DriverMode =
  | { readonly kind: "open"; readonly perSecond: number; readonly seconds: number; readonly phase: string }
  | { readonly kind: "closed"; readonly seconds: number; readonly outstanding: number }
  /** Writes every key once. */
  | { readonly kind: "fill"; readonly outstanding: number };

/** A type, since messages are records. */
export type DriverPlan = {
  readonly kind: "run";
  readonly target: DriverTarget;
  readonly load: DriverLoad;
  readonly mode: DriverMode;
  /** A request that has not been answered for so long has failed. */
  readonly timeoutMs: number;
  readonly seed: number;
};

export function isDriverPlan(message: unknown): message is DriverPlan {
  return typeof message === "object" && message !== null && "kind" in message && message.kind === "run";
}

/** Requests that are to start from now on belong to another phase, or there are none. */
export type DriverMark = { readonly kind: "phase"; readonly name: string } | { readonly kind: "finish" };

export function isDriverMark(message: unknown): message is DriverMark {
  if (typeof message !== "object" || message === null || !("kind" in message)) return false;
  return message.kind === "finish" || (message.kind === "phase" && "name" in message);
}
