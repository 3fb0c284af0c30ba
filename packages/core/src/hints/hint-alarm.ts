/** Tells whoever operates the member of hints that grow old, of hints that found no room, and of targets that have all. */
import type { Timers } from "../control/timers.ts";
import type { Limits } from "../config/limits.ts";
import type { MemberId } from "../model/member.ts";
import type { Events } from "../ports/events.ts";
import type { HybridClock } from "../version/hlc.ts";
import type { HintIndex, TargetHints } from "./hint-index.ts";
import type { HintTally } from "./hint-tally.ts";

export interface AlarmParts {
  readonly timers: Timers;
  readonly clock: HybridClock;
  readonly limits: Limits;
  readonly events: Events;
}

/** An alarm that goes on is repeated after so long. */
const AGAIN_MS = 60_000;

export class HintAlarm {
  readonly #parts: AlarmParts;
  readonly #index: HintIndex;
  readonly #tally: HintTally;
  /** What was told of each target, and when, by the timers' clock. */
  readonly #fullMs = new Map<MemberId, number>();
  readonly #oldMs = new Map<MemberId, number>();
  readonly #lacked = new Map<MemberId, number>();
  readonly #had = new Set<MemberId>();

  constructor(parts: AlarmParts, index: HintIndex, tally: HintTally) {
    this.#parts = parts;
    this.#index = index;
    this.#tally = tally;
  }

  look(): void {
    this.#index.findOldest();
    for (const hints of this.#index.targets) {
      this.#lookAtRoom(hints);
      this.#lookAtAge(hints);
      this.#lookAtEnd(hints);
    }
  }

  #lookAtRoom({ target }: TargetHints): void {
    const { dropped, refused } = this.#tally.of(target);
    if (dropped + refused === (this.#lacked.get(target) ?? 0) || !this.#mayTell(this.#fullMs, target)) return;
    this.#lacked.set(target, dropped + refused);
    const { hintsMax, hintBytesMax, hintsTotalMax, hintBytesTotalMax } = this.#parts.limits;
    const bounds = `hintsMax ${hintsMax}, hintBytesMax ${hintBytesMax}, hintsTotalMax ${hintsTotalMax}, hintBytesTotalMax ${hintBytesTotalMax}`;
    const text = `there is no room for more hints for member ${target} (${bounds}): ${dropped} references were dropped, exchanges will find what they were for, and ${refused} writes were refused that this member was to keep in its place; bring the member back, or replace it`;
    this.#parts.events.event("error", "hints-full", text, { target, dropped, refused });
  }

  #lookAtAge({ target, size, oldestMs }: TargetHints): void {
    const ageMs = Math.round(this.#parts.clock.nowMs() - oldestMs);
    if (size === 0 || ageMs < this.#parts.limits.hintAgeMsMax || !this.#mayTell(this.#oldMs, target)) return;
    const text = `the oldest of ${size} hints for member ${target} has waited for ${ageMs} ms (hintAgeMsMax ${this.#parts.limits.hintAgeMsMax}); bring the member back, or replace it`;
    this.#parts.events.event("warn", "hints-old", text, { target, hints: size, ageMs });
  }

  #lookAtEnd({ target, size }: TargetHints): void {
    if (size > 0) this.#had.add(target);
    else if (this.#had.delete(target)) {
      const { delivered } = this.#tally.of(target);
      const text = `member ${target} has all that was kept for it`;
      this.#parts.events.event("info", "hints-delivered", text, { target, delivered });
    }
  }

  #mayTell(told: Map<MemberId, number>, target: MemberId): boolean {
    const nowMs = this.#parts.timers.nowMs();
    if (nowMs < (told.get(target) ?? -Infinity) + AGAIN_MS) return false;
    told.set(target, nowMs);
    return true;
  }
}
