/**
 * The files of the journal: one segment that grows, and older ones that wait until the engine holds all they cover.
 * It writes what it is given, begins a new segment when told to, and removes old ones. One round at a time.
 *
 * A segment is used only when its header and its name are surely on the disk, and the one before has been synced
 * to its end; so between two segments nothing can be missing but by damage. Old segments are removed one by one,
 * the oldest first, each surely gone before the next; so what is left has no gaps.
 */
import type { Bytes } from "../base/bytes.ts";
import type { FileError, FileHandle, Files, FileUser } from "../ports/files.ts";
import { journalFailureText, type JournalOperation } from "./journal-failure.ts";
import { encodeSegmentHeader, SEGMENT_HEADER_BYTES, segmentName, segmentSeed } from "./segment-header.ts";

export interface SegmentLogUser {
  /** The segment begun last takes rounds. */
  onSegmentReady(): void;
  onBytesWritten(): void;
  onBytesSynced(): void;
  onClosed(): void;
  /** Nothing may be answered or written any more. Called once, and nothing else after it. */
  onLogFailed(text: string): void;
}

export interface SegmentOwner {
  readonly cluster: string;
  readonly member: number;
}

/** A segment that takes no more rounds. */
export interface SealedSegment {
  readonly number: number;
  readonly lastSequence: number;
  readonly bytes: number;
}

const SEAL_SYNC = 1;
const SEAL_CLOSE = 2;
const CREATE = 3;
const HEADER_WRITE = 4;
const HEADER_SYNC = 5;
const CREATED_SYNC = 6;
const WRITE = 7;
const SYNC = 8;
const CLOSE = 9;
const REMOVE = 10;
const REMOVED_SYNC = 11;

const OPERATIONS: Readonly<Record<number, JournalOperation>> = {
  [SEAL_SYNC]: "fsync",
  [SEAL_CLOSE]: "close",
  [CREATE]: "create",
  [HEADER_WRITE]: "write",
  [HEADER_SYNC]: "fsync",
  [CREATED_SYNC]: "fsync of the directory of",
  [WRITE]: "write",
  [SYNC]: "fsync",
  [CLOSE]: "close",
  [REMOVE]: "remove",
  [REMOVED_SYNC]: "fsync of the directory of",
};

const NO_FILE = -1;

export class SegmentLog implements FileUser {
  readonly #files: Files;
  readonly #owner: SegmentOwner;
  readonly #user: SegmentLogUser;
  /** The oldest first. */
  readonly #sealed: SealedSegment[];
  #number: number;
  #file: FileHandle = NO_FILE;
  #header: Bytes = new Uint8Array(SEGMENT_HEADER_BYTES);
  #bytes = 0;
  #sealedBytes = 0;
  #lastSequence = 0;
  #hasUnsynced = false;
  #removeThrough = -1;
  #isRemoving = false;
  #isClosing = false;
  #hasFailed = false;

  /** `sealed`: the segments of earlier lives, the oldest first. `number`: the highest ever used here. */
  constructor(
    files: Files,
    owner: SegmentOwner,
    sealed: readonly SealedSegment[],
    number: number,
    user: SegmentLogUser,
  ) {
    this.#files = files;
    this.#owner = owner;
    this.#sealed = [...sealed];
    for (const segment of sealed) this.#sealedBytes += segment.bytes;
    this.#number = number;
    this.#user = user;
  }

  /** The CRC seed of the segment that grows. */
  get seed(): number {
    return segmentSeed(this.#header);
  }

  /** The size of all segments together. */
  get bytes(): number {
    return this.#bytes + this.#sealedBytes;
  }

  get segments(): number {
    return this.#sealed.length + (this.#file === NO_FILE ? 0 : 1);
  }

  /** Whether a round of this size would make the segment larger than it may be. One round always fits. */
  isFull(roundBytes: number, segmentBytesMax: number): boolean {
    return this.#bytes > SEGMENT_HEADER_BYTES && this.#bytes + roundBytes > segmentBytesMax;
  }

  /** Ends the current segment, if there is one, and begins the next; `onSegmentReady` follows. */
  begin(firstSequence: number, flushedThrough: number): void {
    this.#lastSequence = firstSequence - 1;
    this.#header = encodeSegmentHeader({
      ...this.#owner,
      number: this.#number + 1,
      firstSequence,
      flushedThrough,
    });
    if (this.#file === NO_FILE) this.#create();
    else if (this.#hasUnsynced) this.#files.datasync(this.#file, this, SEAL_SYNC);
    else this.#files.close(this.#file, this, SEAL_CLOSE);
  }

  /** Appends a round; `onBytesWritten` follows. */
  write(bytes: Bytes, length: number): void {
    this.#hasUnsynced = true;
    this.#bytes += length;
    this.#files.write(this.#file, bytes, length, this, WRITE);
  }

  /** Makes everything written durable; `onBytesSynced` follows. */
  sync(): void {
    this.#files.datasync(this.#file, this, SYNC);
  }

  /** Rounds up to this one are needed no more: the segments that hold nothing else go. */
  release(sequence: number): void {
    if (sequence <= this.#removeThrough) return;
    this.#removeThrough = sequence;
    this.#removeNext();
  }

  /** Closes the file when removals under way have ended; `onClosed` follows. */
  close(): void {
    this.#isClosing = true;
    if (!this.#isRemoving) this.#files.close(this.#file, this, CLOSE);
  }

  onFile(tag: number, error: FileError | null, result: number): void {
    if (this.#hasFailed) return;
    if (error !== null && !(tag === REMOVE && error.code === "ENOENT")) return this.#fail(tag, error);
    switch (tag) {
      case SEAL_SYNC:
        this.#hasUnsynced = false;
        return this.#files.close(this.#file, this, SEAL_CLOSE);
      case SEAL_CLOSE:
        return this.#onSealed();
      case CREATE:
        this.#file = result;
        return this.#files.write(result, this.#header, SEGMENT_HEADER_BYTES, this, HEADER_WRITE);
      case HEADER_WRITE:
        return this.#files.datasync(this.#file, this, HEADER_SYNC);
      case HEADER_SYNC:
        return this.#files.syncDirectory(this, CREATED_SYNC);
      case CREATED_SYNC:
        return this.#user.onSegmentReady();
      case WRITE:
        return this.#user.onBytesWritten();
      case SYNC:
        this.#hasUnsynced = false;
        return this.#user.onBytesSynced();
      case REMOVE:
        return this.#files.syncDirectory(this, REMOVED_SYNC);
      case REMOVED_SYNC:
        return this.#onRemoved();
      default:
        return this.#user.onClosed();
    }
  }

  onNames(): void {
    // The log never lists.
  }

  #onSealed(): void {
    this.#sealed.push({ number: this.#number, lastSequence: this.#lastSequence, bytes: this.#bytes });
    this.#sealedBytes += this.#bytes;
    this.#file = NO_FILE;
    this.#create();
    this.#removeNext();
  }

  #create(): void {
    this.#number++;
    this.#bytes = SEGMENT_HEADER_BYTES;
    this.#files.open(segmentName(this.#number), "create", this, CREATE);
  }

  #removeNext(): void {
    const oldest = this.#sealed[0];
    if (this.#isRemoving || oldest === undefined || oldest.lastSequence > this.#removeThrough) return;
    this.#isRemoving = true;
    this.#files.unlink(segmentName(oldest.number), this, REMOVE);
  }

  #onRemoved(): void {
    this.#sealedBytes -= this.#sealed.shift()?.bytes ?? 0;
    this.#isRemoving = false;
    this.#removeNext();
    if (this.#isClosing && !this.#isRemoving) this.#files.close(this.#file, this, CLOSE);
  }

  #fail(tag: number, error: FileError): void {
    this.#hasFailed = true;
    const isRemoval = tag === REMOVE || tag === REMOVED_SYNC;
    const number = isRemoval ? (this.#sealed[0]?.number ?? 0) : this.#number;
    this.#user.onLogFailed(journalFailureText(OPERATIONS[tag] ?? "write", segmentName(number), error));
  }
}
