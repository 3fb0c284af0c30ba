import { beforeEach, expect, test } from "vitest";
import { Timer } from "../base/timer-wheel.ts";
import { Timers } from "./timers.ts";

class World {
  nowMs = 1000;
  wakes: number[] = [];

  wallMs(): number {
    return 5;
  }

  monoMs(): number {
    return this.nowMs;
  }

  wakeAt(monoMs: number): void {
    this.wakes.push(monoMs);
  }
}

class Acting extends Timer {
  readonly act: () => void;

  constructor(act: () => void) {
    super();
    this.act = act;
  }

  override onTimer(): void {
    this.act();
  }
}

let world: World;
let timers: Timers;
let fired: string[];

beforeEach(() => {
  world = new World();
  timers = new Timers(world, world);
  fired = [];
});

function noting(name: string): Timer {
  return new Acting(() => void fired.push(`${name} at ${world.nowMs}`));
}

test("the alarm is set for the earliest timer, and only when it must ring earlier", () => {
  timers.after(noting("b"), 50);
  timers.after(noting("c"), 80);
  timers.at(noting("a"), 1020);
  expect(world.wakes).toEqual([1050, 1020]);
});

test("each ring fires what is due and sets the alarm for the next", () => {
  timers.after(noting("a"), 20);
  timers.after(noting("b"), 50);
  world.nowMs = 1021;
  timers.onAlarm();
  expect(fired).toEqual(["a at 1021"]);
  expect(world.wakes).toEqual([1020, 1050]);
  world.nowMs = 1050;
  timers.onAlarm();
  expect(fired).toEqual(["a at 1021", "b at 1050"]);
  expect(world.wakes).toEqual([1020, 1050]);
});

test("a ring for a cancelled timer fires nothing and goes on to the next", () => {
  const gone = noting("gone");
  timers.after(gone, 20);
  timers.after(noting("b"), 50);
  timers.cancel(gone);
  world.nowMs = 1020;
  timers.onAlarm();
  expect(fired).toEqual([]);
  expect(world.wakes).toEqual([1020, 1050]);
});

test("timers set from within a timer share one setting of the alarm", () => {
  const timer = new Acting(() => {
    timers.after(noting("late"), 90);
    timers.after(noting("soon"), 30);
  });
  timers.after(timer, 10);
  world.nowMs = 1010;
  timers.onAlarm();
  expect(world.wakes).toEqual([1010, 1040]);
});

test("an alarm that rings early is set again", () => {
  timers.after(noting("a"), 20);
  world.nowMs = 1015;
  timers.onAlarm();
  expect(fired).toEqual([]);
  expect(world.wakes).toEqual([1020, 1020]);
});

test("an alarm that has rung for the last timer is set again for a later one", () => {
  timers.after(noting("a"), 20);
  world.nowMs = 1020;
  timers.onAlarm();
  timers.after(noting("b"), 500);
  expect(world.wakes).toEqual([1020, 1520]);
});
