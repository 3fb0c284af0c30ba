import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { temporaryDirectory } from "../storage/temporary-directory.fixture.ts";
import { DataSize } from "./data-size.ts";

test("files count wherever they are, and a directory that is not there has no size", async () => {
  const dir = temporaryDirectory();
  mkdirSync(join(dir, "engine"));
  const size = new DataSize(dir);
  onTestFinished(() => size.stop());
  await expect.poll(() => size.bytes).toBe(0);
  writeFileSync(join(dir, "a"), Buffer.alloc(100_000, 1));
  writeFileSync(join(dir, "engine", "b"), Buffer.alloc(50_000, 1));
  await size.measure();
  expect(size.bytes).toBeGreaterThanOrEqual(150_000);
  expect(size.bytes).toBeLessThan(150_000 + 2 * 65_536);

  const nowhere = new DataSize(join(dir, "nowhere"));
  onTestFinished(() => nowhere.stop());
  await nowhere.measure();
  expect(nowhere.bytes).toBeNull();
});
