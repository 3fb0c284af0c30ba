/**
 * The driver's process. It is told a plan, carries it out and reports; one plan at a time. Processes of their own, so
 * that what drives the load never waits for what starts and stops servers.
 */
import { randomBytes } from "node:crypto";
import { Prng, slotOf, type Random } from "@kvorum/core";
import { ClosedDriver, type ClosedReport } from "./closed-driver.ts";
import { Driver } from "./driver.ts";
import { keyChooser, keyName } from "./key-chooser.ts";
import { drawKind, MIXES, type RequestKind } from "./mix.ts";
import { isDriverMark, isDriverPlan, type DriverMark, type DriverPlan } from "./plan.ts";
import { Recorder, type DriverReport } from "./recorder.ts";
import { RespChannel } from "./resp-channel.ts";
import { Schedule } from "./schedule.ts";

const TICK_MS = 1;
const CONNECT_MS_MAX = 10_000;
/** A store that cannot keep up is not pressed further; the run shows it as errors. */
const OUTSTANDING_MAX = 50_000;

const nowMs = () => performance.now();

interface Loop {
  readonly isOver: boolean;
  onTick(nowMs: number): void;
}

class Channels {
  /** Called after replies have come in. */
  onInput: () => void = () => undefined;
  readonly #byPort: ReadonlyMap<number, readonly RespChannel[]>;
  readonly #all: readonly RespChannel[];
  readonly #bySlot: readonly (readonly RespChannel[])[];

  constructor({ target, load, timeoutMs }: DriverPlan) {
    const value = randomBytes(load.valueBytes).toString("base64").slice(0, load.valueBytes);
    const onInput = () => this.onInput();
    const make = (port: number) =>
      Array.from(
        { length: target.connectionsOfEach },
        () => new RespChannel({ port, value, timeoutMs, nowMs, onInput }),
      );
    this.#byPort = new Map(target.ports.map((port) => [port, make(port)]));
    this.#all = interleaved([...this.#byPort.values()]);
    const bySlot: (readonly RespChannel[])[] = [];
    for (const { from, to, port } of target.slots)
      for (let slot = from; slot <= to; slot++) bySlot[slot] = this.#byPort.get(port) ?? [];
    this.#bySlot = bySlot;
  }

  readonly forKey = (key: number): readonly RespChannel[] =>
    this.#bySlot.length === 0 ? this.#all : (this.#bySlot[slotOf(Buffer.from(keyName(key)))] ?? []);

  /** Resolves when all are up. */
  async up(): Promise<void> {
    const untilMs = nowMs() + CONNECT_MS_MAX;
    while (!this.#all.every(({ isUp }) => isUp)) {
      if (nowMs() > untilMs) throw new Error("not all connections of the driver came up");
      this.flush();
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
  }

  flush(): void {
    const now = nowMs();
    for (const channel of this.#all) channel.flush(now);
  }

  close(): void {
    for (const channel of this.#all) channel.close();
  }
}

/** So that turns go from member to member. */
function interleaved(groups: readonly (readonly RespChannel[])[]): RespChannel[] {
  const [first = []] = groups;
  return first.flatMap((_, index) => groups.flatMap((group) => group[index] ?? []));
}

/** Ticks every millisecond, and after replies, until the loop is over. */
function drive(loop: Loop, channels: Channels): Promise<void> {
  return new Promise((resolve) => {
    let isArmed = false;
    const tick = () => {
      isArmed = false;
      loop.onTick(nowMs());
      channels.flush();
      if (!loop.isOver) return;
      clearInterval(timer);
      channels.onInput = () => undefined;
      resolve();
    };
    const timer = setInterval(tick, TICK_MS);
    channels.onInput = () => {
      if (isArmed) return;
      isArmed = true;
      setImmediate(tick);
    };
  });
}

/** The open loop that is under way. */
let onMark: ((mark: DriverMark) => void) | null = null;

async function runOpen(plan: DriverPlan, channels: Channels): Promise<DriverReport> {
  const { load, mode, seed } = plan;
  if (mode.kind !== "open") throw new TypeError("not an open loop");
  const random = new Prng(seed);
  const startMs = nowMs();
  let endMs = startMs + mode.seconds * 1000;
  const recorder = new Recorder(startMs, mode.phase);
  const schedule = new Schedule(startMs, mode.perSecond, mode.seconds);
  onMark = (mark) => {
    if (mark.kind === "phase") recorder.beginPhase(mark.name, nowMs());
    else {
      schedule.end();
      endMs = nowMs();
    }
  };
  const driver = new Driver({
    schedule,
    keys: keyChooser(load.distribution, load.keys, random.fork("keys")),
    drawKind: () => drawKind(MIXES[load.mix], random),
    recorder,
    channelsFor: channels.forKey,
    outstandingMax: OUTSTANDING_MAX,
  });
  await drive(driver, channels);
  return recorder.report(endMs);
}

async function runClosed(plan: DriverPlan, channels: Channels): Promise<ClosedReport> {
  const { load, mode, seed } = plan;
  if (mode.kind === "open") throw new TypeError("not a closed loop");
  const startMs = nowMs();
  const next =
    mode.kind === "fill" ? allKeys(load.keys) : until(startMs + mode.seconds * 1000, plan, new Prng(seed));
  const driver = new ClosedDriver(
    { channelsFor: channels.forKey, next, outstandingMax: mode.outstanding },
    startMs,
  );
  await drive(driver, channels);
  return driver.report(nowMs());
}

type Wish = { readonly key: number; readonly kind: RequestKind };

function allKeys(keys: number): () => Wish | null {
  let next = 0;
  return () => (next < keys ? { key: next++, kind: "write" } : null);
}

function until(endMs: number, { load }: DriverPlan, random: Random): () => Wish | null {
  const keys = keyChooser(load.distribution, load.keys, random);
  return () => (nowMs() < endMs ? { key: keys.next(), kind: drawKind(MIXES[load.mix], random) } : null);
}

async function run(plan: DriverPlan): Promise<DriverReport | ClosedReport> {
  const channels = new Channels(plan);
  try {
    await channels.up();
    return plan.mode.kind === "open" ? await runOpen(plan, channels) : await runClosed(plan, channels);
  } finally {
    channels.close();
    onMark = null;
  }
}

process.on("disconnect", () => process.exit());
process.on("message", (message) => {
  if (isDriverMark(message)) onMark?.(message);
  if (isDriverPlan(message)) void run(message).then((report) => process.send?.({ kind: "ran", report }));
});
process.send?.({ kind: "ready" });
