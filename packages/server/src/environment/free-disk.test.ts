import { mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { FreeDisk } from "./free-disk.ts";

test("it knows from the start what the system says, and nothing once the directory cannot be asked", async () => {
  const dir = mkdtempSync(join(tmpdir(), "kvorum-disk-"));
  const said = statfsSync(dir);
  const disk = new FreeDisk(dir);
  const gib = 1024 ** 3;
  expect(Math.abs(disk.bytes - said.bavail * said.bsize)).toBeLessThan(gib);
  rmSync(dir, { recursive: true });
  await vi.waitFor(() => expect(disk.bytes).toBe(0), { timeout: 5000, interval: 50 });
  disk.stop();
  expect(() => new FreeDisk(dir)).toThrow("ENOENT");
});
