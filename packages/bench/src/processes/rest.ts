/** Servers that go on after their load has ended: compactions, repairs. What is measured next must not feel that. */
import { pause } from "./pause.ts";

export interface RestOptions {
  /** How long one look lasts. */
  readonly lookMs?: number;
  /** After so long it is as it is. */
  readonly mostMs?: number;
}

/** Of one core; heartbeats and timers take less. */
const REST_SHARE = 0.1;

/** Waits until servers use next to nothing, during one whole look. `cpuUs`: their CPU time so far, in µs. */
export async function untilAtRest(
  cpuUs: () => number,
  { lookMs = 1_000, mostMs = 60_000 }: RestOptions = {},
): Promise<void> {
  const endMs = performance.now() + mostMs;
  for (let before = cpuUs(); performance.now() < endMs;) {
    const atMs = performance.now();
    await pause(lookMs);
    const now = cpuUs();
    if (now - before < REST_SHARE * 1000 * (performance.now() - atMs)) return;
    before = now;
  }
}
