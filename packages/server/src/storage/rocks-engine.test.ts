import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { engineConformance, VITEST } from "@kvorum/core/testing";
import { describe, expect, it } from "vitest";
import type { EngineRefusal } from "./engine-refusal.ts";
import { openRocksEngine, RocksEngine } from "./rocks-engine.ts";
import { temporaryDirectory } from "./temporary-directory.fixture.ts";

function open(path: string, createIfMissing = true): Promise<RocksEngine | EngineRefusal> {
  return openRocksEngine({ path, createIfMissing, onAnswered: () => undefined });
}

async function opened(path: string): Promise<RocksEngine> {
  const engine = await open(path);
  if (!(engine instanceof RocksEngine)) throw new Error(engine.text);
  return engine;
}

/** The refusal's code and text in one line. */
async function refusalOf(path: string, createIfMissing = true): Promise<string> {
  const engine = await open(path, createIfMissing);
  return engine instanceof RocksEngine ? "opened" : `${engine.code}: ${engine.text}`;
}

engineConformance(
  "RocksDB",
  async () => {
    const engine = await opened(join(temporaryDirectory(), "engine"));
    return { engine, close: () => engine.close() };
  },
  VITEST,
);

describe("a directory in use", () => {
  it("is refused to a second engine in the same process, until the first has closed", async () => {
    const path = join(temporaryDirectory(), "engine");
    const first = await opened(path);
    expect(await refusalOf(path)).toMatch(/^IN_USE: .*in use by another process/);
    await first.close();
    const second = await opened(path);
    await second.close();
  });

  it("is refused to another process", async () => {
    const path = join(temporaryDirectory(), "engine");
    const engine = await opened(path);
    const script = `
      const RocksDB = require("rocksdb-native");
      new RocksDB(process.argv[1]).ready().then(() => console.log("opened"), (error) => console.log(error.message));`;
    const other = spawnSync(process.execPath, ["-e", script, path], {
      encoding: "utf8",
      cwd: import.meta.dirname,
    });
    expect(other.stdout).toMatch(/LOCK/);
    await engine.close();
    const later = spawnSync(process.execPath, ["-e", script, path], {
      encoding: "utf8",
      cwd: import.meta.dirname,
    });
    expect(later.stdout).toBe("opened\n");
  });
});

describe("an engine that does not open", () => {
  it("says that its files are missing", async () => {
    expect(await refusalOf(join(temporaryDirectory(), "engine"), false)).toMatch(/^ENGINE_MISSING: /);
  });

  it("says that its files are damaged", async () => {
    const path = join(temporaryDirectory(), "engine");
    await (await opened(path)).close();
    const manifest = readdirSync(path).find((name) => name.startsWith("MANIFEST")) ?? "";
    writeFileSync(join(path, manifest), "not a manifest");
    expect(await refusalOf(path)).toMatch(/^ENGINE_DAMAGED: .*check the disk/);
  });
});

describe("what RocksDB holds", () => {
  it("is found again by the next engine, through another name of the directory too", async () => {
    const dir = temporaryDirectory();
    mkdirSync(join(dir, "real"));
    symlinkSync(join(dir, "real"), join(dir, "link"));
    const first = await opened(join(dir, "real", "engine"));
    await new Promise<void>((resolve) =>
      first.write(
        [new Uint8Array([1])],
        [new Uint8Array([2])],
        { onEngine: () => resolve(), onRows: () => undefined },
        0,
      ),
    );
    await first.close();
    const second = await opened(join(dir, "link", "engine"));
    const value = await new Promise((resolve) =>
      second.getMany(
        [new Uint8Array([1])],
        { onEngine: () => undefined, onRows: (_, __, ___, [row]) => resolve(row) },
        0,
      ),
    );
    expect([...(value as Uint8Array)]).toEqual([2]);
    await second.close();
  });
});
