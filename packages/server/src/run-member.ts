/**
 * A member as a whole process: configuration, start, signals, last words. Exit codes: 0 stopped on request;
 * 2 the configuration cannot be used; 4 it may not start (its data or a port is in use, the data is another
 * member's, ...); 70 it had to stop at once (`EX_SOFTWARE`) - whatever it acknowledged before is safe.
 *
 * Under a supervisor (an IPC channel) it says there what happens, does what it is told there, and ends when the
 * channel does: members never outlive the one who started them.
 */
import { loadConfig } from "./config/load-config.ts";
import { ConfigError, type MemberConfig } from "./config/member-config.ts";
import type { RunningMember } from "./member-process.ts";
import { Log } from "./observability/log.ts";
import { Orders } from "./orders.ts";

export interface RunOptions {
  /** Path of its `kvorum.yaml`. */
  readonly config: string;
  /** Its data; comes before `dir` in the file. */
  readonly dir: string | null;
}

/** What a member tells its supervisor. */
type MemberNotice =
  | { readonly kind: "ready" }
  | { readonly kind: "refused" | "fatal"; readonly code: string; readonly text: string };

const EXIT_STOPPED = 0;
const EXIT_USAGE = 2;
const EXIT_REFUSED = 4;
const EXIT_CRASHED = 70;

/** A stop that takes longer is cut short: the journal has everything that was acknowledged. */
const STOP_MS_MAX = 8000;

const STDERR = 2;

/** Resolves, when the member has stopped, to the code with which to exit. */
export async function runMember(options: RunOptions): Promise<number> {
  let config: MemberConfig;
  try {
    config = loadConfig(options.config, options.dir);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    notify({ kind: "refused", code: "config", text: error.message });
    return EXIT_USAGE;
  }
  const name = config.topology.members.find(({ id }) => id === config.self)?.name ?? String(config.self);
  const log = new Log({ member: name, level: config.logLevel, file: STDERR, onFatal: dieAtOnce });
  process.on("uncaughtException", (error) => log.fatal("crash", error.stack ?? error.message));
  const stopAsked = untilStopAsked();
  const orders = new Orders(process);
  const member = await start(config, log);
  if (member === null) return EXIT_REFUSED;
  orders.follow(({ peer, address }) => member.callAt(peer, address));
  const resp = `${config.listen.resp.host}:${config.listen.resp.port}`;
  log.lifecycle("ready", `${name} of ${config.topology.cluster} is ready`, { resp, pid: process.pid });
  if (process.send === undefined)
    process.stdout.write(`${name} is ready: redis-cli -p ${config.listen.resp.port}\n`);
  notify({ kind: "ready" });
  const why = await stopAsked;
  log.lifecycle("stopping", `${name} stops`, { why });
  setTimeout(() => {
    log.event(
      "warn",
      "stop-cut-short",
      `${name} did not stop within ${STOP_MS_MAX} ms; its journal has everything`,
      {},
    );
    process.exit(EXIT_STOPPED);
  }, STOP_MS_MAX).unref();
  await member.stop();
  log.lifecycle("stopped", `${name} has stopped`, {});
  return EXIT_STOPPED;
}

async function start(config: MemberConfig, log: Log): Promise<RunningMember | null> {
  try {
    // Loaded only here: without the engine's binary everything else still works and can say what is missing.
    const { startMember } = await import("./member-process.ts");
    return await startMember(config, log);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    log.event("error", "refused", text, {});
    if (process.send === undefined) process.stderr.write(`kvorum: ${text}\n`);
    const code = error instanceof Error && "code" in error ? String(error.code) : "START";
    notify({ kind: "refused", code, text });
    return null;
  }
}

function dieAtOnce(code: string, text: string): never {
  notify({ kind: "fatal", code, text });
  process.exit(EXIT_CRASHED);
}

function untilStopAsked(): Promise<string> {
  return new Promise((resolve) => {
    process.on("SIGTERM", () => resolve("TERM"));
    const supervised = process.send !== undefined;
    for (const signal of ["SIGINT", "SIGHUP"] as const) {
      // A terminal sends these to everybody in it; a supervised member leaves them to its supervisor.
      process.on(signal, () => {
        if (!supervised) resolve(signal.slice(3));
      });
    }
    if (supervised) process.on("disconnect", () => resolve("the supervisor has gone"));
  });
}

function notify(notice: MemberNotice): void {
  // The channel may be closing at this moment; then nobody is left to be told.
  if (process.connected) process.send?.(notice, undefined, undefined, () => {});
}
