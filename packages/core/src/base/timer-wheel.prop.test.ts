import fc from "fast-check";
import { expect, test } from "vitest";
import { Timer, TimerWheel } from "./timer-wheel.ts";

interface Planned {
  dueMs: number;
  order: number;
}

type Reaction = readonly (["schedule", number, number] | ["cancel", number])[];

/** The contract, word by word: all that was scheduled before, in order of (due, order), unless it is touched. */
class Model {
  readonly planned = new Map<number, Planned>();
  order = 0;

  schedule(id: number, dueMs: number): void {
    this.planned.set(id, { dueMs, order: this.order++ });
  }

  cancel(id: number): void {
    this.planned.delete(id);
  }

  advance(nowMs: number, fire: (id: number) => void): void {
    const due = [...this.planned].filter(([, plan]) => plan.dueMs <= nowMs);
    due.sort(([, a], [, b]) => a.dueMs - b.dueMs || a.order - b.order);
    for (const [id, plan] of due) {
      if (this.planned.get(id) !== plan) continue;
      this.planned.delete(id);
      fire(id);
    }
  }

  nextDueMs(): number {
    return Math.min(Infinity, ...[...this.planned.values()].map((plan) => plan.dueMs));
  }
}

class Logged extends Timer {
  readonly #id: number;
  readonly #fire: (id: number) => void;

  constructor(id: number, fire: (id: number) => void) {
    super();
    this.#id = id;
    this.#fire = fire;
  }

  override onTimer(): void {
    this.#fire(this.#id);
  }
}

const TIMERS = 12;
const id = fc.nat(TIMERS - 1);
/** Relative to now: the past, the same bucket, the same turn of the wheel, and several turns on. */
const delay = fc.oneof(
  fc.integer({ min: -50, max: 50 }),
  fc.integer({ min: 0, max: 70_000 }),
  fc.integer({ min: 65_000, max: 66_000 }),
  fc.integer({ min: 0, max: 400_000 }),
  fc.double({ min: 0, max: 100, noNaN: true }),
);
const touch = fc.oneof(
  fc.tuple(fc.constant("schedule" as const), id, delay),
  fc.tuple(fc.constant("cancel" as const), id),
);
const reactions = fc.array(fc.array(touch, { maxLength: 3 }), { minLength: TIMERS, maxLength: TIMERS });
const jump = fc.oneof(
  fc.nat(30),
  fc.nat(70_000),
  fc.nat(300_000),
  fc.double({ min: 0, max: 20, noNaN: true }),
);
const steps = fc.array(fc.oneof(touch, touch, fc.tuple(fc.constant("advance" as const), jump)), {
  maxLength: 60,
});

test("it fires what the contract says, in order, also when timers set and cancel each other", () => {
  fc.assert(
    fc.property(fc.nat(10_000_000), steps, reactions, (startMs, all, onFire) => {
      let nowMs = startMs;
      const wheel = new TimerWheel(nowMs);
      const model = new Model();
      const fired: string[] = [];
      const expected: string[] = [];
      const timers = Array.from(
        { length: TIMERS },
        (_, number) => new Logged(number, (which) => react(fired, which, wheelActs)),
      );
      const wheelActs = {
        schedule: (which: number, dueMs: number) => wheel.schedule(timerOf(which), dueMs),
        cancel: (which: number) => wheel.cancel(timerOf(which)),
      };

      function timerOf(which: number): Timer {
        const timer = timers[which];
        if (timer === undefined) throw new Error(`no timer ${which}`);
        return timer;
      }
      function react(log: string[], which: number, acts: typeof wheelActs): void {
        log.push(`${which} at ${nowMs}`);
        run(onFire[which] ?? [], acts);
      }
      function run(reaction: Reaction, acts: typeof wheelActs): void {
        for (const step of reaction) {
          if (step[0] === "schedule") acts.schedule(step[1], nowMs + step[2]);
          else acts.cancel(step[1]);
        }
      }

      for (const step of all) {
        if (step[0] === "advance") {
          nowMs += step[1];
          wheel.advance(nowMs);
          model.advance(nowMs, (which) => react(expected, which, model));
        } else {
          run([step], wheelActs);
          run([step], model);
        }
        expect(wheel.nextDueMs()).toBe(model.nextDueMs());
        expect(wheel.size).toBe(model.planned.size);
      }
      expect(fired).toEqual(expected);
      for (let which = 0; which < TIMERS; which++) {
        expect(timerOf(which).scheduled).toBe(model.planned.has(which));
      }
    }),
  );
});
