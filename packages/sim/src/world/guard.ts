/**
 * Keeps simulated code away from the host: while it runs, every door in `doors.ts` throws. It finds what the linter
 * cannot see, such as a door reached through a variable. What it cannot see itself is a door that was taken hold of
 * before the run began (`const { now } = Date` in a module); that shows when a seed is run twice.
 */
import { promiseHooks } from "node:v8";
import type { MemberId } from "@kvorum/core";
import { DOORS, HOST_OBJECTS } from "./doors.ts";

/** Simulated code used a door. */
export class GuardError extends Error {
  /** Not a field: the stack's first line is written before a field would be. */
  override get name(): string {
    return "GuardError";
  }

  /** Whose code it was; 0: the world's. */
  readonly member: MemberId;

  constructor(member: MemberId, door: string, instead: string) {
    super(`${member === 0 ? "the world" : `member ${member}`} used ${door}; ${instead}`);
    this.member = member;
  }
}

type Callable = (...words: unknown[]) => unknown;

/** A property of the host that is another while simulated code runs. */
interface StandIn {
  readonly holder: object;
  readonly key: string;
  readonly was: PropertyDescriptor;
  readonly is: PropertyDescriptor;
}

/** The doors that are functions, and the way to each. */
const FUNCTIONS = DOORS.flatMap(({ instead, paths }) =>
  paths.map((path) => {
    const door = path.replace("?", "");
    const names = door.split(".");
    return { door, instead, steps: names.slice(0, -1), key: names.at(-1) ?? "", isOptional: door !== path };
  }),
).filter(({ steps: [first = ""] }) => !HOST_OBJECTS.includes(first));

// There is one host, so there is one guard. Nothing of this outlives a run.
let depth = 0;
let suspensions = 0;
let whoRuns: () => MemberId = () => 0;
let firstBreach: GuardError | null = null;

/**
 * Runs with all doors closed; `who` says whose code runs. A breach is thrown where it happens, and once more from
 * here in case it was caught on its way. May be nested. Nothing asynchronous may be given to it.
 */
export function guarded<T>(run: () => T, who: () => MemberId = () => 0): T {
  const outerWho = whoRuns;
  const reopen = depth === 0 ? closeAll() : null;
  depth++;
  whoRuns = who;
  try {
    const result = run();
    if (firstBreach !== null) throw firstBreach;
    return result;
  } catch (error) {
    // Whatever else went wrong after a breach may have come of it.
    throw firstBreach ?? error;
  } finally {
    whoRuns = outerWho;
    depth--;
    if (reopen !== null) {
      firstBreach = null;
      reopen();
    }
  }
}

/** Lets the host do something in the middle of a run, such as print a trace. */
export function unguarded<T>(run: () => T): T {
  suspensions++;
  try {
    return run();
  } finally {
    suspensions--;
  }
}

function isClosed(): boolean {
  return depth > 0 && suspensions === 0;
}

/** Null while the doors are open: somebody may have kept a stand-in beyond the run. */
function breachOf(door: string, instead: string): GuardError | null {
  if (!isClosed()) return null;
  const breach = new GuardError(whoRuns(), door, instead);
  firstBreach ??= breach;
  return breach;
}

function pass(door: string, instead: string): void {
  const breach = breachOf(door, instead);
  if (breach !== null) throw breach;
}

/** Returns what opens them again. */
function closeAll(): () => void {
  // All are found before any is replaced: some doors are members of others.
  const standIns = [...hostFunctions(), ...hostObjects()];
  for (const { holder, key, is } of standIns) Object.defineProperty(holder, key, is);
  // An async function makes its promise without passing a door. An error thrown in a hook would end the process.
  const unhook = promiseHooks.onInit(() => {
    breachOf("a promise", "use an operation object or a generator, or let the scheduler call");
  });
  return () => {
    for (const { holder, key, was } of standIns) Object.defineProperty(holder, key, was);
    Reflect.apply(unhook, null, []);
  };
}

function* hostFunctions(): Generator<StandIn> {
  for (const { door, instead, steps, key, isOptional } of FUNCTIONS) {
    let holder: unknown = globalThis;
    for (const step of steps) holder = isObject(holder) ? Reflect.get(holder, step) : undefined;
    const was = isObject(holder) ? Object.getOwnPropertyDescriptor(holder, key) : undefined;
    const original: unknown = isObject(holder) ? Reflect.get(holder, key) : undefined;
    if (isObject(holder) && was?.configurable === true && isCallable(original)) {
      const { enumerable = false } = was;
      const value = standInFor(original, door, instead);
      yield { holder, key, was, is: { configurable: true, enumerable, writable: true, value } };
    } else if (!isOptional) throw new Error(`this host has no ${door} to keep closed`);
  }
}

/** As a function and as a constructor; its members are those of the original. */
function standInFor(original: Callable, door: string, instead: string): Callable {
  return new Proxy(original, {
    apply: (target, self, given): unknown => {
      pass(`${door}()`, instead);
      return Reflect.apply(target, self, given);
    },
    construct: (target, given, made): object => {
      pass(`new ${door}()`, instead);
      return Reflect.construct(target, given, made) as object;
    },
  });
}

function* hostObjects(): Generator<StandIn> {
  for (const key of HOST_OBJECTS) {
    const was = Object.getOwnPropertyDescriptor(globalThis, key);
    const original: unknown = Reflect.get(globalThis, key);
    if (was?.configurable !== true || !isObject(original))
      throw new Error(`this host has no ${key} to keep closed`);
    const insteadOf = new Map<string, string>();
    for (const { instead, paths } of DOORS) {
      for (const path of paths)
        if (path.startsWith(`${key}.`)) insteadOf.set(path.slice(key.length + 1), instead);
    }
    const shield = new Proxy(original, {
      get: (target, member): unknown => {
        const instead =
          typeof member === "string" ? (insteadOf.get(member) ?? insteadOf.get("*")) : undefined;
        if (instead !== undefined) pass(`${key}.${String(member)}`, instead);
        return Reflect.get(target, member, target);
      },
    });
    const get = () => (isClosed() ? shield : original);
    yield {
      holder: globalThis,
      key,
      was,
      is: { configurable: true, enumerable: was.enumerable ?? false, get },
    };
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

function isCallable(value: unknown): value is Callable {
  return typeof value === "function";
}
