/** Decodes what `encode-paxos.ts` encodes. False: it makes no sense, and nobody has heard of it. */
import type { ByteReader } from "../base/byte-reader.ts";
import { outcomeOfWire } from "../base/outcome.ts";
import { utf8Decode } from "../base/utf8.ts";
import type { MemberId } from "../model/member.ts";
import { readBallot } from "../paxos/ballot.ts";
import { DONE_EXISTED, DONE_HAS_BYTES, DONE_HAS_RECEIPT, PREPARED_SAME } from "./message-flags.ts";
import {
  ACCEPT,
  ACCEPTED,
  ACCEPT_REPAIRS,
  ACCEPT_UNPREPARED,
  CHANGES,
  CONDITIONAL,
  CONDITIONAL_DONE,
  CONDITIONS,
  EXPIRY_RULES,
  type MessageHandler,
  PREPARE,
  PREPARED,
  WANTED,
} from "./messages.ts";
import { readReceipt } from "./receipt.ts";

export function decodePaxosMessage(
  type: number,
  reader: ByteReader,
  peer: MemberId,
  handler: MessageHandler,
): boolean {
  switch (type) {
    case PREPARE:
      return prepare(reader, peer, handler);
    case PREPARED:
      return prepared(reader, peer, handler);
    case ACCEPT:
      return accept(reader, peer, handler);
    case ACCEPTED:
      return answered(reader, peer, handler);
    case CONDITIONAL:
      return conditional(reader, peer, handler);
    case CONDITIONAL_DONE:
      return conditionalDone(reader, peer, handler);
    default:
      return false;
  }
}

function prepare(reader: ByteReader, peer: MemberId, handler: MessageHandler): boolean {
  const id = reader.u32();
  const deadline = reader.u64();
  const ballot = readBallot(reader);
  const storageKey = reader.bytes(reader.u16());
  const head = reader.bytes(reader.u32());
  if (!reader.complete) return false;
  handler.onPrepare(peer, id, deadline, ballot, storageKey, head);
  return true;
}

function prepared(reader: ByteReader, peer: MemberId, handler: MessageHandler): boolean {
  const id = reader.u32();
  const code = outcomeOfWire(reader.u8());
  const flags = reader.u8();
  const [promised, accepted, origin] = [readBallot(reader), readBallot(reader), readBallot(reader)];
  const unfinished = reader.bytes(reader.u32());
  const committed = reader.bytes(reader.u32());
  if (!reader.complete || code === null || (flags & ~PREPARED_SAME) !== 0) return false;
  const same = (flags & PREPARED_SAME) !== 0;
  handler.onPrepared(peer, id, code, { promised, accepted, origin, unfinished, same, committed });
  return true;
}

function accept(reader: ByteReader, peer: MemberId, handler: MessageHandler): boolean {
  const id = reader.u32();
  const deadline = reader.u64();
  const flags = reader.u8();
  const [ballot, origin, next] = [readBallot(reader), readBallot(reader), readBallot(reader)];
  const storageKey = reader.bytes(reader.u16());
  const record = reader.bytes(reader.u32());
  if (!reader.complete || (flags & ~(ACCEPT_UNPREPARED | ACCEPT_REPAIRS)) !== 0) return false;
  handler.onAccept(peer, id, deadline, flags, storageKey, { ballot, origin, next, record });
  return true;
}

function answered(reader: ByteReader, peer: MemberId, handler: MessageHandler): boolean {
  const id = reader.u32();
  const code = outcomeOfWire(reader.u8());
  const promised = readBallot(reader);
  if (!reader.complete || code === null) return false;
  handler.onAccepted(peer, id, code, promised);
  return true;
}

function conditional(reader: ByteReader, peer: MemberId, handler: MessageHandler): boolean {
  const id = reader.u32();
  const deadline = reader.u64();
  const namespace = reader.u16();
  const condition = CONDITIONS[reader.u8()];
  const change = CHANGES[reader.u8()];
  const expiry = EXPIRY_RULES[reader.u8()];
  const want = WANTED[reader.u8()];
  const receipt = reader.u8();
  const offset = reader.u32();
  const expiryMs = reader.u64();
  const key = reader.bytes(reader.u16());
  const operand = reader.bytes(reader.u32());
  const value = reader.bytes(reader.u32());
  if (!reader.complete || receipt > 1) return false;
  if (condition === undefined || change === undefined || expiry === undefined || want === undefined)
    return false;
  const wantReceipt = receipt === 1;
  const what = { condition, operand, change, value, offset, expiry, expiryMs, want, wantReceipt };
  handler.onConditional(peer, id, deadline, { namespace, key, ...what });
  return true;
}

function conditionalDone(reader: ByteReader, peer: MemberId, handler: MessageHandler): boolean {
  const id = reader.u32();
  const code = outcomeOfWire(reader.u8());
  const flags = reader.u8();
  const nowMs = reader.u64();
  const text = utf8Decode(reader.bytes(reader.u16()));
  const bytes = reader.bytes(reader.u32());
  const receipt = (flags & DONE_HAS_RECEIPT) === 0 ? null : readReceipt(reader);
  const hasBytes = (flags & DONE_HAS_BYTES) !== 0;
  if (!reader.complete || code === null || (!hasBytes && bytes.length > 0)) return false;
  if ((flags & ~(DONE_EXISTED | DONE_HAS_BYTES | DONE_HAS_RECEIPT)) !== 0) return false;
  const existed = (flags & DONE_EXISTED) !== 0;
  handler.onConditionalDone(peer, id, {
    code,
    text,
    existed,
    bytes: hasBytes ? bytes : null,
    nowMs,
    receipt,
  });
  return true;
}
