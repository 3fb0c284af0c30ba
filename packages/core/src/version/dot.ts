/**
 * A dot names one write event, uniquely and for ever: the run of the member that minted it, and the clock.
 * A run `(member, start)` is an unbroken stretch during which a member holds every dot it minted for a key; it
 * is what makes "I have seen everything up to this clock" true. A member that may have forgotten something
 * (a restart, a repair, a turn as fallback) begins a new run, whose claims say nothing about the old one.
 * Dotted version vectors: Preguiça et al., "Dotted Version Vectors: Logical Clocks for Optimistic Replication",
 * 2010; runs replace their plain actor ids.
 */
import type { MemberId } from "../model/member.ts";
import { CAS_MEMBER } from "./cas-run.ts";

export interface Dot {
  readonly member: MemberId;
  /** The clock (HLC) at which the run began. */
  readonly start: number;
  /** The clock (HLC) of the write. */
  readonly clock: number;
}

export function sameDot(a: Dot, b: Dot): boolean {
  return a.clock === b.clock && a.member === b.member && a.start === b.start;
}

/** For people and receipts: `member.start.clock`, decimal; `cas.clock` for a conditional write. */
export function dotText(dot: Dot): string {
  if (dot.member === CAS_MEMBER) return `cas.${dot.clock}`;
  return `${dot.member}.${dot.start}.${dot.clock}`;
}

export type VersionKind = "value" | "tombstone";

/** One version of a record, decoded. `value` is a view into the record's bytes. */
export interface Version {
  readonly dot: Dot;
  readonly kind: VersionKind;
  /** Milliseconds since 1970 at which it stops being visible; 0: never. */
  readonly expiryMs: number;
  readonly value: Uint8Array;
}
