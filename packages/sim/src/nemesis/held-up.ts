/** When members were held up: killed and not yet back, or paused. While that lasts nobody can expect an answer. */
import type { MemberId } from "@kvorum/core";

export class HeldUp {
  readonly #nowUs: () => number;
  /** Until when each was last held up; Infinity while it is. */
  readonly #untilUs = new Map<MemberId, number>();

  constructor(nowUs: () => number) {
    this.#nowUs = nowUs;
  }

  /** To be told before it happens. */
  begin(member: MemberId): void {
    this.#untilUs.set(member, Infinity);
  }

  /** To be told after it is over. */
  end(member: MemberId): void {
    if (this.#untilUs.get(member) === Infinity) this.#untilUs.set(member, this.#nowUs());
  }

  /** Whether it was at any time from then on. */
  since(member: MemberId, sinceUs: number): boolean {
    return (this.#untilUs.get(member) ?? -1) >= sinceUs;
  }
}
