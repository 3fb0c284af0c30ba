/**
 * The laboratory of crashes: runs a storage over files and an engine that forget, stops it between any two
 * completions, and says everything that the disk may then hold. What is on a disk is an *image*; recovering it is
 * a pure function, so its results are remembered by image.
 */
import { type Bytes, copyBytes, EMPTY_BYTES } from "../base/bytes.ts";
import { latin1Encode } from "../base/utf8.ts";
import type { Engine } from "../ports/engine.ts";
import type { Events } from "../ports/events.ts";
import type { FileError, Files } from "../ports/files.ts";
import type { Durability, Storage } from "../ports/storage.ts";
import { MemoryEngine, type MemoryRows } from "./memory-engine.ts";
import type { JournaledStorage } from "./journaled-storage.ts";
import { openJournaledStorage } from "./journaled-storage-open.ts";
import { LAST_WINS } from "./recovery-page.ts";
import type { StorageRefusal } from "./recovery-refusal.ts";
import { DeferredWork } from "./deferred-work.fixture.ts";
import {
  type DiskContents,
  type FileFault,
  ForgetfulFiles,
  KEEP_EVERYTHING,
  KEEP_NOTHING,
  type Survival,
} from "./forgetful-files.ts";

export interface Image {
  readonly files: DiskContents;
  readonly rows: MemoryRows;
  /** Equal images have equal keys. */
  readonly key: string;
}

export const EMPTY_DISK: Image = { files: new Map(), rows: [], key: "" };

export interface LabOptions {
  readonly segmentBytesMax: number;
  /** Put between the storage and its files or its engine: what lies about them. */
  readonly wrapFiles?: (files: Files) => Files;
  readonly wrapEngine?: (engine: Engine) => Engine;
  /** Makes the faults of one life; a recovery has none. */
  readonly fault?: () => FileFault;
}

/** How the power may go. */
const survivals: readonly Survival[] = [
  KEEP_NOTHING,
  KEEP_EVERYTHING,
  { keepsSector: () => true, keepsChange: () => false },
  { keepsSector: () => false, keepsChange: () => true },
  { keepsSector: (_, sector) => sector % 2 === 0, keepsChange: () => true },
  { keepsSector: (_, sector) => sector % 2 === 1, keepsChange: () => true },
  { keepsSector: (_, sector) => sector !== 6, keepsChange: () => true },
  { keepsSector: (_, sector) => sector < 6, keepsChange: (index) => index % 2 === 0 },
  { keepsSector: (_, sector) => sector >= 6, keepsChange: (index) => index % 2 === 1 },
];

/** How many of the engine's unflushed writes its own log may have saved. */
const engineWrites: readonly number[] = [0, 1, Number.POSITIVE_INFINITY];

const SECTOR_BYTES = 32;

/** One life of a storage, from its opening to wherever it is stopped. */
export class Life {
  readonly work = new DeferredWork();
  readonly files: ForgetfulFiles;
  readonly engine: MemoryEngine;
  readonly fatals: string[] = [];
  storage: JournaledStorage | null = null;
  refusal: StorageRefusal | null = null;

  constructor(image: Image, options: LabOptions, fault: FileFault | null = null) {
    const { segmentBytesMax, wrapFiles = same, wrapEngine = same } = options;
    this.files = new ForgetfulFiles(this.work.defer, image.files, {
      sectorBytes: SECTOR_BYTES,
      ...(fault === null ? {} : { fault }),
    });
    this.engine = new MemoryEngine(this.work.defer, image.rows);
    const events: Events = {
      event: () => undefined,
      fatal: (code, text) => this.fatals.push(`${code}: ${text}`),
    };
    openJournaledStorage(
      {
        files: wrapFiles(this.files),
        engine: wrapEngine(this.engine),
        events,
        resolver: LAST_WINS,
        cluster: "lab",
        member: 1,
        createdBy: "lab",
        place: "data",
        limits: { segmentBytesMax, roundBytesMax: 4096, engineLagMax: 2 },
      },
      {
        onStorageOpened: (storage) => (this.storage = storage),
        onStorageRefused: (refusal) => (this.refusal = refusal),
      },
    );
  }

  /** Runs to the end of the opening, or until nothing is left to happen. */
  open(): void {
    while (this.storage === null && this.refusal === null && this.work.step());
  }

  /** Rises whenever a crash may leave something else than before. */
  get changeCount(): number {
    return this.files.changeCount + this.engine.changeCount;
  }

  /** What a power cut now may leave. */
  imagesAfterPowerCut(): Image[] {
    return combine(
      (this.files.isAllDurable ? [KEEP_EVERYTHING] : survivals).map((survival) =>
        this.files.remains(survival),
      ),
      engineWrites.map((kept) => this.engine.remains(kept)),
    );
  }

  /** What the death of the process now may leave. */
  imagesAfterKill(): Image[] {
    return combine(
      (this.files.isWriting ? [0, 40, Number.POSITIVE_INFINITY] : [0]).map((bytes) =>
        this.files.remainsAfterKill(bytes),
      ),
      [this.engine.remains(Number.POSITIVE_INFINITY)],
    );
  }
}

/** All pairs, each once. */
function combine(contents: readonly DiskContents[], engines: readonly MemoryRows[]): Image[] {
  const filesByKey = new Map(contents.map((files) => [filesKey(files), files]));
  const rowsByKey = new Map(engines.map((rows) => [rowsKey(rows), rows]));
  const images: Image[] = [];
  for (const [left, files] of filesByKey) {
    for (const [right, rows] of rowsByKey) images.push({ files, rows, key: `${left}|${right}` });
  }
  return images;
}

function filesKey(files: DiskContents): string {
  let key = "";
  for (const name of [...files.keys()].sort()) key += `${name}:${textOf(files.get(name))};`;
  return key;
}

function rowsKey(rows: MemoryRows): string {
  return rows.map(([key, value]) => `${textOf(key)}=${textOf(value)}`).join(" ");
}

function textOf(bytes: Bytes = EMPTY_BYTES): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

function same<T>(it: T): T {
  return it;
}

/** What a recovered storage holds, by key; or why it was refused. */
export type Outcome = ReadonlyMap<string, string> | StorageRefusal;

function isRefused(outcome: Outcome): outcome is StorageRefusal {
  return "code" in outcome;
}

export class Recoveries {
  readonly #options: LabOptions;
  readonly #known = new Map<string, { readonly outcome: Outcome; readonly images: readonly Image[] }>();
  readonly #closures = new Map<string, readonly Outcome[]>();

  constructor(options: LabOptions) {
    this.#options = options;
  }

  /** How many different images were recovered. */
  get count(): number {
    return this.#known.size;
  }

  /** Every outcome of recovering the image when `cuts` recoveries may be cut off before one ends. */
  outcomes(image: Image, cuts: number): readonly Outcome[] {
    const closureKey = `${cuts} ${image.key}`;
    const known = this.#closures.get(closureKey);
    if (known !== undefined) return known;
    const { outcome, images } = this.#recover(image);
    const outcomes: Outcome[] = [outcome];
    if (cuts > 0) for (const next of images) outcomes.push(...this.outcomes(next, cuts - 1));
    const distinct = new Map(outcomes.map((each) => [outcomeKey(each), each]));
    const list = [...distinct.values()];
    this.#closures.set(closureKey, list);
    return list;
  }

  #recover(image: Image): { readonly outcome: Outcome; readonly images: readonly Image[] } {
    const known = this.#known.get(image.key);
    if (known !== undefined) return known;
    const life = new Life(image, this.#options);
    const images = new Map<string, Image>();
    let noted = -1;
    // To the end of the opening, and on until the old segments are gone.
    do {
      if (life.changeCount === noted) continue;
      noted = life.changeCount;
      for (const next of [...life.imagesAfterPowerCut(), ...life.imagesAfterKill()])
        images.set(next.key, next);
    } while (life.work.step());
    const outcome = life.refusal ?? contentsOf(life.engine);
    const found = { outcome, images: [...images.values()] };
    this.#known.set(image.key, found);
    return found;
  }
}

function contentsOf(engine: MemoryEngine): Map<string, string> {
  const rows = engine.remains(Number.POSITIVE_INFINITY);
  return new Map(rows.map(([key, value]) => [textOf(key), textOf(value)]));
}

function outcomeKey(outcome: Outcome): string {
  if (isRefused(outcome)) return `refused ${outcome.code}: ${outcome.text}`;
  return [...outcome].map(([key, value]) => `${key}=${value}`).join(" ");
}

export type Operation =
  | { readonly kind: "put" | "remove"; readonly key: string; readonly durability: Durability }
  | { readonly kind: "remove-range" };

/** What was done, and what was acknowledged: kept outside the storage, as a client would. */
export class Ledger {
  readonly operations: Operation[] = [];
  readonly #done: boolean[] = [];

  issue(storage: Storage, operation: Operation): void {
    const index = this.operations.push(operation) - 1;
    this.#done.push(false);
    const user = {
      onStored: () => {
        if (this.#done[index] === true) throw new Error("an append was answered twice");
        this.#done[index] = true;
      },
      onRows: () => undefined,
    };
    if (operation.kind === "remove-range")
      return storage.deleteRange(latin1Encode("a"), latin1Encode("z"), user, index);
    const value = operation.kind === "put" ? latin1Encode(valueOf(operation.key, index)) : null;
    storage.append(latin1Encode(operation.key), value, operation.durability, user, index);
  }

  /** Which operation was answered before an earlier one of the same durability; null when none was. */
  outOfTurn(): string | null {
    for (const durability of ["fsync", "os"]) {
      let isOpen = false;
      for (const [index, operation] of this.operations.entries()) {
        if ((operation.kind === "remove-range" ? "fsync" : operation.durability) !== durability) continue;
        if (this.#done[index] === true && isOpen) return `${operationText(operation)} at ${index}`;
        if (this.#done[index] !== true) isOpen = true;
      }
    }
    return null;
  }

  get acknowledged(): number {
    return this.#done.filter((done) => done).length;
  }

  get key(): string {
    const texts = this.operations.map(
      (operation, index) => `${operationText(operation)}${this.#done[index] === true ? "!" : "?"}`,
    );
    return texts.join(",");
  }

  /** What an outcome lacks, as a sentence; null when nothing is missing. */
  complaint(
    outcome: Outcome,
    start: ReadonlyMap<string, string>,
    after: "power cut" | "kill",
  ): string | null {
    if (isRefused(outcome)) return `recovery after a ${after} refused: ${outcome.code}: ${outcome.text}`;
    for (const key of ["a", "b"]) {
      const allowed = this.#allowed(key, start.get(key) ?? "", after);
      const found = outcome.get(key) ?? "";
      if (!allowed.has(found)) {
        return `after a ${after} and [${this.key}], ${key} is '${found}', not one of '${[...allowed].join("', '")}'`;
      }
    }
    return null;
  }

  /** The last operation on the key that has been answered; -1: none. */
  lastDone(key: string): number {
    return this.operations.findLastIndex(
      (operation, index) => concerns(operation, key) && this.#done[index] === true,
    );
  }

  /** Whether a read may answer this value when `lastDone` was this when it was asked; "" is absent. */
  mayRead(key: string, value: string, lastDone: number): boolean {
    if (lastDone < 0 && value === "") return true;
    return this.operations.some(
      (operation, index) =>
        index >= lastDone && concerns(operation, key) && valueAfter(operation, index) === value,
    );
  }

  /** The values that a key may have: that of the last operation which must not be lost, or of a later one. */
  #allowed(key: string, start: string, after: "power cut" | "kill"): Set<string> {
    let allowed = new Set([start]);
    this.operations.forEach((operation, index) => {
      if (!concerns(operation, key)) return;
      const isSynced = operation.kind === "remove-range" || operation.durability === "fsync";
      if (this.#done[index] === true && (isSynced || after === "kill")) allowed = new Set();
      allowed.add(valueAfter(operation, index));
    });
    return allowed;
  }
}

function concerns(operation: Operation, key: string): boolean {
  return operation.kind === "remove-range" || operation.key === key;
}

/** What the keys of an operation have after it; "" when they are removed. */
function valueAfter(operation: Operation, index: number): string {
  return operation.kind === "put" ? valueOf(operation.key, index) : "";
}

function valueOf(key: string, index: number): string {
  return `${key}${index}-of-some-length`;
}

function operationText(operation: Operation): string {
  if (operation.kind === "remove-range") return "remove a..z fsync";
  return `${operation.kind} ${operation.key} ${operation.durability}`;
}

/** A fault that strikes one call, counted among all. */
export function failAt(index: number, error: FileError): FileFault {
  return (call) => (call.index === index ? error : null);
}

/** A fault that strikes the nth call of a kind. */
export function failNth(operation: keyof Files, nth: number): FileFault {
  let seen = 0;
  return (call) =>
    call.operation === operation && ++seen === nth ? { code: "EIO", text: "i/o error" } : null;
}

/** Bytes with one bit turned over. */
export function flipBit(bytes: Bytes, bit: number): Bytes {
  const copy = copyBytes(bytes);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}
