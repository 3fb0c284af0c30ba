import { describe, expect, it } from "vitest";
import { ClosedDriver } from "./closed-driver.ts";
import { type Call, type Channel, Driver } from "./driver.ts";
import type { RequestKind } from "./mix.ts";
import { Recorder } from "./recorder.ts";
import { Schedule } from "./schedule.ts";

/** Answers after a millisecond, unless it stalls: then everything waits until the stall is over. */
class FakeServer implements Channel {
  isUp = true;
  readonly kinds: RequestKind[] = [];
  #waiting: Call[] = [];

  send(call: Call): void {
    this.kinds.push(call.kind);
    this.#waiting.push(call);
  }

  answer(nowMs: number, error: string | null = null): void {
    const calls = this.#waiting;
    this.#waiting = [];
    for (const call of calls) call.user.onEnd(call, error, nowMs);
  }
}

interface Run {
  readonly server: FakeServer;
  readonly recorder: Recorder;
  readonly driver: Driver;
}

function start(perSecond: number, seconds: number, kind: RequestKind = "read", outstandingMax = 1e9): Run {
  const server = new FakeServer();
  const recorder = new Recorder(0, "all");
  const driver = new Driver({
    schedule: new Schedule(0, perSecond, seconds),
    keys: { next: () => 0 },
    drawKind: () => kind,
    recorder,
    channelsFor: () => [server],
    outstandingMax,
  });
  return { server, recorder, driver };
}

describe("open loop", () => {
  it("a stall of 500 ms is seen by every request that was due in it, and no request is left out", () => {
    const { server, recorder, driver } = start(1000, 2);
    for (let ms = 0; ms <= 2500; ms++) {
      driver.onTick(ms);
      const stalls = ms >= 1000 && ms < 1500;
      if (!stalls) server.answer(ms + 1);
    }
    expect(driver.isOver).toBe(true);
    const [phase] = recorder.report(2500).phases;
    expect(phase?.count).toBe(2000);
    // One request a millisecond: a quarter of all were due in the stall, so its middle is the 87.5th percentile.
    expect(phase?.p50Ms).toBeLessThanOrEqual(1.01);
    expect(phase?.p99Ms).toBeGreaterThan(475);
    expect(phase?.p99Ms).toBeLessThan(485);
    expect(phase?.maxMs).toBeCloseTo(501, 0);
  });

  it("a driver that is late itself counts that too", () => {
    const { server, recorder, driver } = start(1000, 0.2);
    driver.onTick(300);
    server.answer(301);
    const report = recorder.report(301);
    expect(report.phases[0]?.maxMs).toBeCloseTo(301, 0);
    expect(report.lateness.maxMs).toBeCloseTo(300, 0);
  });

  it("a modification is a read, then a write, and one latency", () => {
    const { server, recorder, driver } = start(1, 1, "modify");
    driver.onTick(0);
    server.answer(10);
    expect(driver.outstanding).toBe(1);
    server.answer(30);
    expect(server.kinds).toEqual(["modify", "write"]);
    const [phase] = recorder.report(1000).phases;
    expect(phase?.count).toBe(1);
    expect(phase?.maxMs).toBeCloseTo(30, 1);
  });

  it("errors are counted by code, and have no latency", () => {
    const { server, recorder, driver } = start(1000, 0.003);
    driver.onTick(2);
    server.answer(5, "QUORUM");
    const [phase] = recorder.report(1000).phases;
    expect([phase?.count, phase?.errors, phase?.codes]).toEqual([0, 3, { QUORUM: 3 }]);
  });

  it("with nobody to ask, and with too much under way, requests fail at once", () => {
    const alone = start(1000, 0.002);
    alone.server.isUp = false;
    alone.driver.onTick(1);
    expect(alone.recorder.report(1000).phases[0]?.codes).toEqual({ UNREACHABLE: 2 });
    const full = start(1000, 0.005, "read", 2);
    full.driver.onTick(4);
    expect(full.recorder.report(1000).phases[0]?.codes).toEqual({ OVERRUN: 3 });
    expect(full.driver.outstanding).toBe(2);
  });
});

describe("closed loop", () => {
  it("keeps as many under way as it may, until there is nothing more", () => {
    const server = new FakeServer();
    let left = 5;
    const next = () => (left-- > 0 ? { key: 0, kind: "write" as const } : null);
    const driver = new ClosedDriver({ channelsFor: () => [server], next, outstandingMax: 2 }, 0);
    for (let ms = 0; !driver.isOver; ms++) {
      driver.onTick(ms);
      server.answer(ms);
    }
    expect(server.kinds).toHaveLength(5);
    expect(driver.report(1000)).toEqual({ answered: 5, errors: 0, firstError: "", seconds: 1 });
  });
});
