/** A clock that tests move by hand: time passes on both hands, and only the wall's can be set. */
import type { Clock } from "../ports/clock.ts";

export class ManualClock implements Clock {
  wall: number;
  mono: number;

  constructor(wall: number, mono = 0) {
    this.wall = wall;
    this.mono = mono;
  }

  wallMs(): number {
    return this.wall;
  }

  monoMs(): number {
    return this.mono;
  }

  pass(ms: number): void {
    this.wall += ms;
    this.mono += ms;
  }
}
