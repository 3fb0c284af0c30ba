import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_JOURNAL_LIMITS, type Events, RECORD_RESOLVER } from "@kvorum/core";
import { AutoTurn, StorageAsker, storageConformance, VITEST } from "@kvorum/core/testing";
import { describe, expect, it } from "vitest";
import { type OpenedStorage, openStorage, type OpenStorageOptions } from "./open-storage.ts";
import { temporaryDirectory } from "./temporary-directory.fixture.ts";

const fatals: string[] = [];
const events: Events = {
  event: () => undefined,
  fatal: (code, text) => void fatals.push(`${code}: ${text}`),
};

function optionsFor(dir: string, more: Partial<OpenStorageOptions> = {}): OpenStorageOptions {
  return {
    dir,
    cluster: "test",
    memberId: 1,
    createdBy: "test 1",
    events,
    resolver: RECORD_RESOLVER,
    onInput: () => undefined,
    limits: { ...DEFAULT_JOURNAL_LIMITS, segmentBytesMax: 4096 },
    ...more,
  };
}

async function opened(options: OpenStorageOptions): Promise<OpenedStorage> {
  const opening = await openStorage(options);
  if (opening.kind === "refused") throw new Error(opening.text);
  return opening;
}

/** The refusal's code and text in one line. */
async function refusalOf(options: OpenStorageOptions): Promise<string> {
  const opening = await openStorage(options);
  if (opening.kind === "refused") return `${opening.code}: ${opening.text}`;
  await opening.close();
  return "opened";
}

storageConformance(
  "journal and RocksDB on a disk",
  async () => {
    const { storage, close } = await opened(optionsFor(temporaryDirectory()));
    return { storage: new AutoTurn(storage), close };
  },
  VITEST,
);

describe("a storage directory", () => {
  it("is made, for its owner alone, and says whose it is", async () => {
    const dir = join(temporaryDirectory(), "deep", "down");
    const { close } = await opened(optionsFor(dir));
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(dir, "identity"), "utf8")).toContain(
      "cluster test\nmember 1\ncreated-by test 1\n",
    );
    await close();
  });

  it("holds what was stored before, with nothing to replay after an orderly end", async () => {
    const dir = temporaryDirectory();
    const first = await opened(optionsFor(dir));
    const asker = new StorageAsker(new AutoTurn(first.storage));
    await Promise.all([asker.append("a", "1"), asker.append("b", "2", "os"), asker.append("a", "3")]);
    await first.close();
    const second = await opened(optionsFor(dir));
    expect(second.report).toMatchObject({ entries: 0, cutBytes: 0 });
    const again = new StorageAsker(new AutoTurn(second.storage));
    expect([await again.get("a"), await again.get("b")]).toEqual(["3", "2"]);
    await second.close();
    expect(fatals).toEqual([]);
  });

  it("is refused while it is in use, by whatever name", async () => {
    const parent = temporaryDirectory();
    const dir = join(parent, "data");
    const { close } = await opened(optionsFor(dir));
    symlinkSync(dir, join(parent, "other-name"));
    expect(await refusalOf(optionsFor(dir))).toMatch(/^IN_USE: .* is in use by another process/);
    expect(await refusalOf(optionsFor(join(parent, "other-name")))).toMatch(/^IN_USE: /);
    await close();
  });

  it("is refused to another member and to another cluster, and then still opens for its own", async () => {
    const dir = temporaryDirectory();
    await (await opened(optionsFor(dir))).close();
    expect(await refusalOf(optionsFor(dir, { memberId: 2 }))).toMatch(
      /^OTHER_MEMBER: .* belongs to member 1/,
    );
    expect(await refusalOf(optionsFor(dir, { cluster: "elsewhere" }))).toMatch(/^OTHER_CLUSTER: .*'test'/);
    await (await opened(optionsFor(dir))).close();
  });

  it("is refused when it holds files of others", async () => {
    const dir = temporaryDirectory();
    writeFileSync(join(dir, "thesis.txt"), "do not touch");
    expect(await refusalOf(optionsFor(dir))).toMatch(/^NOT_EMPTY: .*thesis.txt/);
    expect(readdirSync(dir)).toEqual(["thesis.txt"]);
  });

  it("is refused when it is a file", async () => {
    const path = join(temporaryDirectory(), "file");
    writeFileSync(path, "");
    expect(await refusalOf(optionsFor(path))).toMatch(/^DIRECTORY: .*cannot be used/);
  });

  it("is refused when its engine, its journal or its identity have been taken away", async () => {
    for (const [victim, code] of [
      ["engine", "ENGINE_MISSING"],
      ["journal", "JOURNAL_MISSING"],
      ["identity", "IDENTITY_MISSING"],
    ] as const) {
      const dir = temporaryDirectory();
      const { storage, close } = await opened(optionsFor(dir));
      await new StorageAsker(new AutoTurn(storage)).append("a", "1");
      await close();
      for (const name of readdirSync(dir)) {
        if (name.startsWith(victim)) rmSync(join(dir, name), { recursive: true });
      }
      expect(await refusalOf(optionsFor(dir))).toMatch(new RegExp(`^${code}: `));
    }
  });

  it("may hold what an attempt left that was cut short", async () => {
    const dir = temporaryDirectory();
    mkdirSync(join(dir, "lost+found"));
    writeFileSync(join(dir, "identity.tmp"), "kvorum sto");
    const { close } = await opened(optionsFor(dir));
    await close();
    expect(readdirSync(dir)).not.toContain("identity.tmp");
  });

  it("keeps few of RocksDB's logs for people", async () => {
    const dir = temporaryDirectory();
    for (let life = 0; life < 6; life++) await (await opened(optionsFor(dir))).close();
    const logs = readdirSync(join(dir, "engine")).filter((name) => name.startsWith("LOG"));
    expect(logs.length).toBeLessThanOrEqual(3);
  });
});
