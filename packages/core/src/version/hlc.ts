/**
 * Hybrid logical clock: one safe integer, `(ms since 2020) * 4096 + counter`, good until 2089 as a double.
 * It follows the machine's monotonic time from where the wall clock stood at start, so steps of the wall clock
 * change nothing while a member runs, and every clock it mints is above every clock it has seen.
 * Kulkarni, Demirbas et al., "Logical Physical Clocks", OPODIS 2014.
 *
 * Over restarts it is kept increasing by a *ceiling*: nothing is minted above the persisted ceiling, and a restart
 * begins above it, whatever the wall clock says by then.
 */
import { assert } from "../base/assert.ts";
import type { Clock } from "../ports/clock.ts";

/** 2020-01-01T00:00:00Z in ms since 1970. */
export const HLC_EPOCH_MS = 1_577_836_800_000;

/** Room for 400,000 dots even when the clock stands still. */
const RESERVE_MS_MIN = 100;

/** Ticks per millisecond. */
export const HLC_TICKS = 4096;

/** The clock at an instant given in ms since 1970. */
export function hlcOfMs(ms: number): number {
  return Math.floor(ms - HLC_EPOCH_MS) * HLC_TICKS;
}

/** The instant of a clock in whole ms since 1970. */
export function msOfHlc(clock: number): number {
  return Math.floor(clock / HLC_TICKS) + HLC_EPOCH_MS;
}

export class HybridClock {
  readonly #clock: Clock;
  readonly #driftMs: number;
  readonly #anchorMs: number;
  readonly #bootMs: number;
  #last: number;
  #ceiling: number;
  #minted = 0;
  #refusals = 0;

  /** `ceiling` is the persisted one, 0 for a member that has never minted. */
  constructor(clock: Clock, maxClockDriftMs: number, ceiling: number) {
    this.#clock = clock;
    this.#driftMs = maxClockDriftMs;
    this.#anchorMs = clock.wallMs() - clock.monoMs();
    this.#bootMs = msOfHlc(ceiling);
    this.#last = ceiling;
    this.#ceiling = ceiling;
  }

  /** The latest of what this member has seen and its own time. Reading consumes nothing and promises nothing. */
  reading(): number {
    const physical = this.#physical();
    return physical > this.#last ? physical : this.#last;
  }

  nowMs(): number {
    return msOfHlc(this.reading());
  }

  /** The highest clock minted in this boot; 0 when none was. */
  get minted(): number {
    return this.#minted;
  }

  get ceiling(): number {
    return this.#ceiling;
  }

  get driftRefusals(): number {
    return this.#refusals;
  }

  /**
   * A new clock above everything seen and above `floor`, or 0 when that would pass the persisted ceiling: then
   * raise the ceiling first. A floor that `tooFarAhead` refuses must not come here.
   */
  mint(floor: number): number {
    const physical = this.#physical();
    let next = this.#last + 1;
    if (physical > next) next = physical;
    if (floor >= next) next = floor + 1;
    if (next > this.#ceiling) return 0;
    assert(next > this.#last && next > floor, "a minted clock exceeds everything it saw");
    this.#last = next;
    this.#minted = next;
    return next;
  }

  /**
   * Whether a clock is so far ahead of our own time that it must not be adopted. Own time is the wall clock, the
   * monotonic clock since the start, and what had been minted before the start; not what was adopted since, or a
   * series of clocks, each a little ahead, would lead all members away from the time of day.
   */
  tooFarAhead(clock: number): boolean {
    return this.aheadMs(clock) > this.#driftMs;
  }

  /** How far a clock is ahead of our own time, as `tooFarAhead` judges it; negative when it is behind. */
  aheadMs(clock: number): number {
    return msOfHlc(clock) - Math.max(this.#clock.wallMs(), msOfHlc(this.#physical()), this.#bootMs);
  }

  /** Takes notice of somebody's clock. False: it was too far ahead and was not adopted. */
  observe(clock: number): boolean {
    if (clock <= this.#last) return true;
    if (this.tooFarAhead(clock)) {
      this.#refusals++;
      return false;
    }
    this.#last = clock;
    return true;
  }

  /**
   * The ceiling to persist so that minting above `floor` can go on for `reserveMs`. A clock that is ahead of its own
   * time (as after a restart, which begins at the old ceiling) gets little more than it has: it stands still until
   * time has caught up, and a series of restarts must not lead it away.
   */
  nextCeiling(reserveMs: number, floor = 0): number {
    const ample = this.#physical() + Math.ceil(reserveMs) * HLC_TICKS;
    return Math.max(ample, Math.max(floor, this.reading()) + RESERVE_MS_MIN * HLC_TICKS);
  }

  /** How much of the reserve is left, in ms; negative when minting waits for a new ceiling. */
  reserveLeftMs(): number {
    return (this.#ceiling - this.reading()) / HLC_TICKS;
  }

  /** To be called only when the new ceiling is on stable storage. */
  raiseCeiling(ceiling: number): void {
    if (ceiling > this.#ceiling) this.#ceiling = ceiling;
  }

  #physical(): number {
    return hlcOfMs(this.#anchorMs + this.#clock.monoMs());
  }
}
