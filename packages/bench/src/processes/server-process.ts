/**
 * A server that is measured: started, waited for, and ended with us however we end. Ours end by themselves when the
 * channel to their parent closes; for others a watchdog waits until we are gone.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { BenchFailure } from "../failure.ts";
import { pause } from "./pause.ts";

/** Its input closes when we are gone; the command line tells the process from a later one with the same id. */
const WATCHDOG = 'cat >/dev/null; grep -qF "$2" "/proc/$1/cmdline" 2>/dev/null && kill -KILL "$1"';

const READY_MS_MAX = 60_000;
const STOP_MS_MAX = 15_000;
const LOOK_EVERY_MS = 50;
const LOG_CHARS_SHOWN = 2_000;

export interface ServerCommand {
  /** For people, such as `redis 2`. */
  readonly name: string;
  readonly program: string;
  readonly words: readonly string[];
  readonly logFile: string;
  readonly env?: Readonly<Record<string, string>>;
  /** It says `{ kind: "ready" }` on a channel, and ends when that closes. Else `isReady` is asked. */
  readonly speaks: boolean;
}

export class ServerProcess {
  readonly #command: ServerCommand;
  readonly #child: ChildProcess;
  readonly #watchdog: ChildProcess | null;
  readonly #ended: Promise<void>;
  #hasEnded = false;

  /** Begins the process; `ready` says when it serves. */
  constructor(command: ServerCommand) {
    this.#command = command;
    const log = openSync(command.logFile, "a");
    try {
      this.#child = spawn(command.program, command.words, {
        stdio: command.speaks ? ["ignore", log, log, "ipc"] : ["ignore", log, log],
        env: { ...process.env, ...command.env },
        // Of our session. Linux shares the cores between sessions first (sched_autogroup_enabled): with one for each
        // server, a thread that yields would yield to those of its own server alone.
      });
    } finally {
      closeSync(log);
    }
    this.#ended = new Promise((resolve) => {
      const end = () => {
        this.#hasEnded = true;
        resolve();
      };
      this.#child.once("error", end);
      this.#child.once("exit", end);
    });
    this.#watchdog = command.speaks ? null : watch(this.pid, command.program);
  }

  get name(): string {
    return this.#command.name;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Resolves when it has said that it serves. Rejects when it ends before, or takes too long. */
  async saysReady(): Promise<void> {
    await this.#orFail(this.#says("ready").then(() => true));
  }

  /** Sends a message that is not answered. */
  notify(message: Readonly<Record<string, unknown>>): void {
    this.#child.send(message);
  }

  /** Sends a message; resolves to the next one of this kind that comes. Rejects when the process ends before. */
  async tell(message: Readonly<Record<string, unknown>>, answerKind: string): Promise<object> {
    const answer = this.#says(answerKind);
    this.notify(message);
    const found = await Promise.race([answer, this.#ended.then(() => null)]);
    if (found !== null) return found;
    throw new BenchFailure(
      "ENDED",
      `${this.name} ended while it was measured; it said:\n${this.#lastWords()}`,
    );
  }

  #says(kind: string): Promise<object> {
    return new Promise((resolve) => {
      const listen = (message: unknown): void => {
        if (typeof message !== "object" || message === null || !("kind" in message) || message.kind !== kind)
          return;
        this.#child.off("message", listen);
        resolve(message);
      };
      this.#child.on("message", listen);
    });
  }

  /** Resolves when `isReady` says yes; it is asked again and again. */
  async answers(isReady: () => Promise<boolean>): Promise<void> {
    let isOver = false;
    const ask = async (): Promise<boolean> => {
      while (!isOver && !(await isReady())) await pause(LOOK_EVERY_MS);
      return true;
    };
    try {
      await this.#orFail(ask());
    } finally {
      isOver = true;
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** In order if possible, else by force. */
  async stop(): Promise<void> {
    if (!this.#hasEnded) {
      this.signal("SIGTERM");
      // A paused process hears nothing until it is resumed.
      this.signal("SIGCONT");
      const timer = setTimeout(() => this.signal("SIGKILL"), STOP_MS_MAX);
      await this.#ended;
      clearTimeout(timer);
    }
    this.#watchdog?.stdin?.end();
  }

  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.#ended;
  }

  async #orFail(ready: Promise<boolean>): Promise<void> {
    let timer: NodeJS.Timeout | null = null;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), READY_MS_MAX);
    });
    const isReady = await Promise.race([ready, late, this.#ended.then(() => false as const)]);
    if (timer !== null) clearTimeout(timer);
    if (isReady) return;
    const how = this.#hasEnded ? "ended before it was ready" : `was not ready within ${READY_MS_MAX} ms`;
    throw new BenchFailure("START", `${this.name} ${how}; it said:\n${this.#lastWords()}`);
  }

  #lastWords(): string {
    const text = readFileSync(this.#command.logFile, "utf8");
    return text.slice(-LOG_CHARS_SHOWN).trimEnd();
  }
}

function watch(pid: number, program: string): ChildProcess {
  const watchdog = spawn("/bin/sh", ["-c", WATCHDOG, "watchdog", String(pid), program], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  watchdog.on("error", () => undefined);
  watchdog.stdin?.on("error", () => undefined);
  return watchdog;
}
