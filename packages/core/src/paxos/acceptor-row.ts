/**
 * What an acceptor has on disk of one key, in a key space of its own:
 *
 * ```
 * format u8 (1), promised ballot, accepted ballot, its origin, CRC-32C of all before and after u32,
 * the accepted record (the rest; empty: none)
 * ```
 *
 * Nothing here is ever taken back: a promise only rises, and what was accepted is replaced only by what a later ballot
 * proposed, or let go once it is in a record that is committed here. So of two rows of a key the join is the later one.
 */
import { ByteReader } from "../base/byte-reader.ts";
import { ByteWriter } from "../base/byte-writer.ts";
import { type Bytes, EMPTY_BYTES } from "../base/bytes.ts";
import { crc32c } from "../base/crc32c.ts";
import { BALLOT_BYTES, type Ballot, NO_BALLOT, compareBallots, readBallot, writeBallot } from "./ballot.ts";

const FORMAT = 1;
const CRC_AT = 1 + 3 * BALLOT_BYTES;
const RECORD_AT = CRC_AT + 4;

export interface AcceptorState {
  /** Ballots below it are refused. */
  readonly promised: Ballot;
  readonly accepted: Ballot;
  /** The ballot at which what is accepted was first proposed: whoever finishes it for another leaves that as it is. */
  readonly origin: Ballot;
  /** Whole; empty: nothing was accepted. */
  readonly record: Bytes;
}

export const NEW_ACCEPTOR: AcceptorState = {
  promised: NO_BALLOT,
  accepted: NO_BALLOT,
  origin: NO_BALLOT,
  record: EMPTY_BYTES,
};

export function encodeAcceptorRow({ promised, accepted, origin, record }: AcceptorState): Bytes {
  const writer = new ByteWriter(RECORD_AT + record.length);
  writer.u8(FORMAT);
  writeBallot(writer, promised);
  writeBallot(writer, accepted);
  writeBallot(writer, origin);
  writer.u32(crc32c(record, 0, record.length, crc32c(writer.view(), 0, CRC_AT)));
  writer.bytes(record);
  return writer.copy();
}

/** Null: damaged, or of no form we write. The record is a view. */
export function decodeAcceptorRow(row: Bytes): AcceptorState | null {
  const reader = new ByteReader(row);
  const format = reader.u8();
  const [promised, accepted, origin] = [readBallot(reader), readBallot(reader), readBallot(reader)];
  const crc = reader.u32();
  const record = reader.bytes(reader.left);
  if (!reader.complete || format !== FORMAT) return null;
  if (crc !== crc32c(record, 0, record.length, crc32c(row, 0, CRC_AT))) return null;
  return { promised, accepted, origin, record };
}

/**
 * The join of a row of the engine and one that is replayed from the journal. A power cut may leave the engine with more
 * than the journal has. Over damage in the engine the journal's row is taken: what it may lack was never answered for,
 * because that waits for the journal.
 */
export function joinAcceptorRows(existing: Bytes, incoming: Bytes): Bytes {
  const a = decodeAcceptorRow(existing);
  const b = decodeAcceptorRow(incoming);
  if (a === null || b === null) return incoming;
  const later = compareBallots(a.accepted, b.accepted) > 0 ? a : b;
  const promised = compareBallots(a.promised, b.promised) > 0 ? a.promised : b.promised;
  return encodeAcceptorRow({ ...later, promised });
}
