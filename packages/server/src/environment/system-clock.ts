/** The machine's clocks behind the Clock port. */
import type { Clock } from "@kvorum/core";

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monoMs: () => performance.now(),
};
