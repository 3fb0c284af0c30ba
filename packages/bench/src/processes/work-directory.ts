/** A directory for one run: data of the servers, logs, sockets. It goes with the run. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BenchFailure, EXIT, wordsOf } from "../failure.ts";

export class WorkDirectory {
  readonly root: string;
  /** Whoever interrupts a run leaves nothing behind either. */
  readonly #onExit = (): void => this.remove();

  /** `parent`: on the disk that is to be measured; by default the system's directory for temporary files. */
  constructor(parent: string = tmpdir()) {
    try {
      this.root = mkdtempSync(join(parent, "kvorum-bench-"));
    } catch (error) {
      const why = `no directory can be made in ${parent} (${wordsOf(error)}); name another one with --dir`;
      throw new BenchFailure("DIRECTORY", why, EXIT.usage);
    }
    process.once("exit", this.#onExit);
  }

  /** Makes a directory below it. */
  make(name: string): string {
    const path = join(this.root, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  remove(): void {
    process.off("exit", this.#onExit);
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
