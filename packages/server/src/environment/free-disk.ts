/** How much room the disk under a directory has, measured every second: a write must not wait for the answer. */
import { statfs, statfsSync, type StatsFs } from "node:fs";

const EVERY_MS = 1000;

export class FreeDisk {
  readonly #dir: string;
  readonly #timer: NodeJS.Timeout;
  #bytes: number;
  #totalBytes: number;

  /** Throws when the directory is not there. */
  constructor(dir: string) {
    this.#dir = dir;
    const stats = statfsSync(dir);
    this.#bytes = freeBytes(stats);
    this.#totalBytes = stats.blocks * stats.bsize;
    this.#timer = setInterval(() => this.#measure(), EVERY_MS);
    this.#timer.unref();
  }

  /** As last measured; what is reserved for the superuser does not count. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Of the whole disk. */
  get totalBytes(): number {
    return this.#totalBytes;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #measure(): void {
    statfs(this.#dir, (error, stats) => {
      // A disk that cannot even be asked has failed, and the journal will say so; nothing new is taken until then.
      this.#bytes = error === null ? freeBytes(stats) : 0;
      if (error === null) this.#totalBytes = stats.blocks * stats.bsize;
    });
  }
}

function freeBytes(stats: StatsFs): number {
  return stats.bavail * stats.bsize;
}
