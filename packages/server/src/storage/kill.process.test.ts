/** A real process writes to a real disk and is killed; what it had acknowledged is there. */
import { readdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { AutoTurn, StorageAsker } from "@kvorum/core/testing";
import { describe, expect, it } from "vitest";
import { writeUntilKilled } from "./kill-writer.fixture.ts";
import { openStorage } from "./open-storage.ts";
import { temporaryDirectory } from "./temporary-directory.fixture.ts";

const KEYS = 5000;

/** The number of the write that each key shows, -1 where it shows none. */
async function readAll(dir: string): Promise<number[]> {
  const opening = await openStorage({
    dir,
    cluster: "test",
    memberId: 1,
    createdBy: "test",
    onInput: () => undefined,
    resolver: { resolve: (_key, _existing, incoming) => incoming },
    events: {
      event: () => undefined,
      fatal: (code, text) => {
        throw new Error(`${code}: ${text}`);
      },
    },
  });
  if (opening.kind === "refused") throw new Error(`${opening.code}: ${opening.text}`);
  const asker = new StorageAsker(new AutoTurn(opening.storage));
  const values = await Promise.all(Array.from({ length: KEYS }, (_, key) => asker.get(`k${key}`)));
  await opening.close();
  return values.map((value, key) => {
    const number = value === null ? -1 : Number.parseInt(value, 10);
    // A value is whole, and that of its own key.
    if (value !== null)
      expect([value, number % KEYS]).toEqual([`${number}-${"v".repeat(number % 400)}`, key]);
    return number;
  });
}

/** Lets the engine forget what it has not flushed: nobody ever syncs its log. */
function removeEngineLog(dir: string): void {
  const engine = join(dir, "engine");
  for (const name of readdirSync(engine)) if (/^\d+\.log$/.test(name)) unlinkSync(join(engine, name));
}

interface Killing {
  readonly durability: "fsync" | "os";
  /** Whether each kill takes what was not synced, too. */
  readonly isPowerCut: boolean;
  readonly rounds: number;
}

/** The acknowledged writes that are gone after so many kills on one directory. */
async function lostWrites({ durability, isPowerCut, rounds }: Killing): Promise<string[]> {
  const dir = temporaryDirectory();
  /** By key, the last write that was acknowledged. */
  const ledger = new Array<number>(KEYS).fill(-1);
  const lost: string[] = [];
  let first = 0;
  for (let round = 0; round < rounds; round++) {
    const writing = { dir, first, durability, isVolatile: isPowerCut, writes: 3000 + 700 * round };
    const acknowledged = await writeUntilKilled(writing);
    for (const number of acknowledged) ledger[number % KEYS] = Math.max(ledger[number % KEYS] ?? -1, number);
    // What was under way and not acknowledged keeps its numbers to itself.
    first = Math.max(...acknowledged) + KEYS;
    if (isPowerCut) removeEngineLog(dir);
    const found = await readAll(dir);
    for (const [key, number] of ledger.entries()) {
      if ((found[key] ?? -1) < number) lost.push(`round ${round}: k${key} was ${number}`);
    }
  }
  return lost;
}

describe("a real process on a real disk", () => {
  it.each([
    { title: "kill -9 takes no write of either durability", durability: "os", isPowerCut: false },
    { title: "kill -9 takes no fsynced write", durability: "fsync", isPowerCut: false },
    { title: "a power cut takes no fsynced write", durability: "fsync", isPowerCut: true },
  ] as const)("$title", async ({ durability, isPowerCut }) => {
    expect(await lostWrites({ durability, isPowerCut, rounds: 5 })).toEqual([]);
  });

  it("a power cut does take others, so this test can tell", async () => {
    expect(await lostWrites({ durability: "os", isPowerCut: true, rounds: 1 })).not.toEqual([]);
  });

  it("a killed process leaves its directory free at once", async () => {
    const dir = temporaryDirectory();
    await writeUntilKilled({ dir, first: 0, durability: "fsync", isVolatile: false, writes: 100 });
    expect((await readAll(dir)).filter((number) => number >= 0).length).toBeGreaterThanOrEqual(100);
  });
});
