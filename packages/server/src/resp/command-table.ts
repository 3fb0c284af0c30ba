/**
 * Finds commands by the bytes of their names, whatever their case, without making strings of them: an
 * open-addressing table under a hash of the lower-cased bytes.
 */
import { assert, type Bytes } from "@kvorum/core";
import type { Command } from "./command.ts";

const LOWER = new Uint8Array(256).map((_, byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte));

interface Entry {
  readonly name: Bytes;
  readonly command: Command;
}

export class CommandTable {
  /** In order of name. */
  readonly commands: readonly Command[];
  readonly #entries: (Entry | undefined)[];
  readonly #mask: number;

  constructor(commands: readonly Command[]) {
    this.commands = commands.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    let size = 8;
    while (size < 4 * commands.length) size *= 2;
    this.#mask = size - 1;
    this.#entries = new Array<Entry | undefined>(size).fill(undefined);
    for (const found of commands) this.#add(found);
  }

  find(name: Bytes): Command | null {
    for (let at = hashOf(name) & this.#mask; ; at = (at + 1) & this.#mask) {
      const entry = this.#entries[at];
      if (entry === undefined) return null;
      if (sameName(entry.name, name)) return entry.command;
    }
  }

  #add(added: Command): void {
    const name = Buffer.from(added.name.slice(added.name.indexOf("|") + 1));
    assert(this.find(name) === null, "a command is named once");
    let at = hashOf(name) & this.#mask;
    while (this.#entries[at] !== undefined) at = (at + 1) & this.#mask;
    this.#entries[at] = { name, command: added };
  }
}

/** Names longer than any of ours need not be hashed to their end. */
const HASHED_MAX = 16;

function hashOf(name: Bytes): number {
  const length = Math.min(name.length, HASHED_MAX);
  let hash = name.length;
  for (let i = 0; i < length; i++) hash = (Math.imul(hash, 31) + (LOWER[name[i] ?? 0] ?? 0)) | 0;
  return hash ^ (hash >>> 15);
}

function sameName(lower: Bytes, name: Bytes): boolean {
  if (lower.length !== name.length) return false;
  for (let i = 0; i < name.length; i++) if (lower[i] !== LOWER[name[i] ?? 0]) return false;
  return true;
}

/** Whether the bytes are this lower-case word, whatever their case. */
export function isWord(bytes: Bytes, word: string): boolean {
  if (bytes.length !== word.length) return false;
  for (let i = 0; i < bytes.length; i++) if (LOWER[bytes[i] ?? 0] !== word.charCodeAt(i)) return false;
  return true;
}
