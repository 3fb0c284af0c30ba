/** Reads the replies of the KV commands: over RESP 2 their maps are flat lists of names and values. */
import type { MemberId } from "@kvorum/core";
import type { OperationId } from "../workloads/history.ts";
import { readValue } from "../workloads/values.ts";

export interface Seen {
  readonly values: readonly OperationId[];
  /** Of a set: all that the values name. */
  readonly elements: readonly number[];
  readonly tombstones: number;
  readonly answered: readonly MemberId[];
  readonly token: string;
}

export interface Written {
  readonly holders: readonly MemberId[];
  readonly standIns: readonly MemberId[];
  readonly token: string;
}

/** The reply of KV.GET. */
export function readSeen(reply: unknown): Seen {
  const versions = list(field(reply, "versions")).map((version) => readValue(bytes(field(version, "value"))));
  return {
    values: versions.map(({ writer }) => writer),
    elements: [...new Set(versions.flatMap(({ elements }) => elements))],
    tombstones: whole(field(reply, "tombstones")),
    answered: list(field(field(reply, "receipt"), "answered")).map(whole),
    token: text(field(reply, "context")),
  };
}

/** The live values in a reply of KV.GET, the newest first, as texts of one byte a character. */
export function readValues(reply: unknown): string[] {
  return list(field(reply, "versions")).map((version) => text(field(version, "value")));
}

/** The reply of KV.PUT. */
export function readWritten(reply: unknown): Written {
  return {
    holders: list(field(reply, "homes")).map(whole),
    standIns: list(field(reply, "fallbacks")).map(whole),
    token: text(field(reply, "context")),
  };
}

/** The reply of KV.DEL; null when there was nothing to remove. */
export function readRemoved(reply: unknown): Written | null {
  const receipt = field(reply, "receipt");
  return receipt === null ? null : readWritten(receipt);
}

function field(map: unknown, name: string): unknown {
  const items = list(map);
  for (let i = 0; i + 1 < items.length; i += 2) if (text(items[i]) === name) return items[i + 1];
  throw new Error(`a reply has no ${name}`);
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error("a reply has no list where one is due");
  return value;
}

function bytes(value: unknown): Buffer {
  if (!Buffer.isBuffer(value)) throw new Error("a reply has no text where one is due");
  return value;
}

function text(value: unknown): string {
  return bytes(value).toString("latin1");
}

function whole(value: unknown): number {
  if (typeof value !== "number") throw new Error("a reply has no number where one is due");
  return value;
}
