import { describe, expect, test } from "vitest";
import { DOORS, HOST_OBJECTS } from "./doors.ts";
import { GuardError, guarded, unguarded } from "./guard.ts";

/** What a run that does this ends with. */
function endOf(run: () => unknown, who?: () => number): unknown {
  try {
    return guarded(run, who);
  } catch (error) {
    return error;
  }
}

/** What is at the end of a path from the global object. */
function at(path: string): unknown {
  let found: unknown = globalThis;
  for (const step of path.split(".")) found = Reflect.get(Object(found) as object, step);
  return found;
}

/** Every property on the way to every door, with what it is now. */
function hostNow(): Map<string, PropertyDescriptor | undefined> {
  const found = new Map<string, PropertyDescriptor | undefined>();
  for (const path of DOORS.flatMap(({ paths }) => paths.map((one) => one.replace(/\?$|\.\*\??$/, "")))) {
    const steps = path.split(".");
    for (let length = 1; length <= steps.length; length++) {
      const holder: unknown = length === 1 ? globalThis : at(steps.slice(0, length - 1).join("."));
      const key = steps[length - 1] ?? "";
      if (holder === undefined) break;
      found.set(steps.slice(0, length).join("."), Object.getOwnPropertyDescriptor(Object(holder), key));
    }
  }
  return found;
}

describe("each door throws inside and opens outside", () => {
  const bytes = new Uint8Array(4);
  const waitable = new Int32Array(new SharedArrayBuffer(4));
  const nothing = () => undefined;
  const ways: readonly (readonly [string, () => unknown])[] = [
    ["new Date()", () => new Date()],
    ["new Date()", () => new Date(0)],
    ["Date()", () => Date()],
    ["Date.now()", () => Date.now()],
    ["Date.parse()", () => Date.parse("2025-01-01")],
    ["performance.now", () => performance.now()],
    ["performance.timeOrigin", () => performance.timeOrigin],
    ["process.hrtime", () => process.hrtime()],
    ["process.hrtime", () => process.hrtime.bigint()],
    ["process.uptime", () => process.uptime()],
    ["process.memoryUsage", () => process.memoryUsage()],
    ["Math.random()", () => Math.random()],
    ["crypto.getRandomValues", () => crypto.getRandomValues(bytes)],
    ["crypto.randomUUID", () => crypto.randomUUID()],
    ["setTimeout()", () => clearTimeout(setTimeout(nothing, 1))],
    ["setInterval()", () => clearInterval(setInterval(nothing, 1))],
    ["setImmediate()", () => clearImmediate(setImmediate(nothing))],
    ["AbortSignal.timeout()", () => AbortSignal.timeout(1)],
    ["Atomics.wait()", () => Atomics.wait(waitable, 0, 0, 1)],
    ["queueMicrotask()", () => queueMicrotask(nothing)],
    ["process.nextTick", () => process.nextTick(nothing)],
    ["new Promise()", () => new Promise(nothing)],
    ["Promise.resolve()", () => Promise.resolve(1)],
    ["Promise.prototype.then()", () => settled.then(nothing)],
    ["new WeakRef()", () => new WeakRef(bytes)],
    ["new FinalizationRegistry()", () => new FinalizationRegistry(nothing)],
    ["String.prototype.localeCompare()", () => "a".localeCompare("b")],
    ["String.prototype.toLocaleUpperCase()", () => "i".toLocaleUpperCase()],
    ["Number.prototype.toLocaleString()", () => (1234.5).toLocaleString()],
    ["Array.prototype.toLocaleString()", () => [1].toLocaleString()],
    ["Intl.Collator", () => new Intl.Collator()],
    ["Math.exp()", () => Math.exp(1)],
    ["Math.sin()", () => Math.sin(1)],
    ["Math.pow()", () => Math.pow(2, 0.5)],
    ["Math.log()", () => Math.log(2)],
  ];
  const settled = Promise.resolve();

  test.each(ways)("%s", (door, use) => {
    expect(use).not.toThrow();
    const error = endOf(use, () => 3);
    expect(error).toBeInstanceOf(GuardError);
    expect(String(error)).toMatch(/^GuardError: member 3 used .+; .+/);
    expect(String(error)).toContain(` used ${door}; `);
    expect(use).not.toThrow();
  });

  test("and so does every other that the list names", () => {
    for (const path of DOORS.flatMap(({ paths }) => paths)) {
      const name = path.replace("?", "").replace(".*", ".any");
      const isOfObject = HOST_OBJECTS.includes(name.split(".")[0] ?? "");
      if (path.endsWith("?") && at(name) === undefined) continue;
      const error = endOf(() => (isOfObject ? at(name) : Reflect.apply(at(name) as () => void, 0, [])));
      expect(String(error)).toContain(`GuardError: the world used ${name}`);
    }
  });
});

describe("a guarded run", () => {
  test("may do what is the same everywhere", () => {
    const run = () => [
      Math.floor(1.5),
      Math.imul(3, 5),
      new Map([[1, 2]]).size,
      [2, 1].sort((a, b) => a - b),
    ];
    expect(guarded(run)).toEqual([1, 15, 1, [1, 2]]);
    expect(guarded(() => [Date.UTC(2025, 0, 1), process.pid])).toEqual([1_735_689_600_000, process.pid]);
  });

  test("leaves everything as it was, also after an exception", () => {
    const before = hostNow();
    expect(before.size).toBeGreaterThan(60);
    guarded(() => expect(hostNow()).not.toEqual(before));
    expect(hostNow()).toEqual(before);
    const own = new TypeError("of its own");
    expect(
      endOf(() => {
        throw own;
      }),
    ).toBe(own);
    endOf(() => Date.now());
    expect(hostNow()).toEqual(before);
  });

  test("may hold another, and stays closed when that ends", () => {
    const error = endOf(
      () => {
        guarded(
          () => 1,
          () => 2,
        );
        return Math.random();
      },
      () => 1,
    );
    expect(String(error)).toContain("member 1 used Math.random()");
    const inner = endOf(
      () => guarded(Date.now, () => 2),
      () => 1,
    );
    expect(String(inner)).toContain("member 2 used Date.now()");
    expect(Date.now()).toBeGreaterThan(0);
  });

  test("cannot swallow a breach, and the breach comes before what followed from it", () => {
    const swallow = () => {
      try {
        return Date.now();
      } catch {
        return 0;
      }
    };
    let member = 4;
    const run = () => {
      swallow();
      member = 5;
    };
    expect(String(endOf(run, () => member))).toContain("member 4 used Date.now()");
    const after = endOf(() => {
      swallow();
      throw new TypeError("a consequence");
    });
    expect(after).toBeInstanceOf(GuardError);
    expect(guarded(() => 1)).toBe(1);
  });

  test("cannot make a promise without a door either", () => {
    const error = endOf(() => void (async () => 1)());
    expect(String(error)).toContain("used a promise");
  });

  test("cannot be left by keeping a stand-in, and a kept one does no harm", () => {
    const kept = guarded(() => Date);
    expect(new kept(5).getTime()).toBe(5);
    expect(kept.now()).toBeGreaterThan(0);
    expect(String(endOf(() => kept.now()))).toContain("used Date.now()");
  });

  test("lets the host do something in between", () => {
    const run = () => {
      const times = unguarded(() => [Date.now(), performance.now(), process.uptime()]);
      expect(times.every((time) => time > 0)).toBe(true);
      return Date.now();
    };
    expect(String(endOf(run))).toContain("used Date.now()");
  });
});

test("nothing of the host's happens while a run goes on", async () => {
  const order: string[] = [];
  const timer = new Promise<void>((resolve) => {
    setTimeout(() => {
      order.push("timer");
      resolve();
    }, 0);
  });
  void Promise.resolve().then(() => order.push("promise"));
  guarded(() => {
    for (let i = 0; i < 1e6; i++) order.length = 0;
    order.push("run");
  });
  await timer;
  expect(order).toEqual(["run", "promise", "timer"]);
});
