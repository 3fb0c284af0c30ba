/**
 * Damages stored records, but never the last good copy: a copy may go bad only while another home holds the very same
 * bytes, as what it has now and where no power cut can take them. Records only grow in what they have seen, so that home, or whoever has
 * taken over from it, can always give back what was lost. Whatever is lost for good is lost by the store.
 */
import { type Bytes, type MemberId, type Prng, bytesEqual, isRecord, isRecordKey } from "@kvorum/core";
import { pick } from "../world/draws.ts";
import type { World } from "../world/world.ts";

type Row = readonly [Bytes, Bytes];

/** Whether some copy is bad and has not been replaced yet, or a read is still to fail. */
export function isAnythingDamaged(world: World): boolean {
  return world.members.some(
    ({ disk }) =>
      disk.misread.isOpen || disk.rows().some(([key, value]) => isRecordKey(key) && !isRecord(value)),
  );
}

/** Damages a record of this member, or has one read of it fail. False: there is none that may be damaged. */
export function damageRecord(world: World, id: MemberId, random: Prng): boolean {
  const { disk } = world.member(id);
  const candidates = disk.rows().filter((row) => mayGoBad(world, id, row));
  // Where homes differ it matters from whom a copy is fetched.
  const telling = candidates.filter((row) => differs(world, row));
  const [first, ...more] = telling.length > 0 && random.u32() % 4 !== 0 ? telling : candidates;
  if (first === undefined) return false;
  const [key, value] = pick(random, [first, ...more]);
  if (random.u32() % 3 === 0) disk.misread.plant(key, value);
  else disk.spoil(key, random.u32());
  return true;
}

function holds(rows: readonly Row[], key: Bytes, value: Bytes): boolean {
  return rows.some(([k, v]) => bytesEqual(k, key) && bytesEqual(v, value));
}

function differs(world: World, [key, value]: Row): boolean {
  return world.members.some(({ disk }) => {
    return disk.rows().some(([k, v]) => bytesEqual(k, key) && !bytesEqual(v, value));
  });
}

function mayGoBad(world: World, id: MemberId, [key, value]: Row): boolean {
  if (!isRecordKey(key) || !isRecord(value)) return false;
  return world.members.some(({ id: other, disk }) => {
    if (other === id || disk.misread.isOpenFor(key)) return false;
    return holds(disk.durableRows(), key, value) && holds(disk.rows(), key, value);
  });
}
