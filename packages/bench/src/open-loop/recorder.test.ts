import { expect, it } from "vitest";
import { Recorder } from "./recorder.ts";

it("counts each request in the phase and the second in which it was to start", () => {
  const recorder = new Recorder(10_000, "before");
  recorder.answered(10_100, 10_110);
  recorder.beginPhase("during", 11_000);
  // Due before the phase began, answered within it.
  recorder.answered(10_900, 11_400);
  recorder.failed(11_200, "QUORUM");
  recorder.failed(11_300, "QUORUM");
  recorder.failed(12_100, "TIMEOUT");
  recorder.sent(11_200, 11_202);
  const { phases, seconds, lateness } = recorder.report(13_000);
  expect(
    phases.map(({ name, seconds: took, count, errors, codes }) => [name, took, count, errors, codes]),
  ).toEqual([
    ["before", 1, 2, 0, {}],
    ["during", 2, 0, 3, { QUORUM: 2, TIMEOUT: 1 }],
  ]);
  expect(phases[0]?.maxMs).toBeCloseTo(500, -1);
  expect(seconds.map(({ answered, errors }) => [answered, errors])).toEqual([
    [2, 0],
    [0, 2],
    [0, 1],
  ]);
  expect(lateness.count).toBe(1);
  expect(lateness.maxMs).toBeCloseTo(2, 1);
});
