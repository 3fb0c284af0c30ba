/**
 * What is done with the journal of an earlier life before a new one begins: find the segments that still matter,
 * check all of them before anything is changed, replay them into the engine, flush it. The caller then begins a new
 * segment, whose header says that the old ones are not needed, and only then do they go. So a crash at any step
 * leaves a directory that the same procedure opens, and doing it twice does no harm.
 *
 * Refused, loudly: anything that must have been on stable storage and is not there any more. Forgiven: whatever a
 * crash may have taken from what was not synced.
 */
import type { Bytes } from "../base/bytes.ts";
import { checkIdentity, type StorageIdentity } from "./identity.ts";
import type { JournalStart } from "./journal.ts";
import { RecoveryPage, type Resolver } from "./recovery-page.ts";
import { findProofOfDamage, scanSegment, type SegmentScan } from "./recovery-scan.ts";
import type { StepRunner, Steps } from "./recovery-steps.ts";
import { type EntryVisitor, readRoundHeader, RoundEntries } from "./round-codec.ts";
import {
  readSegmentHeader,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
  segmentName,
  segmentNumber,
} from "./segment-header.ts";
import type { SealedSegment } from "./segment-log.ts";

const PAGE_ROWS_MAX = 1024;
const PAGE_BYTES_MAX = 4 * 1024 * 1024;

export interface RecoveryOptions {
  readonly identity: StorageIdentity;
  readonly resolver: Resolver;
  /** The directory's path, for people. */
  readonly place: string;
}

export interface RecoveryReport {
  /** Segments that were replayed. */
  readonly segments: number;
  readonly rounds: number;
  readonly entries: number;
  /** Bytes after the last valid round, which a crash had cut short. */
  readonly cutBytes: number;
}

export interface Recovered {
  readonly start: JournalStart;
  readonly report: RecoveryReport;
}

interface FoundSegment {
  readonly number: number;
  readonly name: string;
  readonly size: number;
  /** Null: never finished, so it never held a round. */
  readonly header: SegmentHeader | null;
  readonly seed: number;
}

interface NeededSegment extends FoundSegment {
  readonly header: SegmentHeader;
}

interface CheckedSegment {
  readonly segment: NeededSegment;
  readonly scan: SegmentScan;
}

export function* recover<Result>(runner: StepRunner<Result>, options: RecoveryOptions): Steps<Recovered> {
  const names = yield* runner.list();
  yield* checkIdentity(runner, names, options.identity, options.place);
  const found = yield* findSegments(runner, names, options);
  const needed = yield* chooseNeeded(runner, found, options.place);
  const checked = yield* checkSegments(runner, needed, options.place);
  const flushedThrough = highestFlushed(checked);
  yield* checkBeginning(runner, checked, flushedThrough, options.place);
  const replayed = yield* replaySegments(runner, checked, flushedThrough, options);
  yield* runner.engineFlush();
  const last = checked.at(-1);
  const cutBytes = last === undefined ? 0 : last.segment.size - last.scan.end;
  return {
    start: {
      sequence: last?.scan.lastSequence ?? 0,
      segments: found.map(toSealed),
      segmentNumber: found.at(-1)?.number ?? 0,
    },
    report: { segments: checked.length, ...replayed, cutBytes },
  };
}

/** After recovery the engine has all they hold, so they all may go. */
function toSealed({ number, size }: FoundSegment): SealedSegment {
  return { number, lastSequence: 0, bytes: size };
}

function* findSegments<Result>(
  runner: StepRunner<Result>,
  names: readonly string[],
  { identity, place }: RecoveryOptions,
): Steps<FoundSegment[]> {
  const numbers = names.map(segmentNumber).filter((number) => number >= 0);
  const found: FoundSegment[] = [];
  for (const number of numbers.sort((a, b) => a - b)) {
    const name = segmentName(number);
    const { bytes, size } = yield* runner.readBeginning(name, SEGMENT_HEADER_BYTES);
    const reading = readSegmentHeader(bytes);
    if (reading.kind === "newer") {
      yield* runner.refuse(
        "NEWER_FORMAT",
        `${place}/${name} was written in journal format ${reading.format} by a newer release; start the newer release`,
      );
    } else if (reading.kind === "invalid") {
      found.push({ number, name, size, header: null, seed: 0 });
    } else {
      const { header, seed } = reading;
      if (header.cluster !== identity.cluster) {
        yield* runner.refuse(
          "OTHER_CLUSTER",
          `${place}/${name} belongs to the cluster '${header.cluster}', not to '${identity.cluster}'; it was copied here from elsewhere; put the directory back as it was`,
        );
      }
      if (header.member !== identity.member || header.number !== number) {
        yield* runner.refuse(
          "OTHER_MEMBER",
          `${place}/${name} is segment ${header.number} of member ${header.member}; it was copied here from elsewhere; put the directory back as it was`,
        );
      }
      found.push({ number, name, size, header, seed });
    }
  }
  return found;
}

/** The segments that hold rounds which the engine's own files may lack, in order. */
function* chooseNeeded<Result>(
  runner: StepRunner<Result>,
  found: readonly FoundSegment[],
  place: string,
): Steps<NeededSegment[]> {
  const flushedThrough = found.findLast(({ header }) => header !== null)?.header?.flushedThrough ?? 0;
  const needed: NeededSegment[] = [];
  for (const { header, ...segment } of found.toReversed()) {
    const next = needed[0];
    if (next !== undefined && next.header.firstSequence <= flushedThrough + 1) break;
    if (header !== null) {
      if (next !== undefined && next.number !== segment.number + 1) break;
      needed.unshift({ ...segment, header });
    } else if (next !== undefined || segment.size > SEGMENT_HEADER_BYTES) {
      // A header is synced before anything comes after it, so something has changed this one since.
      yield* runner.refuse(
        "JOURNAL_DAMAGED",
        damageText(place, segment.name, 0, "its header is not readable"),
      );
    }
  }
  if (needed.length === 0) {
    if (yield* runner.engineHasAnyRow()) {
      yield* runner.refuse(
        "JOURNAL_MISSING",
        `${place} holds data but no journal, so acknowledged writes may be missing; put the journal-*.log files back, or start with an empty directory and let the other members fill it`,
      );
    }
  }
  return needed;
}

function* checkSegments<Result>(
  runner: StepRunner<Result>,
  needed: readonly NeededSegment[],
  place: string,
): Steps<CheckedSegment[]> {
  const checked: CheckedSegment[] = [];
  for (const [index, segment] of needed.entries()) {
    const { header, name, seed } = segment;
    const bytes = yield* runner.readFile(name);
    const scan = scanSegment(bytes, header.firstSequence, seed);
    const next = needed[index + 1]?.header ?? null;
    if (next !== null && next.firstSequence !== scan.lastSequence + 1) {
      yield* runner.refuse(
        "JOURNAL_DAMAGED",
        damageText(
          place,
          name,
          scan.end,
          `round ${scan.lastSequence + 1} is not valid, but the next segment begins with round ${next.firstSequence}`,
        ),
      );
    }
    if (next === null) {
      const proof = findProofOfDamage(bytes, scan, seed);
      if (proof >= 0) {
        yield* runner.refuse(
          "JOURNAL_DAMAGED",
          damageText(
            place,
            name,
            scan.end,
            `round ${scan.lastSequence + 1} is not valid, but the round at byte ${proof} was written when it was on stable storage`,
          ),
        );
      }
    }
    checked.push({ segment, scan });
  }
  return checked;
}

/** The highest claim in what was checked; the engine's own files hold every round up to it. */
function highestFlushed(checked: readonly CheckedSegment[]): number {
  let highest = 0;
  for (const { segment, scan } of checked) {
    highest = Math.max(highest, segment.header.flushedThrough, scan.flushedThrough);
  }
  return highest;
}

/** A segment goes only after a claim about it is on stable storage, so without one it has been taken away. */
function* checkBeginning<Result>(
  runner: StepRunner<Result>,
  checked: readonly CheckedSegment[],
  flushedThrough: number,
  place: string,
): Steps<void> {
  const first = checked[0]?.segment;
  if (first === undefined || first.header.firstSequence <= flushedThrough + 1) return;
  const gap = `rounds ${flushedThrough + 1} to ${first.header.firstSequence - 1}`;
  const finding = `the segment before it is missing, and ${gap} with it`;
  yield* runner.refuse("JOURNAL_DAMAGED", damageText(place, first.name, 0, finding));
}

function damageText(place: string, name: string, offset: number, finding: string): string {
  return `${place}/${name} is damaged at byte ${offset}: ${finding}; acknowledged writes may be lost here, so the member does not start; check the disk, move ${place} away and start with an empty directory, which the other members fill`;
}

function* replaySegments<Result>(
  runner: StepRunner<Result>,
  checked: readonly CheckedSegment[],
  flushedThrough: number,
  { resolver, place }: RecoveryOptions,
): Steps<{ readonly rounds: number; readonly entries: number }> {
  const replay = new Replay(resolver);
  for (const { segment, scan } of checked) {
    if (scan.lastSequence <= flushedThrough) continue;
    const bytes = yield* runner.readFile(segment.name);
    for (let at = SEGMENT_HEADER_BYTES; at < scan.end;) {
      const header = readRoundHeader(bytes, at, segment.seed, 1, scan.lastSequence);
      if (header === null) {
        return yield* runner.refuse(
          "JOURNAL_DAMAGED",
          damageText(place, segment.name, at, "it reads differently each time"),
        );
      }
      if (header.sequence > flushedThrough) yield* replay.round(runner, new RoundEntries(bytes, at, header));
      at += header.length;
    }
    // Before the bytes of this segment, which the page points into, make room for those of the next.
    yield* replay.writePage(runner);
  }
  return { rounds: replay.rounds, entries: replay.entries };
}

class Replay implements EntryVisitor {
  readonly #page: RecoveryPage;
  #range: readonly [Bytes, Bytes] | null = null;
  rounds = 0;
  entries = 0;

  constructor(resolver: Resolver) {
    this.#page = new RecoveryPage(resolver);
  }

  *round<Result>(runner: StepRunner<Result>, entries: RoundEntries): Steps<void> {
    this.rounds++;
    while (entries.next(this)) {
      this.entries++;
      const range = this.#range;
      if (range !== null) {
        this.#range = null;
        yield* this.writePage(runner);
        yield* runner.engineDeleteRange(range[0], range[1]);
      } else if (this.#page.rows >= PAGE_ROWS_MAX || this.#page.bytes >= PAGE_BYTES_MAX) {
        yield* this.writePage(runner);
      }
    }
  }

  *writePage<Result>(runner: StepRunner<Result>): Steps<void> {
    if (this.#page.rows === 0) return;
    const read = this.#page.keysToRead();
    const existing = read.length === 0 ? [] : yield* runner.engineGet(read);
    const { keys, values } = this.#page.take(existing);
    yield* runner.engineWrite(keys, values);
  }

  onPut(key: Bytes, value: Bytes): void {
    this.#page.put(key, value);
  }

  onRemove(key: Bytes): void {
    this.#page.remove(key);
  }

  onRemoveRange(from: Bytes, to: Bytes): void {
    this.#range = [from, to];
  }
}
