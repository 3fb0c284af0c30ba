/** KV.ADMIN EXCHANGES, HINTS, PARTITIONS and VERIFY: whether the homes of keys hold the same, and how much. */
import {
  SLOTS,
  slotOfRecordKey,
  type Bytes,
  type MemberApi,
  type MemberId,
  type MemberStatus,
  type PartitionStatus,
  type VerifyPage,
} from "@kvorum/core";
import { latin1, wholeNumber } from "../arguments.ts";
import type { ReplySlot } from "../reply-slot.ts";
import type { Session } from "../session.ts";

/** `KV.ADMIN EXCHANGES`: what has come of the exchanges that this member began. */
export type AdminExchanges = MemberStatus["upkeep"] & {
  readonly id: MemberId;
  readonly name: string;
};

/** `KV.ADMIN HINTS`: what this member keeps for others that missed it. */
export interface AdminHints {
  readonly id: MemberId;
  readonly name: string;
  readonly hints: readonly (MemberStatus["upkeep"]["hints"][number] & { readonly name: string })[];
}

/** `KV.ADMIN PARTITIONS [first]`: of some partitions from `first` on, those that this member is a home of. */
export interface AdminPartitions {
  readonly id: MemberId;
  readonly name: string;
  /** How many there are in the cluster. */
  readonly count: number;
  readonly partitions: readonly PartitionStatus[];
  /** Where to go on; null: this was the last page. */
  readonly next: number | null;
}

/** `KV.ADMIN VERIFY [cursor]`: one stretch of a comparison of all homes of all keys of the connection's namespace. */
export interface AdminVerified {
  readonly keys: number;
  readonly compared: number;
  readonly different: number;
  /** Some of the keys that differ. */
  readonly differences: readonly {
    readonly keyBase64: string;
    /** Homes with the same record, together. */
    readonly groups: readonly (readonly MemberId[])[];
    readonly missing: readonly MemberId[];
    readonly damaged: readonly MemberId[];
  }[];
  /** Homes that could not be asked, and why. */
  readonly unasked: readonly { readonly member: MemberId; readonly code: string }[];
  /** Slots that are done, of 16,384: for a bar. */
  readonly slots: number;
  /** For the next call, at any member; null: all is done. */
  readonly cursor: string | null;
}

/** Of one page: 16,384 partitions are 64 answers. */
const PARTITIONS_OF_PAGE = 256;
/** After which an answer ends, about. */
const KEYS_OF_STRETCH = 4_000;
/** A home that needs a quarter of it for a page is passed over. */
const STRETCH_MS = 20_000;
const CURSOR_CHARS_MAX = 8_192;

export function replyJson(slot: ReplySlot, value: unknown): void {
  slot.text(JSON.stringify(value));
}

export function exchangesOf(member: MemberApi): AdminExchanges {
  const { id, name, upkeep } = member.status();
  return { id, name, ...upkeep };
}

export function hintsOf(member: MemberApi): AdminHints {
  const { id, name, upkeep } = member.status();
  const nameOf = (target: MemberId): string =>
    member.topology.members.find((each) => each.id === target)?.name ?? "";
  return { id, name, hints: upkeep.hints.map((hint) => ({ ...hint, name: nameOf(hint.target) })) };
}

export function replyPartitions({ face: { member } }: Session, slot: ReplySlot, word: Bytes | null): void {
  const count = member.topology.preferenceLists.length;
  const first = word === null ? 0 : wholeNumber(word, 0, count - 1);
  if (Number.isNaN(first)) {
    slot.error(`ERR the first partition must be a number from 0 to ${count - 1}`);
    return;
  }
  const end = first + PARTITIONS_OF_PAGE;
  const name = member.topology.members.find(({ id }) => id === member.id)?.name ?? "";
  const page: AdminPartitions = {
    id: member.id,
    name,
    count,
    partitions: member.partitions(first, PARTITIONS_OF_PAGE),
    next: end < count ? end : null,
  };
  replyJson(slot, page);
}

export function replyVerified(
  { face: { member }, namespace }: Session,
  slot: ReplySlot,
  word: Bytes | null,
): void {
  const from = word === null ? null : bytesOfCursor(word);
  if (word !== null && from === null) {
    slot.error("ERR the cursor must be that of an earlier answer");
    return;
  }
  const request = { namespace, from, count: KEYS_OF_STRETCH, timeoutMs: STRETCH_MS };
  slot.verify(member, request, (waiting, page) => replyJson(waiting, verifiedOf(page)));
}

function verifiedOf({ differences, next, ...page }: VerifyPage): AdminVerified {
  const { keys, compared, different, unasked } = page;
  return {
    keys,
    compared,
    different,
    differences: differences.map(({ key, groups, missing, damaged }) => {
      return { keyBase64: Buffer.from(key).toString("base64"), groups, missing, damaged };
    }),
    unasked,
    slots: next === null ? SLOTS : slotOfRecordKey(next),
    cursor: next === null ? null : Buffer.from(next).toString("base64url"),
  };
}

/** Null for what no answer has ever said. */
function bytesOfCursor(word: Bytes): Bytes | null {
  const text = latin1(word.subarray(0, CURSOR_CHARS_MAX + 1));
  if (text.length > CURSOR_CHARS_MAX || !/^[A-Za-z0-9_-]+$/.test(text)) return null;
  return new Uint8Array(Buffer.from(text, "base64url"));
}
