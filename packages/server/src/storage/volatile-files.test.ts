import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FilesAsker } from "@kvorum/core/testing";
import { expect, it } from "vitest";
import { NodeFiles } from "./node-files.ts";
import { temporaryDirectory } from "./temporary-directory.fixture.ts";
import { VolatileFiles } from "./volatile-files.ts";

it("bytes reach the disk with the datasync, all of them and in order", async () => {
  const dir = temporaryDirectory();
  const disk = new NodeFiles(dir, () => undefined);
  const files = new FilesAsker(new VolatileFiles(disk));
  const file = await files.open("a", "create");
  const bytes = new TextEncoder().encode("one,");
  await files.write(file, bytes);
  bytes.fill(0x78);
  await files.write(file, new TextEncoder().encode("two, not this"), 4);
  expect(readFileSync(join(dir, "a"), "utf8")).toBe("");
  await files.datasync(file);
  expect(readFileSync(join(dir, "a"), "utf8")).toBe("one,two,");
  await files.write(file, new TextEncoder().encode("lost"));
  await files.close(file);
  expect(readFileSync(join(dir, "a"), "utf8")).toBe("one,two,");
  disk.dispose();
});
