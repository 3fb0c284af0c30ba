/** Runs the built `kvorum` as people do, and makes sure that nothing of it is left behind. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { vi } from "vitest";
import { takenPorts } from "./dev/ports.ts";

const launcher = fileURLToPath(new URL("../bin/kvorum.js", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The next base from `from` on whose ports, base + 1 to base + 299, are free as far as tests use them. */
export async function freeBase(from: number): Promise<number> {
  for (let base = from; base < 32_000; base += 300) {
    const wanted = [0, 100, 200].flatMap((kind) =>
      [1, 2, 3, 4].map((id) => ({ port: base + kind + id, use: "" })),
    );
    if ((await takenPorts(wanted)).length === 0) return base;
  }
  throw new Error("no ports are free for this test");
}

/** A command that runs, with what it has said so far. */
export class Running {
  readonly child: ChildProcess;
  out = "";
  err = "";
  readonly ended: Promise<Ended>;

  constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.on("data", (chunk: Buffer) => (this.out += chunk.toString()));
    child.stderr?.on("data", (chunk: Buffer) => (this.err += chunk.toString()));
    this.ended = new Promise((resolve) => {
      child.on("close", (code) => resolve({ code, out: this.out, err: this.err }));
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Resolves when stdout contains the text; fails when the process ends without having said it. */
  async says(text: string, timeoutMs = 30_000): Promise<void> {
    await vi.waitFor(
      () => {
        if (!this.out.includes(text)) throw new Error(`no "${text}" in:\n${this.out}${this.err}`);
      },
      { timeout: timeoutMs, interval: 20 },
    );
  }
}

export interface DevMember {
  readonly id: number;
  readonly name: string;
  readonly pid: number;
  readonly state: string;
  readonly resp: string;
  readonly data: string;
  readonly log: string;
}

export interface DevJson {
  readonly cluster: string;
  readonly pid: number;
  readonly control: string;
  readonly members: readonly DevMember[];
  readonly cuts: readonly { readonly from: number; readonly to: number }[];
}

/** A directory of its own for one test file, and every process that has to do with it. */
export class Workshop {
  readonly root = mkdtempSync(join(tmpdir(), "kvorum-process-"));
  readonly #children: ChildProcess[] = [];

  path(...names: string[]): string {
    return join(this.root, ...names);
  }

  /** Begins `kvorum WORDS…` in this directory. `shell` stands before it, such as `ulimit -f 10`. */
  begin(words: readonly string[], options: { shell?: string; ownGroup?: boolean } = {}): Running {
    const command = [process.execPath, launcher, ...words];
    const shell = options.shell === undefined ? [] : ["/bin/sh", "-c", `${options.shell}; exec "$@"`, "sh"];
    const [file = "", ...rest] = [...shell, ...command];
    const child = spawn(file, rest, {
      cwd: this.root,
      stdio: ["ignore", "pipe", "pipe"],
      detached: options.ownGroup === true,
      env: { ...process.env, KVORUM_SERVER: "" },
    });
    this.#children.push(child);
    return new Running(child);
  }

  run(...words: string[]): Promise<Ended> {
    return this.begin(words).ended;
  }

  /** The same, for a command that prints JSON. */
  async json(...words: string[]): Promise<unknown> {
    const { out, err } = await this.run(...words, "--json");
    try {
      const value: unknown = JSON.parse(out);
      return value;
    } catch {
      throw new Error(`no JSON: ${out}${err}`);
    }
  }

  /** Starts a local cluster and waits until it is up. */
  async dev(...words: string[]): Promise<Running> {
    const running = this.begin(["dev", ...words]);
    await Promise.race([
      running.says("Ctrl-C stops every member"),
      running.ended.then(({ out, err }) => Promise.reject(new Error(`kvorum dev ended:\n${out}${err}`))),
    ]);
    return running;
  }

  devJson(dir = ".kvorum"): DevJson {
    return JSON.parse(readFileSync(join(this.root, dir, "dev.json"), "utf8")) as DevJson;
  }

  /** Every process whose command line names this directory: supervisors, members, guards. */
  processes(): number[] {
    return readdirSync("/proc")
      .filter((name) => /^[0-9]+$/.test(name) && commandLine(name).includes(this.root))
      .map(Number);
  }

  /** Waits until all are gone. Kills who is not, so that the next test does not fail for it too. */
  async expectNothingLeft(timeoutMs = 15_000): Promise<void> {
    try {
      await vi.waitFor(
        () => {
          const left = this.processes();
          if (left.length > 0) throw new Error(`still there: ${left.map(titleOf).join(", ")}`);
        },
        { timeout: timeoutMs, interval: 50 },
      );
    } finally {
      this.#killAll();
    }
  }

  /** Ends whatever still runs and removes the directory. */
  dispose(): void {
    this.#killAll();
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  #killAll(): void {
    for (const child of this.#children.splice(0)) {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    }
    for (const pid of this.processes()) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has just ended.
      }
    }
  }
}

function titleOf(pid: number): string {
  return `${pid} ${commandLine(String(pid)).slice(0, 200)}`;
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}
