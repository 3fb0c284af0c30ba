import { Prng } from "@kvorum/core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { judgeHistory } from "../judge.ts";
import type { Operation } from "../workloads/history.ts";
import { Client } from "../workloads/client.ts";
import type { Wish } from "../workloads/stage.ts";
import type { WorkloadOptions } from "../world/options.ts";
import { FinalRound } from "./final-round.ts";
import { LosingWire, MemoryWire } from "./memory-wire.fixture.ts";
import { ProcessStage } from "./process-stage.ts";
import { RealClock } from "./real-clock.ts";
import type { Wire } from "./wire.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function stageOn(wire: Wire): ProcessStage {
  return new ProcessStage({ wire, clock: new RealClock(), prefix: "p-", replicas: 3 });
}

const wish: Wish = {
  client: 1,
  member: 2,
  kind: "put",
  key: "k",
  homes: 2,
  levelsFirst: false,
  durability: "fsync",
  fallbacks: "deny",
  context: null,
  onlyIfSeen: false,
  isConditional: false,
  elements: null,
  valueBytes: 24,
  ttlMs: 0,
  timeoutMs: 300,
  patienceMs: Infinity,
  isAfterHealing: false,
  excuses: [],
};

/** Asks, and lets so much time pass. */
async function ask(stage: ProcessStage, choices: Partial<Wish> = {}, ms = 1): Promise<[Operation, string]> {
  let token = "";
  const operation = stage.ask({ ...wish, ...choices }, { onEnded: (_, given) => (token = given) });
  await vi.advanceTimersByTimeAsync(ms);
  return [operation, token];
}

describe("what a client comes to know is noted", () => {
  test("of what succeeds", async () => {
    const stage = stageOn(new MemoryWire());
    expect(await ask(stage, { kind: "delete" })).toMatchObject([{ ending: "ok", wroteNothing: true }, ""]);
    const [put, token] = await ask(stage);
    expect(put).toMatchObject({ id: 2, ending: "ok", code: "OK", holders: [1, 2, 3], wroteNothing: false });
    expect(put.endedUs).toBeGreaterThan(put.invokedUs);
    const [sibling] = await ask(stage, { context: { token: "", from: put.id, isForeign: false } });
    expect(sibling).toMatchObject({ ending: "ok", contextOf: put.id });
    const [first] = await ask(stage, { kind: "get" });
    expect(first.values).toEqual([put.id, sibling.id]);
    await ask(stage, { kind: "delete", context: { token, from: put.id, isForeign: false } });
    const [second, readToken] = await ask(stage, { kind: "get" });
    expect(second).toMatchObject({ values: [sibling.id], tombstones: 1 });
    expect(readToken).not.toBe("");
  });

  test.each([
    ["QUORUM fewer homes can be reached", "failed", "QUORUM"],
    ["TIMEOUT the deadline passed", "unknown", "TIMEOUT"],
    ["UNKNOWN a member was lost", "unknown", "UNKNOWN"],
    ["ERR unknown option", "failed", "INVALID"],
    ["WHAT nobody knows this word", "unknown", "WHAT"],
  ])("of an error: %s", async (errorText, ending, code) => {
    const wire = new MemoryWire();
    Object.assign(wire, { errorText, next: "error" });
    const [operation] = await ask(stageOn(wire));
    expect(operation).toMatchObject({ ending, code });
    expect(operation.endedUs === Infinity).toBe(ending === "unknown");
  });

  test("of connections that are not there, and that are lost", async () => {
    const wire = new MemoryWire();
    const stage = stageOn(wire);
    wire.next = "refused";
    expect((await ask(stage))[0]).toMatchObject({ ending: "failed", code: "REFUSED" });
    wire.next = "lost";
    expect((await ask(stage))[0]).toMatchObject({ ending: "unknown", code: "LOST", endedUs: Infinity });
    wire.next = "garbage";
    expect((await ask(stage))[0]).toMatchObject({ ending: "unknown", code: "GARBLED" });
    expect(stage.garbled).toHaveLength(1);
  });

  test("of silence: soon when the member is held up, and as its fault when it is not, after long", async () => {
    const wire = new MemoryWire();
    const stage = stageOn(wire);
    wire.next = "silence";
    wire.heldUp = true;
    expect((await ask(stage, {}, 1_000))[0]).toMatchObject({
      ending: "unknown",
      code: "SILENCE",
      isInTime: true,
    });
    wire.next = "silence";
    wire.heldUp = false;
    const [operation] = await ask(stage, {}, 5_000);
    expect(operation.ending).toBe("running");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(operation).toMatchObject({ ending: "unknown", isInTime: false });
    expect(wire.hangUps).toBe(2);
    expect(judgeHistory(stage, []).map(({ checker }) => checker)).toEqual(["liveness"]);
  });

  test("of what a client did not wait for", async () => {
    const wire = new MemoryWire();
    wire.next = "silence";
    const [operation] = await ask(stageOn(wire), { patienceMs: 20 }, 30);
    expect(operation).toMatchObject({ ending: "unknown", code: "LEFT", isInTime: true });
    expect(wire.hangUps).toBe(1);
  });

  test("of sets", async () => {
    const stage = stageOn(new MemoryWire());
    const [first] = await ask(stage, { elements: [] });
    expect(first.elements).toEqual([1]);
    await ask(stage, { elements: [1], context: { token: "", from: 1, isForeign: false } });
    const [read] = await ask(stage, { kind: "get", elements: [] });
    expect(read).toMatchObject({ values: [1, 2], elements: [1, 2], answered: [1, 2, 3] });
  });

  test("and what runs when clients go home is unknown", async () => {
    const wire = new MemoryWire();
    const stage = stageOn(wire);
    wire.next = "silence";
    const [operation] = await ask(stage);
    const finished = stage.finish();
    stage.abandon();
    await finished;
    expect(operation).toMatchObject({ ending: "unknown", code: "ABANDONED", endedUs: Infinity });
  });
});

const workload: WorkloadOptions = {
  quorums: "majority",
  fallbacks: "deny",
  osPercent: 25,
  contextPercent: 30,
  ttlPercent: 0,
  ttlMsMax: 1,
  impatiencePercent: 5,
  levelEvery: 0,
  touchEvery: 0,
  walkers: 0,
  serialClients: 0,
  conditionalPercent: 0,
  serialKeys: 1,
  clients: 5,
  keys: 3,
  families: [60, 20, 20],
  skew: 0.5,
  thinkUs: 20_000,
  valueBytesMax: 500,
  timeoutMs: 1_000,
  eventsMin: 0,
  operationsMin: 0,
  durationUsMin: 0,
  durationUsMax: 0,
};

const WORK_MS = 10_000;

/** Clients at work, then a read of everything at every member; `read` changes what it returned. */
async function judged(wire: Wire, read: (operation: Operation) => void = () => undefined): Promise<string[]> {
  const stage = stageOn(wire);
  const shape = { members: 3, replicas: 3, workload };
  const clients = Array.from(
    { length: workload.clients },
    (_, index) => new Client(index + 1, stage, shape, new Prng(index + 1)),
  );
  for (const client of clients) client.start();
  await vi.advanceTimersByTimeAsync(WORK_MS);
  for (const client of clients) client.stop();
  await vi.advanceTimersByTimeAsync(1_000);
  if (stage.operations.length < 500) throw new Error(`only ${stage.operations.length} operations`);
  const round = new FinalRound(stage, [1, 2, 3], 3, new AbortController().signal);
  const reading = round.readAll();
  await vi.advanceTimersByTimeAsync(1_000);
  await reading;
  for (const operation of round.finalReads) read(operation);
  const violations = judgeHistory(stage, round.finalReads);
  const writing = round.writeAll();
  await vi.advanceTimersByTimeAsync(1_000);
  await writing;
  return [...new Set(violations.map(({ checker }) => checker))].toSorted();
}

describe("the checkers, through the stage of real processes,", () => {
  test("find nothing where nothing is wrong", async () => {
    expect(await judged(new MemoryWire())).toEqual([]);
  });

  test("find acknowledged writes that are lost", async () => {
    expect(await judged(new LosingWire(new MemoryWire(), 40))).toEqual(
      expect.arrayContaining(["quorum"]) as unknown,
    );
  });

  test("find a last write of a key that is lost, in the reads at the end", async () => {
    const forget = (operation: Operation): void => void (operation.values = []);
    expect(await judged(new MemoryWire(), forget)).toContain("durability");
  });

  test("find reads at the end that differ", async () => {
    const differ = (operation: Operation): void => {
      if (operation.member === 3) operation.values = [...operation.values, 1];
    };
    expect(await judged(new MemoryWire(), differ)).toContain("agreement");
  });

  test("find what nobody wrote", async () => {
    const invent = (operation: Operation): void => void (operation.values = [...operation.values, 0]);
    expect(await judged(new MemoryWire(), invent)).toContain("invented");
  });
});
