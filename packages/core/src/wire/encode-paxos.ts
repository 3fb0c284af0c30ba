/**
 * Encoders of what proposers and acceptors say to each other, and of conditional writes on their way to a proposer. What
 * each argument means stands at `MessageHandler`. A ballot is epoch u32, clock u64, member u32.
 */
import type { Bytes } from "../base/bytes.ts";
import { OUTCOMES } from "../base/outcome.ts";
import { utf8Encode } from "../base/utf8.ts";
import type { Proposal } from "../paxos/acceptor.ts";
import { BALLOT_BYTES, type Ballot } from "../paxos/ballot.ts";
import type { LinkWriter } from "../ports/transport.ts";
import { beginMessage, putLong, putShort, putU16, putU32, putU64, putU8 } from "./encode-pieces.ts";
import { putReceipt, receiptBytes } from "./encode.ts";
import { DONE_EXISTED, DONE_HAS_BYTES, DONE_HAS_RECEIPT, PREPARED_SAME } from "./message-flags.ts";
import {
  ACCEPT,
  ACCEPTED,
  CHANGES,
  CONDITIONAL,
  CONDITIONAL_DONE,
  CONDITIONS,
  type ConditionalOutcome,
  EXPIRY_RULES,
  type ForwardedConditional,
  PREPARE,
  PREPARED,
  type PreparedReply,
  WANTED,
} from "./messages.ts";

/** Id u32, deadline u64, ballot, storage key (u16 length), head (u32 length). */
export function encodePrepare(
  writer: LinkWriter,
  id: number,
  deadline: number,
  ballot: Ballot,
  storageKey: Bytes,
  head: Bytes,
): void {
  beginMessage(writer, PREPARE, 18 + BALLOT_BYTES + storageKey.length + head.length);
  putU32(writer, id);
  putU64(writer, deadline);
  putBallot(writer, ballot);
  putShort(writer, storageKey);
  putLong(writer, head);
}

/** Id u32, code u8, flags u8, ballots promised, accepted and its origin, unfinished and committed record (u32 lengths). */
export function encodePrepared(writer: LinkWriter, id: number, code: number, reply: PreparedReply): void {
  const { unfinished, committed } = reply;
  beginMessage(writer, PREPARED, 14 + 3 * BALLOT_BYTES + unfinished.length + committed.length);
  putU32(writer, id);
  putU8(writer, code);
  putU8(writer, reply.same ? PREPARED_SAME : 0);
  putBallot(writer, reply.promised);
  putBallot(writer, reply.accepted);
  putBallot(writer, reply.origin);
  putLong(writer, unfinished);
  putLong(writer, committed);
}

/** Id u32, deadline u64, flags u8, the ballot, its origin, the next one, storage key (u16 length), record (u32 length). */
export function encodeAccept(
  writer: LinkWriter,
  id: number,
  deadline: number,
  flags: number,
  storageKey: Bytes,
  { ballot, origin, next, record }: Proposal,
): void {
  beginMessage(writer, ACCEPT, 19 + 3 * BALLOT_BYTES + storageKey.length + record.length);
  putU32(writer, id);
  putU64(writer, deadline);
  putU8(writer, flags);
  putBallot(writer, ballot);
  putBallot(writer, origin);
  putBallot(writer, next);
  putShort(writer, storageKey);
  putLong(writer, record);
}

/** Id u32, code u8, the ballot promised. */
export function encodeAccepted(writer: LinkWriter, id: number, code: number, promised: Ballot): void {
  beginMessage(writer, ACCEPTED, 5 + BALLOT_BYTES);
  putU32(writer, id);
  putU8(writer, code);
  putBallot(writer, promised);
}

/**
 * Id u32, deadline u64, namespace u16, condition u8, change u8, expiry rule u8, wanted u8, receipt wanted u8, offset u32,
 * expiry u64, key (u16 length), operand and value (u32 lengths).
 */
export function encodeConditional(
  writer: LinkWriter,
  id: number,
  deadline: number,
  request: ForwardedConditional,
): void {
  const { key, operand, value } = request;
  beginMessage(writer, CONDITIONAL, 41 + key.length + operand.length + value.length);
  putU32(writer, id);
  putU64(writer, deadline);
  putU16(writer, request.namespace);
  putU8(writer, CONDITIONS.indexOf(request.condition));
  putU8(writer, CHANGES.indexOf(request.change));
  putU8(writer, EXPIRY_RULES.indexOf(request.expiry));
  putU8(writer, WANTED.indexOf(request.want));
  putU8(writer, request.wantReceipt ? 1 : 0);
  putU32(writer, request.offset);
  putU64(writer, request.expiryMs);
  putShort(writer, key);
  putLong(writer, operand);
  putLong(writer, value);
}

/** Id u32, code u8, flags u8, instant u64, text (u16 length, UTF-8), bytes (u32 length) and, if there is one, a receipt. */
export function encodeConditionalDone(writer: LinkWriter, id: number, outcome: ConditionalOutcome): void {
  const { bytes, receipt } = outcome;
  const text = utf8Encode(outcome.text).subarray(0, 0xffff);
  const length = bytes === null ? 0 : bytes.length;
  beginMessage(writer, CONDITIONAL_DONE, 20 + text.length + length + receiptBytes(receipt));
  putU32(writer, id);
  putU8(writer, OUTCOMES[outcome.code].wire);
  putU8(
    writer,
    (outcome.existed ? DONE_EXISTED : 0) |
      (bytes === null ? 0 : DONE_HAS_BYTES) |
      (receipt === null ? 0 : DONE_HAS_RECEIPT),
  );
  putU64(writer, outcome.nowMs);
  putShort(writer, text);
  if (bytes === null) putU32(writer, 0);
  else putLong(writer, bytes);
  if (receipt !== null) putReceipt(writer, receipt);
}

function putBallot(writer: LinkWriter, { epoch, clock, member }: Ballot): void {
  putU32(writer, epoch);
  putU64(writer, clock);
  putU32(writer, member);
}
