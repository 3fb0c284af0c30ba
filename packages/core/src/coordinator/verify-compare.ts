/** Whether the homes of each key in a range hold the same of it. */
import type { Bytes } from "../base/bytes.ts";
import type { MemberId } from "../model/member.ts";
import { sameRecord } from "../version/reconcile.ts";
import type { HeldKey } from "./scan-merge.ts";

export interface DifferingKey {
  readonly storageKey: Bytes;
  readonly groups: readonly (readonly MemberId[])[];
  readonly missing: readonly MemberId[];
  readonly damaged: readonly MemberId[];
}

export interface Comparison {
  readonly keys: number;
  /** Keys for which all homes were asked. */
  readonly compared: number;
  readonly differing: readonly DifferingKey[];
}

/** `asked`: who has answered for the whole range; only of them it is known what they do not hold. */
export function compareHomes(keys: readonly HeldKey[], asked: ReadonlySet<MemberId>): Comparison {
  const differing: DifferingKey[] = [];
  let compared = 0;
  for (const { storageKey, homes, copies } of keys) {
    const groups: { readonly head: Bytes; readonly members: MemberId[] }[] = [];
    const damaged: MemberId[] = [];
    for (const { member, head } of copies.toSorted((a, b) => a.member - b.member)) {
      if (head === null) {
        damaged.push(member);
        continue;
      }
      const group = groups.find((each) => sameRecord(each.head, head));
      if (group === undefined) groups.push({ head, members: [member] });
      else group.members.push(member);
    }
    const silent = homes.filter((home) => !copies.some(({ member }) => member === home));
    const missing = silent.filter((home) => asked.has(home));
    if (missing.length === silent.length) compared++;
    if (groups.length > 1 || damaged.length > 0 || missing.length > 0)
      differing.push({ storageKey, groups: groups.map(({ members }) => members), missing, damaged });
  }
  return { keys: keys.length, compared, differing };
}
