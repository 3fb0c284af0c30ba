import * as core from "@kvorum/core";
import { expect, test } from "vitest";
import { runSeed } from "./run-seed.ts";

const minutes = Number(process.env["KVORUM_SOAK_MINUTES"] ?? 60);

test(`fresh seeds break nothing for ${minutes} minutes`, () => {
  const untilMs = Date.now() + minutes * 60_000;
  const failed: number[] = [];
  // Nobody tries the same thousands twice.
  let seed = Math.floor(Date.now() / 1000) * 1000;
  do {
    if (runSeed(seed, { code: core }).violations.length > 0) failed.push(seed);
    seed++;
  } while (Date.now() < untilMs);
  expect(failed).toEqual([]);
});
