import { readdirSync, readFileSync } from "node:fs";
import { getPriority } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openRocksEngine, RocksEngine } from "./rocks-engine.ts";
import { temporaryDirectory } from "./temporary-directory.fixture.ts";

/** The priorities of this process's threads whose name begins so. */
function prioritiesOf(name: string): number[] {
  const tasks = "/proc/self/task";
  const named = readdirSync(tasks).filter((id) =>
    readFileSync(`${tasks}/${id}/comm`, "utf8").startsWith(name),
  );
  return named.map((id) => getPriority(Number(id)));
}

it("an engine compacts with a lower priority than requests have, and flushes with the same", async () => {
  const path = join(temporaryDirectory(), "engine");
  const engine = await openRocksEngine({ path, createIfMissing: true, onAnswered: () => undefined });
  if (!(engine instanceof RocksEngine)) throw new Error(engine.text);
  const own = getPriority();
  const compacting = prioritiesOf("rocksdb:low");
  expect(compacting.length).toBeGreaterThan(0);
  expect(Math.min(...compacting)).toBeGreaterThan(own);
  expect(new Set(prioritiesOf("rocksdb:high"))).toEqual(new Set([own]));
  await engine.close();
});
