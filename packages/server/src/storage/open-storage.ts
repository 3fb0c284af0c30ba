/**
 * Opens a member's storage on a real disk: the directory, the engine and its lock, then identity and recovery by
 * core. The directory belongs to the storage alone:
 *
 *   DIR/identity, DIR/journal-*.log   the journal
 *   DIR/engine/                       RocksDB
 */
import { existsSync, mkdirSync, readdirSync, realpathSync } from "node:fs";
import { unlink } from "node:fs/promises";
import { join } from "node:path";
import {
  type Events,
  type Files,
  IDENTITY_FILE,
  type JournaledStorage,
  type JournalLimits,
  openJournaledStorage,
  type RecoveryReport,
  type Resolver,
  type StorageRefusal,
} from "@kvorum/core";
import type { EngineRefusal } from "./engine-refusal.ts";
import { NodeFiles } from "./node-files.ts";
import { openRocksEngine, type RocksEngine } from "./rocks-engine.ts";

const DIR_MODE = 0o700;
/** What may be in a directory that nobody has claimed yet: traces of an attempt that was cut short, and the disk's own. */
const UNCLAIMED = new Set(["engine", `${IDENTITY_FILE}.tmp`, "lost+found"]);

export interface OpenStorageOptions {
  readonly dir: string;
  /** The cluster's name. */
  readonly cluster: string;
  readonly memberId: number;
  /** Program and release, such as `kvorum 0.1.0`. */
  readonly createdBy: string;
  readonly events: Events;
  readonly resolver: Resolver;
  /** Called whenever the disk has answered and core has run: arm the end of the turn. */
  readonly onInput: () => void;
  readonly limits?: JournalLimits;
  /** Stands between the journal and the disk, for tests of power cuts. */
  readonly wrapFiles?: (files: Files) => Files;
}

export interface OpenedStorage {
  readonly kind: "opened";
  readonly storage: JournaledStorage;
  readonly engine: RocksEngine;
  readonly report: RecoveryReport;
  /** Flushes and lets go of everything; no appends may follow. Must not be called after a failure: exit then. */
  readonly close: () => Promise<void>;
}

export interface RefusedStorage {
  readonly kind: "refused";
  readonly code: StorageRefusal["code"] | EngineRefusal["code"] | "DIRECTORY" | "NOT_EMPTY";
  readonly text: string;
}

export async function openStorage(options: OpenStorageOptions): Promise<OpenedStorage | RefusedStorage> {
  const place = prepareDirectory(options.dir);
  if (typeof place !== "string") return place;
  const { onInput, wrapFiles = sameFiles } = options;
  const path = join(place, "engine");
  const createIfMissing = !existsSync(join(place, IDENTITY_FILE));
  const engine = await openRocksEngine({ path, createIfMissing, onAnswered: onInput });
  if ("code" in engine) return { kind: "refused", ...engine };
  await removeOldLogs(path);
  const files = new NodeFiles(place, onInput);
  const closeParts = async () => {
    await engine.close();
    files.dispose();
  };
  const opening = await openJournal(options, place, wrapFiles(files), engine);
  if (opening.kind === "refused") {
    await closeParts();
    return opening;
  }
  const { storage, report } = opening;
  const close = async () => {
    await closeJournal(storage);
    await closeParts();
  };
  return { kind: "opened", storage, engine, report, close };
}

/** The directory's real path, so that the engine's lock knows it by any name. */
function prepareDirectory(dir: string): string | RefusedStorage {
  try {
    mkdirSync(dir, { recursive: true, mode: DIR_MODE });
    const place = realpathSync(dir);
    const strangers = existsSync(join(place, IDENTITY_FILE))
      ? []
      : readdirSync(place).filter((name) => !UNCLAIMED.has(name) && !name.startsWith("journal-"));
    if (strangers.length === 0) return place;
    const some = strangers.slice(0, 3).join(", ");
    return {
      kind: "refused",
      code: "NOT_EMPTY",
      text: `${place} holds other files (${some}) and no member's data; give the member a directory of its own`,
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      kind: "refused",
      code: "DIRECTORY",
      text: `the data directory ${dir} cannot be used (${reason}); make it, and give this user the right to read and write it`,
    };
  }
}

interface JournalOpened {
  readonly kind: "opened";
  readonly storage: JournaledStorage;
  readonly report: RecoveryReport;
}

function openJournal(
  options: OpenStorageOptions,
  place: string,
  files: Files,
  engine: RocksEngine,
): Promise<JournalOpened | RefusedStorage> {
  const { cluster, memberId, createdBy, events, resolver, limits } = options;
  const parts = { files, engine, events, resolver, cluster, member: memberId, createdBy, place };
  return new Promise((resolve) => {
    openJournaledStorage(limits === undefined ? parts : { ...parts, limits }, {
      onStorageOpened: (storage, report) => resolve({ kind: "opened", storage, report }),
      onStorageRefused: (refusal) => resolve({ kind: "refused", ...refusal }),
    });
  });
}

function closeJournal(storage: JournaledStorage): Promise<void> {
  return new Promise((resolve) => {
    storage.close({ onStored: () => resolve(), onRows: () => undefined }, 0);
  });
}

/** RocksDB begins a log for people at each start and keeps a thousand old ones. */
async function removeOldLogs(path: string): Promise<void> {
  const old = readdirSync(path).filter((name) => name.startsWith("LOG.old."));
  for (const name of old.sort().slice(0, -2)) await unlink(join(path, name));
}

function sameFiles(files: Files): Files {
  return files;
}
