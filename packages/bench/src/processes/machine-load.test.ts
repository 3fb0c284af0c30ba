import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";
import { MachineWatch, othersShare, parseBusyUs } from "./machine-load.ts";

it("counts everything but idling and waiting", () => {
  const text = "cpu  100 20 30 5000 700 4 5 6 9 9\ncpu0 1 1 1 1 1 1 1 1 0 0\nintr 1\n";
  expect(parseBusyUs(text)).toBe((100 + 20 + 30 + 4 + 5 + 6) * 10_000);
});

it("what neither we nor the servers used is of others", () => {
  const from = { busyUs: 1_000_000, ownUs: 100_000, atMs: 0 };
  const to = { busyUs: 2_600_000, ownUs: 400_000, atMs: 1000 };
  expect(othersShare(from, to, 1_000_000, 2)).toBeCloseTo(0.15);
  // Ticks are coarse; less than nothing is nothing.
  expect(othersShare(from, to, 2_000_000, 2)).toBe(0);
});

it("watches this machine, and does not mind when a server ends", async () => {
  const child = spawn("cat", { stdio: ["pipe", "ignore", "ignore"] });
  const watch = new MachineWatch([process.pid, child.pid ?? 0]);
  child.stdin.end();
  await once(child, "exit");
  expect(watch.othersShare()).toBeGreaterThanOrEqual(0);
});
