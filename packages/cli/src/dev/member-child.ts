/** One member of a local cluster as its supervisor sees it: a process that it starts, signals and outlives. */
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { memberEntry, type CallAt } from "@kvorum/server";
import { systemCodeOf, wordsOf } from "../failure.ts";
import type { DevDirectory } from "./dev-directory.ts";
import type { DevMemberState } from "./dev-file.ts";
import type { MemberPlan } from "./member-plan.ts";

export interface ChildUser {
  /** The state or pid of a member has changed. */
  onChange(child: MemberChild): void;
  /** It ended though nobody asked it to; `how` is a sentence. */
  onDeath(child: MemberChild, how: string): void;
}

/** How a request ended, in words. */
export interface Verdict {
  readonly ok: boolean;
  readonly text: string;
}

/** What a member may take to close its engine before it is killed: more than it gives itself. */
const STOP_MS = 10_000;

export class MemberChild {
  readonly plan: MemberPlan;
  readonly #directory: DevDirectory;
  readonly #user: ChildUser;
  #process: ChildProcess | null = null;
  #state: DevMemberState = "stopped";
  /** Why the member says that it ends; empty when it did not say. */
  #lastWords = "";
  #mishap = "";
  #ended: Promise<void> = Promise.resolve();

  constructor(plan: MemberPlan, directory: DevDirectory, user: ChildUser) {
    this.plan = plan;
    this.#directory = directory;
    this.#user = user;
  }

  get state(): DevMemberState {
    return this.#state;
  }

  /** 0 when no process runs. */
  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** How its last process ended; empty when that was in order. */
  get mishap(): string {
    return this.#mishap;
  }

  /** Resolves when it is ready, or has ended without becoming so. */
  async start(): Promise<Verdict> {
    const { name } = this.plan;
    if (this.#process !== null)
      return refusal(this.#state === "paused" ? `${name} is paused` : `${name} is already running`);
    const child = this.#spawn();
    this.#process = child;
    this.#lastWords = "";
    this.#become("starting");
    this.#ended = this.#untilEnded(child);
    const readiness = new Promise<boolean>((resolve) => {
      child.on("message", (message) => {
        if (this.#onMessage(message)) resolve(true);
      });
      void this.#ended.then(() => resolve(false));
    });
    if (await readiness) {
      if (this.#state === "starting") this.#become("up");
      return { ok: true, text: `${name} is up (pid ${this.pid})` };
    }
    return refusal(`${name} did not start: ${this.#whyEnded()}`);
  }

  /** TERM, and KILL when that was not enough. */
  async stop(): Promise<Verdict> {
    const { name } = this.plan;
    if (this.#process === null) return refusal(`${name} is already ${wordOf(this.#state)}`);
    this.#become("stopping");
    this.#signal("SIGTERM");
    // A paused process hears nothing until it is resumed.
    this.#signal("SIGCONT");
    const timer = setTimeout(() => this.#signal("SIGKILL"), STOP_MS);
    await this.#ended;
    clearTimeout(timer);
    this.#become("stopped");
    return {
      ok: true,
      text: this.#mishap === "" ? `${name} is stopped` : `${name} is stopped, but ${this.#mishap}`,
    };
  }

  async kill(): Promise<Verdict> {
    const { name } = this.plan;
    if (this.#process === null) return refusal(`${name} is already ${wordOf(this.#state)}`);
    this.#become("stopping");
    this.#signal("SIGKILL");
    await this.#ended;
    this.#become("killed");
    return { ok: true, text: `${name} is killed (-9)` };
  }

  pause(): Verdict {
    const { name } = this.plan;
    if (this.#state === "paused") return refusal(`${name} is already paused`);
    if (this.#state !== "up") return refusal(`${name} is not running: it is ${wordOf(this.#state)}`);
    this.#signal("SIGSTOP");
    this.#become("paused");
    return { ok: true, text: `${name} is paused` };
  }

  resume(): Verdict {
    const { name } = this.plan;
    if (this.#state !== "paused") return refusal(`${name} is not paused: it is ${wordOf(this.#state)}`);
    this.#signal("SIGCONT");
    this.#become("up");
    return { ok: true, text: `${name} goes on` };
  }

  /** Tells a running process; one that starts later reads its configuration. */
  order(order: CallAt): void {
    // A channel that closes at this moment is that of a process that ends.
    if (this.#process?.connected === true) this.#process.send(order, () => undefined);
  }

  /** At once and without a word: for when the supervisor itself must end. */
  killNow(): void {
    this.#signal("SIGKILL");
  }

  #spawn(): ChildProcess {
    const log = openSync(this.#directory.logFile(this.plan.name), "a", 0o600);
    try {
      // The young generation, the thread pool and the allocator are set before a process starts, or never.
      return spawn(
        process.execPath,
        ["--max-semi-space-size=32", memberEntry, "--config", this.#directory.configFile(this.plan.name)],
        {
          stdio: ["ignore", log, log, "ipc"],
          env: { UV_THREADPOOL_SIZE: "8", MALLOC_ARENA_MAX: "2", ...process.env },
        },
      );
    } finally {
      closeSync(log);
    }
  }

  #untilEnded(child: ChildProcess): Promise<void> {
    return new Promise((resolve) => {
      // An error here means that it could not be spawned: there is no exit then.
      child.once("error", (error) => {
        this.#lastWords = wordsOf(error);
        this.#onEnd(child, "it could not be started");
        resolve();
      });
      child.once("exit", (code, signal) => {
        this.#mishap = mishapOf(code, signal);
        this.#onEnd(child, this.#mishap === "" ? "it ended in order" : this.#mishap);
        resolve();
      });
    });
  }

  /** Whether the member says that it is ready. */
  #onMessage(message: unknown): boolean {
    if (typeof message !== "object" || message === null || !("kind" in message)) return false;
    if (message.kind === "ready") return true;
    if ("text" in message && typeof message.text === "string") this.#lastWords = message.text;
    return false;
  }

  #onEnd(child: ChildProcess, how: string): void {
    if (this.#process !== child) return;
    const wanted = this.#state === "stopping";
    const ran = this.#state !== "starting";
    this.#process = null;
    if (this.#lastWords === "") this.#lastWords = how;
    if (wanted) return;
    this.#become("died");
    if (ran) this.#user.onDeath(this, this.#lastWords === how ? how : `${how}: ${this.#lastWords}`);
  }

  #whyEnded(): string {
    return `${this.#lastWords} (its log: ${this.#directory.logFile(this.plan.name)})`;
  }

  #signal(signal: NodeJS.Signals): void {
    try {
      this.#process?.kill(signal);
    } catch (error) {
      // It has ended in this very moment; the exit event says the rest.
      if (systemCodeOf(error) !== "ESRCH") throw error;
    }
  }

  #become(state: DevMemberState): void {
    this.#state = state;
    this.#user.onChange(this);
  }
}

function refusal(text: string): Verdict {
  return { ok: false, text };
}

function mishapOf(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal !== null) return `it was ended by ${signal}`;
  return code === 0 ? "" : `it ended with code ${code ?? "unknown"}`;
}

/** For "it is …". */
function wordOf(state: DevMemberState): string {
  return state === "died" ? "dead (it ended by itself)" : state;
}
