/**
 * One real member in a process of its own, the built one, as a local cluster starts it; and a probe inside that tells
 * what it holds and how long its event loop was kept. It ends with the test's process, whatever happens.
 */
import { fork, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as later } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { renderConfig, type ConfigInput } from "../config/render-config.ts";

const entry = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

/** Runs in the member before it starts; it has no compiler. Collecting is not counted as a delay. */
const PROBE = `
  import { monitorEventLoopDelay } from "node:perf_hooks";
  const delay = monitorEventLoopDelay({ resolution: 2 });
  delay.enable();
  process.on("message", (message) => {
    if (message?.kind !== "probe") return;
    const delayMs = delay.max / 1e6;
    if (message.collect) { gc(); gc(); }
    const { rss, heapUsed, external } = process.memoryUsage();
    process.send({ kind: "probed", rssBytes: rss, usedBytes: heapUsed + external, delayMs });
    setImmediate(() => setImmediate(() => delay.reset()));
  });
`;

export interface Probed {
  readonly rssBytes: number;
  /** What the heap and buffers outside of it hold. */
  readonly usedBytes: number;
  /** The longest that the event loop was kept since the last probe. */
  readonly delayMs: number;
}

const PORT_TRIES = 50;
const LOOKS = 8;
const LOOK_EVERY_MS = 60;

export class LoneMember {
  readonly port: number;
  readonly peerPort: number;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #root: string;
  #ended = false;

  /**
   * Resolves when it serves. `youngMiB`: how large a half of its young generation may grow; members have 32, and that
   * alone moves the resident memory by more than any client may.
   */
  static async start(portsFrom: number, more: Partial<ConfigInput> = {}, youngMiB = 32): Promise<LoneMember> {
    const port = await freePort(portsFrom);
    const root = mkdtempSync(join(tmpdir(), "kvorum-lone-"));
    const config = join(root, "kvorum.yaml");
    const address = (offset: number): string => `127.0.0.1:${port + offset}`;
    const [resp, http, peer] = [address(0), address(1), address(2)];
    const only = { id: 1, name: "lone", host: "here", resp, http, peer };
    const text = renderConfig({ cluster: "lone", members: [only], dir: join(root, "data"), ...more });
    writeFileSync(config, text);
    const probe = `data:text/javascript,${encodeURIComponent(PROBE)}`;
    const child = fork(entry, ["--config", config], {
      execArgv: ["--expose-gc", `--max-semi-space-size=${youngMiB}`, "--import", probe],
      env: { ...process.env, UV_THREADPOOL_SIZE: "8" },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const member = new LoneMember(child, port, root);
    await member.#hears((message) => kindOf(message) === "ready");
    return member;
  }

  private constructor(child: ChildProcess, port: number, root: string) {
    this.#child = child;
    this.#root = root;
    this.pid = child.pid ?? 0;
    this.port = port;
    this.peerPort = port + 2;
    child.once("exit", () => (this.#ended = true));
  }

  get lives(): boolean {
    return !this.#ended;
  }

  async probe(collect = false): Promise<Probed> {
    const answer = this.#hears((message) => kindOf(message) === "probed");
    this.#child.send({ kind: "probe", collect });
    return (await answer) as Probed;
  }

  /** The least that it holds while what can go goes: freed buffers are given back in the background. */
  async settled(): Promise<Probed> {
    let least = await this.probe(true);
    for (let look = 1; look < LOOKS; look++) {
      await later(LOOK_EVERY_MS);
      const next = await this.probe(true);
      if (next.rssBytes < least.rssBytes) least = next;
    }
    return least;
  }

  /** The most that it held since `forgetPeak`, garbage included. */
  get peakBytes(): number {
    const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.pid}/status`, "utf8"));
    return Number(line?.[1] ?? 0) * 1024;
  }

  forgetPeak(): void {
    writeFileSync(`/proc/${this.pid}/clear_refs`, "5");
  }

  /** Asks it to go, and makes sure that it has. */
  async dispose(): Promise<void> {
    const gone = new Promise<void>((resolve) => {
      if (this.#ended) resolve();
      else this.#child.once("exit", () => resolve());
    });
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), 15_000);
    await gone;
    clearTimeout(timer);
    rmSync(this.#root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  #hears(isIt: (message: unknown) => boolean): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const done = (): void => {
        this.#child.off("message", onMessage);
        this.#child.off("exit", onExit);
      };
      const onMessage = (message: unknown): void => {
        if (!isIt(message)) return;
        done();
        resolve(message);
      };
      const onExit = (code: number | null, signal: string | null): void => {
        done();
        reject(new Error(`the member ended (${code ?? signal ?? "unknown"})`));
      };
      this.#child.on("message", onMessage);
      this.#child.once("exit", onExit);
    });
  }
}

function kindOf(message: unknown): unknown {
  return typeof message === "object" && message !== null && "kind" in message ? message.kind : null;
}

/** The first of three ports in a row that nobody has. */
async function freePort(from: number): Promise<number> {
  for (let port = from; port < from + 3 * PORT_TRIES; port += 3) {
    const free = await Promise.all([port, port + 1, port + 2].map(isFree));
    if (free.every(Boolean)) return port;
  }
  throw new Error(`no ports are free from ${from} on`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ port, host: "127.0.0.1", exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
