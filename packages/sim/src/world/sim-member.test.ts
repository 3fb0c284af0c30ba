import { Prng } from "@kvorum/core";
import { expect, test } from "vitest";
import { SimDisk } from "./disk.ts";
import { MachineClock } from "./clock.ts";
import { EventLog } from "./event-log.ts";
import { Network } from "./network.ts";
import { Scheduler } from "./scheduler.ts";
import { type ProcessPorts, SimMember } from "./sim-member.ts";

const network = {
  delayUsMin: 1,
  delayUsMean: 1,
  splitOneIn: 0,
  lingerOneIn: 0,
  sendBufferBytes: 1000,
  giveUpUsMin: 1000,
  giveUpUsMax: 2000,
  dialTimeoutUs: 1000,
};

/** A machine whose processes only note what happens to them. */
function machine(options: { driftPpm?: number; offsetMs?: number } = {}) {
  const root = new Prng(1);
  const scheduler = new Scheduler(root.fork("schedule"));
  const log = new EventLog(null);
  const told: string[] = [];
  const booted: ProcessPorts[] = [];
  const surroundings = {
    scheduler,
    log,
    network: new Network(2, scheduler, root.fork("network"), log, network),
    compose: (_member: number, ports: ProcessPorts) => {
      booted.push(ports);
      const note = (what: string) => void told.push(`${booted.length}: ${what}`);
      return { member: null, onAlarm: () => note("alarm"), onTurnEnd: () => note("turn") };
    },
    turnUsMax: 10,
    current: 0,
  };
  const disk = new SimDisk(1, scheduler, root.fork("disk"), log, { writeUs: 10, syncUs: 100, readUs: 10 });
  const clock = new MachineClock(scheduler, options.driftPpm ?? 0, options.offsetMs ?? 0);
  const member = new SimMember(1, disk, clock, root.fork("member"), surroundings);
  const ports = (): ProcessPorts => {
    const last = booted.at(-1);
    if (last === undefined) throw new Error("nothing has booted");
    return last;
  };
  const pass = (ms: number) => scheduler.run(scheduler.nowUs + ms * 1000, null);
  return { member, scheduler, told, ports, pass };
}

test("an alarm rings once, at its time by the process's own clock, and a later one replaces an earlier one", () => {
  const { member, scheduler, told, ports, pass } = machine({ driftPpm: 500_000 });
  pass(7);
  member.boot();
  pass(1);
  told.length = 0;
  const { alarm, clock } = ports();
  expect(clock.monoMs()).toBeCloseTo(1.5);
  alarm.wakeAt(6);
  alarm.wakeAt(9);
  pass(4);
  expect(told).toEqual([]);
  pass(2);
  expect(told).toEqual(["1: alarm", "1: turn"]);
  expect(clock.monoMs()).toBeGreaterThanOrEqual(9);
  expect(scheduler.nowUs).toBe(14_000);
  pass(100);
  expect(told).toHaveLength(2);
});

test("what comes to a paused process comes when it goes on, and what comes to a dead one never does", () => {
  const { member, told, ports, pass } = machine();
  member.boot();
  pass(1);
  told.length = 0;
  ports().alarm.wakeAt(5);
  member.pause();
  expect(member.state).toBe("paused");
  pass(20);
  expect(told).toEqual([]);
  member.resume();
  pass(1);
  expect(told).toEqual(["1: alarm", "1: turn"]);
  ports().alarm.wakeAt(50);
  member.kill();
  expect(member.state).toBe("dead");
  member.boot();
  pass(100);
  expect(told.filter((line) => line.includes("alarm"))).toHaveLength(1);
  expect(member.state).toBe("running");
});

test("the wall clock steps, the monotonic one does not, and a boot begins at zero", () => {
  const { member, ports, pass } = machine({ offsetMs: 250 });
  member.boot();
  const { clock } = ports();
  const wallMs = clock.wallMs();
  pass(10);
  expect(clock.wallMs() - wallMs).toBeCloseTo(10);
  member.stepClock(-1000);
  expect(clock.wallMs() - wallMs).toBeCloseTo(10 - 1250);
  expect(clock.monoMs()).toBeCloseTo(10);
  member.kill();
  member.boot();
  expect(ports().clock.monoMs()).toBe(0);
});

test("a process that stops of itself is dead at once, and says why", () => {
  const { member, told, ports, pass } = machine();
  member.boot();
  ports().alarm.wakeAt(5);
  ports().events.fatal("DISK", "the disk failed");
  pass(10);
  expect(told).toEqual([]);
  expect(member.fatals).toEqual(["DISK"]);
  expect(member.state).toBe("dead");
});
