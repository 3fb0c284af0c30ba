/** CLUSTER COUNTKEYSINSLOT and GETKEYSINSLOT: the keys of one slot, wherever they live. */
import { SLOTS, slotCursor, type Bytes } from "@kvorum/core";
import { argument } from "../arguments.ts";
import { command, type Command } from "../command.ts";
import { decimalOf } from "../decimal.ts";
import { replyKeyCount, replyKeyList } from "../key-list.ts";
import type { ReplySlot } from "../reply-slot.ts";
import type { Way } from "../scan-walk.ts";
import type { Session } from "../session.ts";
import { WALK_COUNT, WALK_TIMEOUT_MS } from "./scan.ts";

const NOT_A_NUMBER = "ERR value is not an integer or out of range";
const flags: readonly string[] = ["stale"];
const group = "cluster";

export const COUNT_KEYS_IN_SLOT: Command = command({
  name: "cluster|countkeysinslot",
  arity: 3,
  flags,
  group,
  since: "3.0.0",
  summary: "Count the keys in a slot, as a majority of their homes knows them",
  effect: "read",
  run: countKeys,
});

export const GET_KEYS_IN_SLOT: Command = command({
  name: "cluster|getkeysinslot",
  arity: 4,
  flags,
  group,
  since: "3.0.0",
  summary: "Return keys in a slot",
  effect: "read",
  carriesValues: true,
  run: getKeys,
});

function countKeys(session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  const wanted = decimalOf(argument(args, 2));
  if (Number.isNaN(wanted)) slot.error(NOT_A_NUMBER);
  else if (!isSlot(wanted)) slot.error("ERR Invalid slot");
  else replyKeyCount(session, slot, wayThrough(wanted, WALK_COUNT), WALK_TIMEOUT_MS);
}

function getKeys(session: Session, slot: ReplySlot, args: readonly Bytes[]): void {
  const wanted = decimalOf(argument(args, 2));
  const most = decimalOf(argument(args, 3));
  if (Number.isNaN(wanted) || Number.isNaN(most)) slot.error(NOT_A_NUMBER);
  else if (!isSlot(wanted) || most < 0) slot.error("ERR Invalid slot or number of keys");
  else {
    const count = Math.max(1, Math.min(most, WALK_COUNT));
    const way = wayThrough(wanted, count);
    replyKeyList(session, slot, { way, walkMs: WALK_TIMEOUT_MS, wanted: () => true, most });
  }
}

function isSlot(wanted: number): boolean {
  return wanted >= 0 && wanted < SLOTS;
}

function wayThrough(slot: number, count: number): Way {
  return { cursor: slotCursor(slot), slotEnd: slot + 1, count };
}
