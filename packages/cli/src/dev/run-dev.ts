/** `kvorum dev`: a whole cluster on this machine, for as long as this process lives. */
import { CONFLICT_POLICIES } from "@kvorum/core";
import { EXIT, Failure, usage, type ExitCode } from "../failure.ts";
import { listenControl, type ControlRequest } from "./control.ts";
import { DevDirectory } from "./dev-directory.ts";
import { readDevFile, type DevFileView } from "./dev-file.ts";
import { planMembers, portsOf, writeConfig, type MemberPlan } from "./member-plan.ts";
import { takenPorts } from "./ports.ts";
import {
  isPolicy,
  keepSettings,
  settle,
  type DevNamespace,
  type DevSettings,
  type DevWishes,
} from "./settings.ts";
import { StopWish } from "./stop-wish.ts";
import { closeControl, Supervisor } from "./supervisor.ts";
import { welcome } from "./welcome.ts";

export interface DevOptions {
  readonly dir: string;
  readonly clean: boolean;
  readonly wishes: DevWishes;
  /** Writes to the terminal. */
  readonly print: (text: string) => void;
}

/** How long the members of a supervisor that was killed may still hold their ports. */
const PREVIOUS_RUN_MS = 8000;
const LOOK_EVERY_MS = 100;

export async function runDev(options: DevOptions): Promise<ExitCode> {
  const wish = new StopWish();
  const directory = new DevDirectory(options.dir);
  directory.create();
  let supervisor: Supervisor | null = null;
  const control = await listenControl(directory, (request: ControlRequest) => {
    if (supervisor !== null || request.verb === "who") {
      return supervisor?.answer(request) ?? Promise.resolve({ ok: true, text: "", pid: process.pid });
    }
    return Promise.resolve({ ok: false, text: "the cluster is only just starting", pid: process.pid });
  });
  try {
    const { settings, plans } = await prepare(directory, options, wish);
    if (wish.wished) return EXIT.yes;
    options.print(`kvorum: starting ${plans.length} members in ${directory.root}\n`);
    supervisor = new Supervisor(directory, settings, plans, (line) => options.print(`kvorum: ${line}\n`));
    return await supervise(
      supervisor,
      wish,
      () => welcome(directory.root, settings, plans, supervisor?.pids() ?? []),
      options.print,
    );
  } finally {
    await closeControl(control);
  }
}

/** Settings, free ports and a configuration for each member. */
async function prepare(
  directory: DevDirectory,
  options: DevOptions,
  wish: StopWish,
): Promise<{ settings: DevSettings; plans: MemberPlan[] }> {
  // A dev.json without its supervisor: that one was killed, and its members are on their way out.
  const previous = readDevFile(directory);
  if (previous !== null) await untilEnded(previous, wish);
  if (options.clean) directory.clean();
  const settings = settle(directory, options.wishes);
  const plans = planMembers(settings);
  await refuseTakenPorts(plans);
  keepSettings(directory, settings);
  for (const plan of plans) writeConfig(directory, settings, plans, plan);
  return { settings, plans };
}

/** Whoever still holds the ports after this long is somebody else. */
async function untilEnded(previous: DevFileView, wish: StopWish): Promise<void> {
  const untilMs = performance.now() + PREVIOUS_RUN_MS;
  const wanted = previous.ports.map((port) => ({ port, use: "" }));
  while ((await takenPorts(wanted)).length > 0 && performance.now() < untilMs && !wish.wished) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

async function refuseTakenPorts(plans: readonly MemberPlan[]): Promise<void> {
  const [taken] = await takenPorts(plans.flatMap(portsOf));
  if (taken === undefined) return;
  throw new Failure(
    EXIT.refused,
    "PORT",
    `port ${taken.port} (${taken.use}) is in use by another process`,
    "choose other ports with --port-base, such as --port-base 8400; or stop what uses them",
  );
}

/** Until it is wished away. */
async function supervise(
  supervisor: Supervisor,
  wish: StopWish,
  greeting: () => string,
  print: (text: string) => void,
): Promise<ExitCode> {
  const stopped = new Promise<void>((resolve, reject) => {
    wish.tell((count) => {
      // Who asks twice is in a hurry; the data can bear it.
      if (count > 1) return supervisor.killNow();
      print("\nkvorum: stopping the members\n");
      supervisor.stop().then(resolve, reject);
    });
  });
  process.once("exit", () => supervisor.killNow());
  process.once("uncaughtException", (error) => {
    supervisor.killNow();
    process.stderr.write(`kvorum: dev failed: ${error.stack ?? error.message}\n`);
    process.exit(EXIT.crashed);
  });
  const wrong = await supervisor.start();
  // A Ctrl-C ends members that are only starting too, and may be heard of later than their end.
  if (wrong !== null) await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  if (wrong !== null && !supervisor.stopping) {
    await supervisor.stop();
    throw new Failure(EXIT.refused, "START", wrong);
  }
  if (!supervisor.stopping) print(greeting());
  await stopped;
  print("kvorum: stopped; the data is kept, and kvorum dev finds it again\n");
  return EXIT.yes;
}

/** `--namespace NAME:POLICY`. */
export function readNamespace(text: string): DevNamespace {
  const [, name, policy] = /^([A-Za-z0-9._-]{1,64}):([a-z]+)$/.exec(text) ?? [];
  if (name === undefined || policy === undefined) {
    throw usage(`--namespace takes NAME:POLICY such as carts:siblings, not ${text}`);
  }
  if (isPolicy(policy)) return { name, policy };
  throw usage(`the policy ${policy} is not there; this release has ${CONFLICT_POLICIES.join(" and ")}`);
}
