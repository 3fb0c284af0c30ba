/** How much of the disk a data directory takes, measured now and then: nobody waits for the answer. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

const EVERY_MS = 10_000;

export class DataSize {
  readonly #dir: string;
  readonly #timer: NodeJS.Timeout;
  #bytes: number | null = null;
  #running = false;

  constructor(dir: string) {
    this.#dir = dir;
    this.#timer = setInterval(() => void this.measure(), EVERY_MS).unref();
    void this.measure();
  }

  /** As last measured; null before the first time, and while the directory cannot be read. */
  get bytes(): number | null {
    return this.#bytes;
  }

  /** Never rejects. */
  async measure(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      this.#bytes = await sizeOf(this.#dir);
    } catch {
      // Unreadable: the journal and the engine have more to say about that than a number would.
      this.#bytes = null;
    } finally {
      this.#running = false;
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

async function sizeOf(dir: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) bytes += await sizeOf(path).catch(absent);
    else if (entry.isFile()) bytes += await blocksOf(path).catch(absent);
  }
  return bytes;
}

/** What is allocated, not what is written: a journal's segment takes its room before it is filled. */
async function blocksOf(path: string): Promise<number> {
  return 512 * (await stat(path)).blocks;
}

/** The engine removes files while we look. */
function absent(error: unknown): number {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return 0;
  throw error;
}
