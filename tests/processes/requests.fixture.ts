/** Requests as clients send them, and what their answers mean. */
import type { Redis } from "ioredis";

/** `refused`: nothing was written, for certain. */
export type Outcome = "acked" | "refused" | "unknown";

/** The codes that promise that nothing was written (README, "What each request promises"). */
const DEFINITE = /^(QUORUM|OVERLOADED|TOOLARGE|LIMIT|BADCONTEXT|CLOCK|DISKFULL|DAMAGED|LOADING|EPOCH)\b/;
const UNKNOWN = /^(TIMEOUT|UNKNOWN)\b/;
/** What the client library says when it had no connection, and when it lost the one that the request went out on. */
const UNSENT = /^Stream isn't writeable/;
const LOST = /Connection is closed|max retries per request|ECONNRESET|EPIPE|Command aborted/i;

export interface Answer {
  readonly outcome: Outcome;
  /** `OK`, the code of an error, `unsent` or `lost`. */
  readonly code: string;
  readonly reply: unknown;
}

/** Sends one request. Rejects on an answer that no promise covers. */
export async function ask(client: Redis, ...words: readonly [string, ...string[]]): Promise<Answer> {
  const [command, ...rest] = words;
  try {
    return { outcome: "acked", code: "OK", reply: await client.call(command, ...rest) };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const code = text.split(" ", 1)[0] ?? "";
    if (UNSENT.test(text)) return { outcome: "refused", code: "unsent", reply: null };
    if (LOST.test(text)) return { outcome: "unknown", code: "lost", reply: null };
    if (DEFINITE.test(text)) return { outcome: "refused", code, reply: null };
    if (UNKNOWN.test(text)) return { outcome: "unknown", code, reply: null };
    throw new Error(`${command} ${rest[0] ?? ""} answered: ${text}`, { cause: error });
  }
}

/** The answer of GET. */
export function bulkOf(reply: unknown): string | null {
  if (reply === null || typeof reply === "string") return reply;
  throw new Error(`GET answered ${JSON.stringify(reply)}`);
}

export interface Versions {
  /** Live ones, the newest first. */
  readonly values: readonly string[];
  readonly context: string;
}

/** Reads the answer of KV.GET in its RESP 2 form: maps are flat lists of names and values. */
export function versionsOf(reply: unknown): Versions {
  const versions = field(reply, "versions");
  const values = Array.isArray(versions) ? versions.map((version) => String(field(version, "value"))) : [];
  return { values, context: String(field(reply, "context")) };
}

export function field(map: unknown, name: string): unknown {
  if (!Array.isArray(map)) throw new Error(`no map with ${name}: ${JSON.stringify(map)}`);
  const list: readonly unknown[] = map;
  const at = list.indexOf(name);
  if (at < 0) throw new Error(`no ${name} in ${JSON.stringify(list).slice(0, 200)}`);
  return list[at + 1];
}
