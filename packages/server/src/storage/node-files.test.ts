import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { filesConformance, VITEST } from "@kvorum/core/testing";
import { describe, expect, it } from "vitest";
import { NodeFiles } from "./node-files.ts";
import { temporaryDirectory } from "./temporary-directory.fixture.ts";

filesConformance(
  "a directory",
  () => {
    const files = new NodeFiles(temporaryDirectory(), () => undefined);
    return Promise.resolve({ files, close: () => Promise.resolve(files.dispose()) });
  },
  VITEST,
);

describe("files in a directory", () => {
  it("are for their owner alone", async () => {
    const dir = temporaryDirectory();
    const files = new NodeFiles(dir, () => undefined);
    await new Promise<void>((resolve) =>
      files.open("secret", "create", { onFile: () => resolve(), onNames: () => undefined }, 0),
    );
    expect(statSync(join(dir, "secret")).mode & 0o777).toBe(0o600);
    files.dispose();
  });

  it("are listed without directories and without names of others", async () => {
    const dir = temporaryDirectory();
    mkdirSync(join(dir, "engine"));
    for (const name of ["journal-1.log", "Not Ours", "ours"]) writeFileSync(join(dir, name), "");
    const files = new NodeFiles(dir, () => undefined);
    const names = await new Promise((resolve) =>
      files.list({ onFile: () => undefined, onNames: (_, __, found) => resolve(found) }, 0),
    );
    expect(names).toEqual(["journal-1.log", "ours"]);
    files.dispose();
  });

  it("answer first and then let the turn be armed", async () => {
    const order: string[] = [];
    await new Promise<void>((resolve) => {
      const files = new NodeFiles(temporaryDirectory(), () => {
        order.push("armed");
        files.dispose();
        resolve();
      });
      files.syncDirectory({ onFile: () => void order.push("answered"), onNames: () => undefined }, 0);
    });
    expect(order).toEqual(["answered", "armed"]);
  });

  it("fail with the system's code", async () => {
    const dir = temporaryDirectory();
    const files = new NodeFiles(dir, () => undefined);
    const error = await new Promise((resolve) =>
      files.rename("a", "b", { onFile: (_, failure) => resolve(failure?.code), onNames: () => undefined }, 0),
    );
    expect(error).toBe("ENOENT");
    files.dispose();
  });
});
