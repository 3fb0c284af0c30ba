/** Copies that go bad: they are fetched from the other homes before anybody builds on them, and nobody waits in vain. */
import * as core from "@kvorum/core";
import { expect, test } from "vitest";
import { keyBytes } from "../workloads/key-bytes.ts";
import { Script } from "./script.fixture.ts";

const SUSPICION_MS = 1_000;

/** Nothing stays in memory, so that the disk is asked. */
function forgetful(): Script {
  const limits = core.checkLimits({
    ...core.DEFAULT_LIMITS,
    valueCacheBytesMax: 0,
    contextCacheEntriesMax: 1,
  });
  const script = new Script({ members: 3, code: core, change: { limits } });
  script.form();
  return script;
}

/** The copy of the key's record at this member goes bad, and the member forgets it. */
function spoil(script: Script, member: number, key: string): void {
  const { disk } = script.world.member(member);
  const name = keyBytes(key);
  const row = disk.rows().find(([stored]) => core.bytesEqual(stored.subarray(-name.length), name));
  if (row === undefined) throw new Error(`member ${member} holds no record of ${key}`);
  disk.spoil(row[0], 20);
  const other = script.keyAt(member, ...script.world.ids.filter((id) => id !== member));
  for (let i = 0; i < 12; i++) script.ok(script.get(member, `{${other}}other-${i}`, { homes: 1 }));
}

function written(): { script: Script; key: string; value: number } {
  const script = forgetful();
  const key = script.keyAt(1, 2, 3);
  const value = script.ok(script.put(1, key, { homes: 3 })).id;
  return { script, key, value };
}

test("a write at a damaged copy's home goes on when the copy has been replaced", () => {
  const { script, key, value } = written();
  spoil(script, 1, key);
  const read = script.ok(script.get(1, key));
  expect(read.values).toEqual([value]);
  spoil(script, 1, key);
  const next = script.ok(script.put(1, key));
  expect(script.reported("record-healed")).toBeGreaterThan(0);
  for (const id of script.world.ids) expect(script.valuesAt(id, key)).toEqual([next.id]);
});

test("a write that needs all homes waits for the one that has to replace its copy", () => {
  const { script, key } = written();
  spoil(script, 2, key);
  const next = script.ok(script.put(1, key, { homes: 3 }));
  for (const id of script.world.ids) expect(script.valuesAt(id, key)).toEqual([next.id]);
});

test("with another home away a read of the damaged copy alone says so at once, and a write goes elsewhere", () => {
  const { script, key, value } = written();
  script.world.member(3).kill();
  script.world.pass(SUSPICION_MS);
  spoil(script, 1, key);
  // Its first home refuses, so the next one coordinates.
  const next = script.ok(script.put(2, key, { homes: 1 }));
  expect(next.holders).toEqual([2]);
  expect(script.ok(script.get(1, key, { homes: 1 })).values).toEqual([next.id]);
  script.world.member(2).kill();
  script.world.pass(SUSPICION_MS);
  const read = script.ended(script.get(1, key, { homes: 1 }));
  expect(read.code).toBe("DAMAGED");
  expect(read.endedUs - read.invokedUs).toBeLessThan(10_000);
  const write = script.ended(script.put(1, key, { homes: 1 }));
  expect(write.code).toBe("DAMAGED");
  expect(write.endedUs - write.invokedUs).toBeLessThan(10_000);
  script.world.healAll();
  script.whole();
  script.ended(script.get(2, key, { homes: 3 }));
  script.world.pass(SUSPICION_MS);
  expect(script.valuesAt(2, key)).not.toContain(value);
});

test("a read that fails once is a damaged copy like any other", () => {
  const { script, key, value } = written();
  spoil(script, 1, key);
  script.ok(script.put(1, key, { homes: 3 }));
  const { disk } = script.world.member(1);
  const name = keyBytes(key);
  const [stored, bytes] =
    disk.rows().find(([row]) => core.bytesEqual(row.subarray(-name.length), name)) ?? [];
  if (stored === undefined || bytes === undefined) throw new Error("the record has been written");
  script.ok(script.get(1, `{${key}}other`, { homes: 1 }));
  disk.misread.plant(stored, bytes);
  const seen = script.ok(script.get(1, key)).values;
  expect(seen).not.toContain(value);
  expect(disk.misread.isOpen).toBe(false);
  expect(script.reported("record-healed")).toBeGreaterThan(1);
});
