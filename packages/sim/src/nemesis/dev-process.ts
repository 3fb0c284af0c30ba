/** The built `kvorum dev` as a child process in a directory of its own. It never outlives this process. */
import { spawn, type ChildProcess } from "node:child_process";
import { createConnection } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sleep } from "./sleep.ts";

const launcher = fileURLToPath(new URL("../../../cli/bin/kvorum.js", import.meta.url));

/** Waits until this process is gone, however it went, and ends the supervisor that it has left behind. */
const watchdog = 'cat >/dev/null; grep -qF "$2" "/proc/$1/cmdline" 2>/dev/null && kill -TERM "$1"';

const UP_MS_MAX = 60_000;
const STOP_MS_MAX = 20_000;
const CONTROL_MS_MAX = 60_000;
const LOOK_EVERY_MS = 20;

export interface ControlAnswer {
  readonly ok: boolean;
  readonly text: string;
}

/** Another process was faster with one of the ports. */
export class PortTaken extends Error {}

export class DevProcess {
  readonly #root: string;
  readonly #supervisor: ChildProcess;
  readonly #watchdog: ChildProcess;
  readonly #ended: Promise<void>;
  #said = "";

  private constructor(root: string, members: number, portBase: number) {
    this.#root = root;
    const words = ["dev", "--dir", root, "--members", String(members), "--port-base", String(portBase)];
    // In a group of its own: a Ctrl-C is for us, and we end it in order.
    this.#supervisor = spawn(process.execPath, [launcher, ...words], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    this.#watchdog = spawn("/bin/sh", ["-c", watchdog, "watchdog", String(this.#supervisor.pid ?? 0), root], {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
    });
    this.#watchdog.on("error", () => undefined);
    this.#watchdog.stdin?.on("error", () => undefined);
    this.#ended = new Promise((resolve) => {
      this.#supervisor.once("error", (error) => {
        this.#said += error.message;
        resolve();
      });
      this.#supervisor.once("exit", () => resolve());
    });
    for (const stream of [this.#supervisor.stdout, this.#supervisor.stderr])
      stream?.on("data", (chunk: Buffer) => (this.#said += chunk.toString()));
  }

  /** Resolves when all members are up. */
  static async start(root: string, members: number, portBase: number): Promise<DevProcess> {
    const dev = new DevProcess(root, members, portBase);
    try {
      await dev.#up();
      return dev;
    } catch (error) {
      await dev.stop();
      throw error;
    }
  }

  /** All that it has said. */
  get said(): string {
    return this.#said;
  }

  /** What `kvorum dev VERB` asks, without a process for each word. */
  ask(request: Readonly<Record<string, unknown>>): Promise<ControlAnswer> {
    return new Promise((resolve, reject) => {
      const socket = createConnection(join(this.#root, "control.sock"));
      let text = "";
      socket.setEncoding("utf8");
      socket.setTimeout(CONTROL_MS_MAX, () => socket.destroy(new Error("kvorum dev does not answer")));
      socket.on("connect", () => socket.write(`${JSON.stringify(request)}\n`));
      socket.on("data", (chunk: string) => (text += chunk));
      socket.on("error", reject);
      socket.on("close", () => {
        if (text === "") reject(new Error("kvorum dev ended before it answered"));
        else resolve(readAnswer(text));
      });
    });
  }

  /** In order if that is possible, and else by force. */
  async stop(): Promise<void> {
    if (!this.#hasEnded) {
      this.#supervisor.kill("SIGTERM");
      await Promise.race([this.#ended, sleep(STOP_MS_MAX)]);
      if (!this.#hasEnded) this.#supervisor.kill("SIGKILL");
      await this.#ended;
    }
    this.#watchdog.stdin?.end();
  }

  get #hasEnded(): boolean {
    const { exitCode, signalCode, pid } = this.#supervisor;
    return exitCode !== null || signalCode !== null || pid === undefined;
  }

  async #up(): Promise<void> {
    const untilMs = performance.now() + UP_MS_MAX;
    while (!this.#said.includes("Ctrl-C stops every member")) {
      if (this.#hasEnded && this.#said.includes("in use by another process")) throw new PortTaken(this.#said);
      if (this.#hasEnded) throw new Error(`kvorum dev ended:\n${this.#said}`);
      if (performance.now() > untilMs) throw new Error(`the cluster was not up in time:\n${this.#said}`);
      await sleep(LOOK_EVERY_MS);
    }
  }
}

function readAnswer(text: string): ControlAnswer {
  const answer: unknown = JSON.parse(text);
  if (typeof answer !== "object" || answer === null || !("ok" in answer && "text" in answer))
    throw new Error(`kvorum dev answered ${text}`);
  return { ok: answer.ok === true, text: String(answer.text) };
}
