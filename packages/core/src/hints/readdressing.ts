/** Gives hints whose target is no home of their key any more to those who are. */
import { type Bytes, copyBytes } from "../base/bytes.ts";
import type { MemberId } from "../model/member.ts";
import type { HintKeeper } from "../replica/hint-keeper.ts";
import type { KeyPlacement } from "../replica/key-placement.ts";
import { LocalMerge } from "../replica/local-merge.ts";
import type { MergeParts } from "../replica/record-merge.ts";
import { type HintPlace, hintKey } from "../storage/keyspace.ts";
import { readdress } from "./readdress.ts";

export interface ReaddressParts {
  readonly self: MemberId;
  readonly placement: KeyPlacement;
  readonly storable: MergeParts["storable"];
  /** This member's own records. */
  readonly records: Pick<MergeParts, "store" | "healer">;
}

/** `row` is what the hint holds. `moved`: others have it, on disk; until then it stays where it is, as it does if nobody should. */
export function moveHint(
  parts: ReaddressParts,
  hints: HintKeeper,
  { kind, target, storageKey }: HintPlace,
  row: Bytes,
  moved: () => void,
): void {
  const { self, placement, storable, records } = parts;
  const homes = placement.homesOfRecordKey(storageKey);
  // By which homes it was made is not known any more. Of a namespace that is gone nobody has any.
  const targets = readdress(target, [], homes);
  if (targets.length === 0 || targets.includes(target)) return;
  const key = copyBytes(storageKey);
  if (kind === "reference") {
    for (const home of targets) if (home !== self) hints.refer(home, key);
    moved();
    return;
  }
  let left = targets.length;
  const onKept = (code: string): void => {
    if (code === "OK" && --left === 0) moved();
  };
  for (const home of targets) {
    const own = { ...records, storable };
    const kept = { store: hints.copies, healer: hints.healer, storable };
    if (home === self) new LocalMerge(own, key, copyBytes(row), "fsync", onKept).start();
    else new LocalMerge(kept, hintKey("record", home, key), copyBytes(row), "fsync", onKept).start();
  }
}
