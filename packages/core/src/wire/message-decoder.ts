/**
 * Reads the messages of a frame and calls the method of each. Whatever the bytes say, nothing here throws and
 * nothing is allocated that a count claims: a message is dispatched only when all of it made sense, and the first
 * that does not ends the link.
 */
import { ByteReader } from "../base/byte-reader.ts";
import type { Bytes } from "../base/bytes.ts";
import { type OutcomeCode, outcomeOfWire } from "../base/outcome.ts";
import { latin1Decode, utf8Decode } from "../base/utf8.ts";
import { decodeLinkMessage } from "./link-messages.ts";
import {
  CONFLICTS_HAS_CURSOR,
  CONFLICTS_HAS_KEY,
  READ_HEAD_ONLY,
  READ_LATEST,
  REPLICATED_EXISTED,
  REPLICATED_FSYNCED,
  REPLICATE_FSYNC,
  REPLICATE_OVERWRITE,
  WRITE_HAS_CONTEXT,
  WRITTEN_EXISTED,
  WRITTEN_HAS_RECEIPT,
} from "./message-flags.ts";
import {
  CONFLICTS,
  CONFLICTS_PAGE,
  type ConflictCursor,
  type ConflictRow,
  COUNT,
  COUNTED,
  FIRST_DATA_TYPE,
  HINT,
  type LinkHandler,
  MESSAGE_HEADER_BYTES,
  type MessageHandler,
  READ,
  READ_REPLY,
  REPLICATE,
  REPLICATED,
  SCAN,
  SCANNED,
  TREE,
  TREE_REPLY,
  WRITE,
  WRITE_DELETE,
  WRITE_FALLBACKS,
  WRITE_FSYNC,
  WRITE_ONLY_IF_SEEN,
  WRITE_WANT_RECEIPT,
  WRITTEN,
} from "./messages.ts";
import { decodePaxosMessage } from "./paxos-messages.ts";
import { readNumbers, readReceipt } from "./receipt.ts";

const WRITE_FLAGS =
  WRITE_DELETE | WRITE_FSYNC | WRITE_WANT_RECEIPT | WRITE_HAS_CONTEXT | WRITE_ONLY_IF_SEEN | WRITE_FALLBACKS;

export class MessageDecoder {
  readonly #handler: MessageHandler;
  readonly #reader = new ByteReader();
  #failure = "";

  constructor(handler: MessageHandler) {
    this.#handler = handler;
  }

  /** What was wrong with the payload decoded last; empty if nothing was. */
  get failure(): string {
    return this.#failure;
  }

  /**
   * Dispatches the messages in `bytes[from .. to)`, in order, as long as the link stays open. False: one of them
   * makes no sense; `failure` says which.
   */
  decode(bytes: Bytes, from: number, to: number, link: LinkHandler): boolean {
    const reader = this.#reader;
    this.#failure = "";
    let at = from;
    while (at < to && link.open) {
      reader.reset(bytes, at, to);
      const length = reader.u32();
      const type = reader.u8();
      const end = at + 4 + length;
      if (reader.failed || length === 0 || end > to)
        return this.#fail("a message does not fit into its frame");
      reader.reset(bytes, at + MESSAGE_HEADER_BYTES, end);
      const good =
        type < FIRST_DATA_TYPE ? decodeLinkMessage(type, reader, link) : this.#decodeData(type, link);
      if (!good) return this.#fail(`a message of type ${type} is malformed, unknown or out of place`);
      at = end;
    }
    return true;
  }

  #fail(violation: string): false {
    this.#failure = violation;
    return false;
  }

  #decodeData(type: number, link: LinkHandler): boolean {
    if (!link.up) return false;
    switch (type) {
      case REPLICATE:
        return this.#replicate(link.peer);
      case HINT:
        return this.#hint(link.peer);
      case REPLICATED:
        return this.#replicated(link.peer);
      case READ:
        return this.#read(link.peer);
      case READ_REPLY:
        return this.#readReply(link.peer);
      case WRITE:
        return this.#write(link.peer);
      case WRITTEN:
        return this.#written(link.peer);
      case COUNT:
        return this.#count(link.peer);
      case COUNTED:
        return this.#counted(link.peer);
      case SCAN:
        return this.#scan(link.peer);
      case SCANNED:
        return this.#scanned(link.peer);
      case CONFLICTS:
        return this.#conflicts(link.peer);
      case CONFLICTS_PAGE:
        return this.#conflictsPage(link.peer);
      case TREE:
        return this.#tree(link.peer);
      case TREE_REPLY:
        return this.#treeReply(link.peer);
      default:
        return decodePaxosMessage(type, this.#reader, link.peer, this.#handler);
    }
  }

  #replicate(peer: number): boolean {
    const reader = this.#reader;
    const id = reader.u32();
    const deadline = reader.u64();
    const flags = reader.u8();
    const storageKey = reader.bytes(reader.u16());
    const record = reader.bytes(reader.u32());
    if (!reader.complete || (flags & ~(REPLICATE_FSYNC | REPLICATE_OVERWRITE)) !== 0) return false;
    const fsync = (flags & REPLICATE_FSYNC) !== 0;
    const overwrite = (flags & REPLICATE_OVERWRITE) !== 0;
    this.#handler.onReplicate(peer, id, deadline, fsync, overwrite, storageKey, record);
    return true;
  }

  #hint(peer: number): boolean {
    const reader = this.#reader;
    const id = reader.u32();
    const deadline = reader.u64();
    const flags = reader.u8();
    const target = reader.u32();
    const storageKey = reader.bytes(reader.u16());
    const record = reader.bytes(reader.u32());
    if (!reader.complete || (flags & ~(REPLICATE_FSYNC | REPLICATE_OVERWRITE)) !== 0) return false;
    const fsync = (flags & REPLICATE_FSYNC) !== 0;
    const overwrite = (flags & REPLICATE_OVERWRITE) !== 0;
    this.#handler.onHint(peer, id, deadline, fsync, overwrite, target, storageKey, record);
    return true;
  }

  #replicated(peer: number): boolean {
    const reader = this.#reader;
    const id = reader.u32();
    const code = outcomeOfWire(reader.u8());
    const flags = reader.u8();
    const uncovered = reader.bytes(reader.u32());
    if (!reader.complete || code === null) return false;
    if ((flags & ~(REPLICATED_FSYNCED | REPLICATED_EXISTED)) !== 0) return false;
    const fsynced = (flags & REPLICATED_FSYNCED) !== 0;
    const existed = (flags & REPLICATED_EXISTED) !== 0;
    this.#handler.onReplicated(peer, id, code, fsynced, existed, uncovered);
    return true;
  }

  #read(peer: number): boolean {
    const reader = this.#reader;
    const id = reader.u32();
    const deadline = reader.u64();
    const flags = reader.u8();
    const storageKey = reader.bytes(reader.u16());
    if (!reader.complete || (flags & ~(READ_HEAD_ONLY | READ_LATEST)) !== 0) return false;
    const latest = (flags & READ_LATEST) !== 0;
    this.#handler.onRead(peer, id, deadline, (flags & READ_HEAD_ONLY) !== 0, latest, storageKey);
    return true;
  }

  #readReply(peer: number): boolean {
    const reader = this.#reader;
    const id = reader.u32();
    const code = outcomeOfWire(reader.u8());
    const flags = reader.u8();
    const bytes = reader.bytes(reader.u32());
    if (!reader.complete || code === null || (flags & ~READ_HEAD_ONLY) !== 0) return false;
    this.#handler.onReadReply(peer, id, code, (flags & READ_HEAD_ONLY) !== 0, bytes);
    return true;
  }

  #write(peer: number): boolean {
    const reader = this.#reader;
    const id = reader.u32();
    const deadline = reader.u64();
    const flags = reader.u8();
    const namespace = reader.u16();
    const w = (reader.u16() << 16) >> 16;
    const expiryMs = reader.u64();
    const key = reader.bytes(reader.u16());
    const value = reader.bytes(reader.u32());
    const token = (flags & WRITE_HAS_CONTEXT) === 0 ? null : latin1Decode(reader.bytes(reader.u16()));
    if (!reader.complete || (flags & ~WRITE_FLAGS) !== 0 || w < -1) return false;
    const plain = flags & ~WRITE_HAS_CONTEXT;
    this.#handler.onWrite(peer, id, deadline, plain, namespace, w, expiryMs, key, value, token);
    return true;
  }

  #written(peer: number): boolean {
    const reader = this.#reader;
    const id = reader.u32();
    const code = outcomeOfWire(reader.u8());
    const flags = reader.u8();
    const text = utf8Decode(reader.bytes(reader.u16()));
    const receipt = (flags & WRITTEN_HAS_RECEIPT) === 0 ? null : readReceipt(reader);
    if (!reader.complete || code === null) return false;
    if ((flags & ~(WRITTEN_EXISTED | WRITTEN_HAS_RECEIPT)) !== 0) return false;
    this.#handler.onWritten(peer, id, code, (flags & WRITTEN_EXISTED) !== 0, text, receipt);
    return true;
  }

  #count(peer: number): boolean {
    const reader = this.#reader;
    const id = reader.u32();
    const deadline = reader.u64();
    const namespace = reader.u16();
    const partitions = readNumbers(reader, reader.u16(), 2);
    if (!reader.complete) return false;
    this.#handler.onCount(peer, id, deadline, namespace, partitions);
    return true;
  }

  #counted(peer: number): boolean {
    const reader = this.#reader;
    const id = reader.u32();
    const code: OutcomeCode | null = outcomeOfWire(reader.u8());
    const keys = reader.u64();
    if (!reader.complete || code === null) return false;
    this.#handler.onCounted(peer, id, code, keys);
    return true;
  }

  #scan(peer: number): boolean {
    const reader = this.#reader;
    const id = reader.u32();
    const deadline = reader.u64();
    const namespace = reader.u16();
    const rows = reader.u16();
    const slotEnd = reader.u16();
    const from = reader.bytes(reader.u16());
    if (!reader.complete) return false;
    this.#handler.onScan(peer, id, deadline, namespace, rows, slotEnd, from);
    return true;
  }

  #scanned(peer: number): boolean {
    const reader = this.#reader;
    const id = reader.u32();
    const code = outcomeOfWire(reader.u8());
    const next = reader.bytes(reader.u16());
    const rows = reader.bytes(reader.u32());
    if (!reader.complete || code === null) return false;
    this.#handler.onScanned(peer, id, code, next, rows);
    return true;
  }

  #tree(peer: number): boolean {
    const reader = this.#reader;
    const id = reader.u32();
    const deadline = reader.u64();
    const level = reader.u8();
    const ids = readNumbers(reader, reader.u16(), 4);
    const from = reader.bytes(reader.u16());
    if (!reader.complete) return false;
    this.#handler.onTree(peer, id, deadline, level, ids, from);
    return true;
  }

  #treeReply(peer: number): boolean {
    const reader = this.#reader;
    const id = reader.u32();
    const code = outcomeOfWire(reader.u8());
    const next = reader.bytes(reader.u16());
    const bytes = reader.bytes(reader.u32());
    if (!reader.complete || code === null) return false;
    this.#handler.onTreeReply(peer, id, code, next, bytes);
    return true;
  }

  #conflicts(peer: number): boolean {
    const reader = this.#reader;
    const id = reader.u32();
    const deadline = reader.u64();
    const flags = reader.u8();
    const namespace = reader.u16();
    const count = reader.u16();
    const below = this.#cursor((flags & CONFLICTS_HAS_CURSOR) !== 0);
    const bytes = reader.bytes(reader.u16());
    const hasKey = (flags & CONFLICTS_HAS_KEY) !== 0;
    if (!reader.complete || (flags & ~(CONFLICTS_HAS_CURSOR | CONFLICTS_HAS_KEY)) !== 0) return false;
    if (!hasKey && bytes.length > 0) return false;
    this.#handler.onConflicts(peer, id, deadline, { namespace, key: hasKey ? bytes : null, count, below });
    return true;
  }

  #conflictsPage(peer: number): boolean {
    const reader = this.#reader;
    const id = reader.u32();
    const code = outcomeOfWire(reader.u8());
    const flags = reader.u8();
    const through = this.#cursor((flags & CONFLICTS_HAS_CURSOR) !== 0);
    const count = reader.u16();
    const rows: ConflictRow[] = [];
    for (let i = 0; i < count && !reader.failed; i++) {
      const number = reader.u32();
      rows.push({ number, row: reader.bytes(reader.u32()) });
    }
    if (!reader.complete || code === null || (flags & ~CONFLICTS_HAS_CURSOR) !== 0) return false;
    this.#handler.onConflictsPage(peer, id, code, rows, through);
    return true;
  }

  /** Zeros where there is none: each message has one form. */
  #cursor(isThere: boolean): ConflictCursor | null {
    const reader = this.#reader;
    const cursor = { instant: reader.u64(), member: reader.u32(), number: reader.u32() };
    if (isThere) return cursor;
    if (cursor.instant !== 0 || cursor.member !== 0 || cursor.number !== 0) reader.fail();
    return null;
  }
}
