/**
 * The doors to the host that no simulated code may use: whatever tells two runs of a seed apart. Core takes time,
 * chance, timers and the network through its ports, and the world takes them from its scheduler and its seed.
 */
export interface Doors {
  /** What to use in their place. */
  readonly instead: string;
  /** From the global object. `.*`: every member. With a question mark at its end: Node 20 may not have it. */
  readonly paths: readonly string[];
}

/** Other code of the host's uses these while a run prints something, so they are replaced and not changed. */
export const HOST_OBJECTS: readonly string[] = ["performance", "process", "crypto", "Intl"];

export const DOORS: readonly Doors[] = [
  {
    instead: "core reads its Clock port, and the world its scheduler's nowUs",
    paths: words(`
      Date Date.now Date.parse Temporal.Now.instant? performance.*
      process.hrtime process.uptime process.cpuUsage process.memoryUsage process.resourceUsage
    `),
  },
  {
    instead: "core draws from its Random port, and the world from a fork of its seed's Prng",
    paths: words("Math.random crypto.*"),
  },
  {
    instead: "core keeps Timers over its Alarm port, and the world calls scheduler.after",
    paths: words(`
      setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate
      AbortSignal.timeout Atomics.wait Atomics.waitAsync?
    `),
  },
  {
    instead: "use an operation object or a generator, or let the scheduler call",
    paths: words(`
      queueMicrotask process.nextTick MessageChannel BroadcastChannel
      Promise Promise.resolve Promise.reject Promise.all Promise.allSettled Promise.any Promise.race Promise.try?
      Promise.withResolvers? Promise.prototype.then Promise.prototype.catch Promise.prototype.finally
    `),
  },
  {
    instead: "when something is collected depends on the heap: let go of it where it ends",
    paths: words("WeakRef WeakRef.prototype.deref FinalizationRegistry"),
  },
  {
    instead: "core sends through its Transport port",
    paths: words("fetch WebSocket? EventSource?"),
  },
  {
    instead: "the host's locale and time zone decide: compare with < or compareBytes, and write figures out",
    paths: words(`
      Intl.* Object.prototype.toLocaleString Array.prototype.toLocaleString Number.prototype.toLocaleString
      BigInt.prototype.toLocaleString String.prototype.localeCompare String.prototype.toLocaleLowerCase
      String.prototype.toLocaleUpperCase
    `),
  },
  {
    instead: "engines differ in its last digits: use exact arithmetic, or round what draws.ts draws",
    paths: words(`
      Math.acos Math.acosh Math.asin Math.asinh Math.atan Math.atanh Math.atan2 Math.cos Math.cosh Math.sin
      Math.sinh Math.tan Math.tanh Math.cbrt Math.exp Math.expm1 Math.hypot Math.log Math.log10 Math.log1p
      Math.log2 Math.pow
    `),
  },
];

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}
