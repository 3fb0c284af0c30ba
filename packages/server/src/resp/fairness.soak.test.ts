/**
 * What 1,000 idle and 200 abusive connections do to the latency of others: open-loop clients in a process of their
 * own, for KVORUM_SOAK_MINUTES, quiet and abused windows in turn. It prints medians and ranges; only a crash or
 * silence fails.
 */
import { setTimeout as later } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { Abusers } from "./abusers.fixture.ts";
import { LoneMember } from "./lone-member.fixture.ts";
import { Pace, type Window } from "./pace.fixture.ts";

const minutes = Number(process.env["KVORUM_SOAK_MINUTES"] ?? 4);
const WINDOW_MS = 10_000;

function spread(windows: readonly Window[], of: (window: Window) => number): string {
  const values = windows.map(of).toSorted((a, b) => a - b);
  const [median, least, most] = [values[values.length >> 1], values[0], values.at(-1)].map((value) =>
    (value ?? 0).toFixed(2),
  );
  return `${median} (${least} to ${most})`;
}

test(`${minutes} minutes of quiet and abuse in turn`, async () => {
  const member = await LoneMember.start(39_450);
  onTestFinished(() => member.dispose(), 60_000);
  const pace = new Pace(member.port);
  onTestFinished(() => pace.stop());
  const windows: Record<"quiet" | "abused", Window[]> = { quiet: [], abused: [] };
  const held: number[] = [];
  const untilMs = performance.now() + minutes * 60_000;
  await later(2_000);
  while (performance.now() < untilMs) {
    await pace.window();
    await later(WINDOW_MS);
    windows.quiet.push(await pace.window());
    const abusers = await Abusers.start(member.port, { idle: 1_000, abusive: 200 });
    await later(1_000);
    await pace.window();
    await later(WINDOW_MS);
    windows.abused.push(await pace.window());
    held.push((await member.probe()).rssBytes / (1 << 20));
    await abusers.stop();
    await later(3_000);
  }
  for (const [name, each] of Object.entries(windows)) {
    console.log(
      `${name}: p50 ${spread(each, ({ p50Ms }) => p50Ms)} ms, p99 ${spread(each, ({ p99Ms }) => p99Ms)} ms, ` +
        `slowest ${spread(each, ({ maxMs }) => maxMs)} ms, ${each.length} windows of ${each[0]?.answers ?? 0} requests`,
    );
  }
  console.log(`resident under abuse: ${held.map((mib) => mib.toFixed(0)).join(", ")} MiB`);
  for (const { answers, wrong } of [...windows.quiet, ...windows.abused]) {
    expect(answers).toBeGreaterThan(0);
    expect(wrong).toBe(0);
  }
  expect(member.lives).toBe(true);
});
