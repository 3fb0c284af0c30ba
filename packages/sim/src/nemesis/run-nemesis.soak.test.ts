import { expect, test } from "vitest";
import { runNemesis } from "./run-nemesis.ts";

const minutes = Number(process.env["KVORUM_SOAK_MINUTES"] ?? 60);
const RUN_MINUTES_MAX = 10;

test(`kills, pauses and cuts break no promise for ${minutes} minutes`, async () => {
  for (let left = minutes; left > 0; left -= RUN_MINUTES_MAX) {
    // Nobody meets the same faults twice.
    const seed = Math.floor(Date.now() / 1000);
    const report = await runNemesis({
      seed,
      members: seed % 3 === 0 ? 5 : 3,
      durationMs: Math.min(left, RUN_MINUTES_MAX) * 60_000,
      log: (text) => console.log(text),
      signal: new AbortController().signal,
    });
    expect({ seed, violations: report?.violations }).toEqual({ seed, violations: [] });
  }
});
