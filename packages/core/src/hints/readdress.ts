/**
 * A hint belongs to a partition and a target. When the target stops being a home of the partition, the hint goes to its
 * successor, or to all homes when nobody can tell who that is; it never just goes.
 */
import type { MemberId } from "../model/member.ts";

/** `before`: the homes by which the hint was made, in order; empty when not known. */
export function readdress(
  target: MemberId,
  before: readonly MemberId[],
  now: readonly MemberId[],
): readonly MemberId[] {
  if (now.includes(target)) return [target];
  const left = before.filter((home) => !now.includes(home));
  const joined = now.filter((home) => !before.includes(home));
  const successor = left.length === joined.length ? joined[left.indexOf(target)] : undefined;
  return successor === undefined ? now : [successor];
}
