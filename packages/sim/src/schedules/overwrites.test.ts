/** An overwrite supersedes what its coordinator and the homes that acknowledge it hold, and nothing that it cannot have seen. */
import * as core from "@kvorum/core";
import { describe, expect, test } from "vitest";
import { checkDurability } from "../checkers/durability-ledger.ts";
import { checkReads } from "../checkers/quorum-reads.ts";
import { Script } from "./script.fixture.ts";

/** Members suspect each other after half a second of silence. */
const SUSPICION_MS = 1_000;

function cluster(): Script {
  const script = new Script({ members: 3, code: core });
  script.form();
  return script;
}

/** Member 1 was away while `key` was overwritten. */
function staleHome(): { script: Script; key: string } {
  const script = cluster();
  const key = script.keyAt(1, 2, 3);
  script.ok(script.put(1, key, { homes: 3 }));
  script.world.member(1).kill();
  script.world.pass(SUSPICION_MS);
  script.ok(script.put(2, key));
  script.world.member(1).boot();
  script.whole();
  return { script, key };
}

describe("a home that was away coordinates", () => {
  test("an overwrite: no siblings without any concurrency", () => {
    const { script, key } = staleHome();
    const last = script.ok(script.put(1, key));
    for (const id of script.world.ids) expect(script.valuesAt(id, key)).toEqual([last.id]);
  });

  test("a delete: it removes what the other homes hold", () => {
    const { script, key } = staleHome();
    script.ok(script.remove(1, key));
    for (const id of script.world.ids) expect(script.valuesAt(id, key)).toEqual([]);
  });
});

// Each hears from the other's home of a version that it has not covered. If both then claim what they heard of, and
// neither mints anew above it, their records claim each other and nothing is left.
test("two overwrites that cross at their coordinators do not remove each other", () => {
  for (const slowness of [1, 5, 20, 100]) {
    const script = cluster();
    const { world, recorder } = script;
    const key = script.keyAt(1, 2, 3);
    // Member 3 cannot reach the first home, so its writes are coordinated by the second one.
    world.cut(1, 3);
    world.pass(SUSPICION_MS);
    world.network.slow(1, 2, slowness);
    const first = script.put(1, key);
    const second = script.put(3, key, { homes: 3 });
    script.ok(first);
    script.ok(second);
    world.healAll();
    script.whole();
    const read = script.ok(script.get(2, key, { homes: 3 }));
    expect(read.values.length, `with the way from 1 to 2 slower by ${slowness}`).toBeGreaterThan(0);
    expect([...checkDurability(recorder, [read]), ...checkReads(recorder)]).toEqual([]);
  }
});

// The first overwrite is gone from its coordinator when it hears of what it has not covered, and the second one was
// acknowledged before it could hear. Somebody has to cover it all the same.
test("an overwrite that is overtaken at its coordinator supersedes what the other homes hold", () => {
  const { script, key } = staleHome();
  script.world.member(1).disk.holdSyncs(true);
  const first = script.put(1, key);
  script.world.pass(0.1);
  const second = script.put(1, key, { homes: 1 });
  script.world.pass(0.1);
  script.world.member(1).disk.holdSyncs(false);
  script.ok(second);
  script.ok(first);
  // It was superseded while it went on covering, but it had been acknowledged: its receipt says by whom.
  expect(first.holders.length).toBeGreaterThanOrEqual(2);
  for (const id of script.world.ids) expect(script.valuesAt(id, key)).toEqual([second.id]);
});

/** Writes at this home alone, while the others are away. */
function putAlone(script: Script, home: number, key: string): void {
  const { world } = script;
  const others = world.ids.filter((id) => id !== home);
  for (const id of others) world.member(id).kill();
  world.pass(SUSPICION_MS);
  script.ok(script.put(home, key, { homes: 1 }));
  for (const id of others) world.member(id).boot();
  script.whole();
}

// The first round ends before the third home has answered, and the third home's answer ends the second round. It is
// one of those that acknowledge the overwrite, so what it holds is superseded too.
test("an overwrite supersedes what a home holds that answers in its second round only", () => {
  const script = cluster();
  const { world } = script;
  const key = script.keyAt(1, 2, 3);
  putAlone(script, 3, key);
  putAlone(script, 2, key);
  world.network.slow(1, 3, 20);
  const last = script.put(1, key);
  for (let i = 0; i < 200 && world.member(1).process?.api?.status().counters.secondRounds === 0; i++)
    world.pass(0.02);
  world.member(2).disk.holdSyncs(true);
  world.pass(50);
  world.healAll();
  script.ok(last);
  script.whole();
  for (const id of world.ids) expect(script.valuesAt(id, key)).toEqual([last.id]);
});

// Nobody who is there to be asked holds the write that the token names, so nobody can supersede just that.
test("a write with a token whose write is out of reach is refused, and works when it is back", () => {
  const script = cluster();
  const { world } = script;
  const key = script.keyAt(1, 2, 3);
  world.member(1).kill();
  world.member(2).kill();
  world.pass(SUSPICION_MS);
  const nothing = script.ok(script.get(3, key, { homes: 1 }));
  const first = script.ok(script.put(3, key, { homes: 1, contextOf: nothing }));
  world.member(3).kill();
  world.member(1).boot();
  world.member(2).boot();
  world.pass(SUSPICION_MS);
  expect(script.ended(script.put(1, key, { contextOf: first })).code).toBe("QUORUM");
  world.member(3).boot();
  script.whole();
  const second = script.ok(script.put(1, key, { contextOf: first }));
  script.whole();
  for (const id of world.ids) expect(script.valuesAt(id, key)).toEqual([second.id]);
});

// Clocks travel with frames; between two frames the clock of a member that is behind stands nearly still.
test("an overwrite supersedes what was acknowledged before it, though its coordinator's clock is behind", () => {
  const machines = [0, 0, -2_000].map((clockOffsetMs) => ({ clockOffsetMs, clockDriftPpm: 0 }));
  const script = new Script({ members: 3, code: core, change: { machines } });
  script.form();
  const key = script.keyAt(2, 3, 1);
  script.world.cut(2, 3);
  script.world.pass(SUSPICION_MS);
  const answers = Array.from({ length: 10 }, () => {
    script.ok(script.put(2, key));
    const last = script.ok(script.put(3, key));
    return { last: [last.id], seen: script.ok(script.get(1, key)).values };
  });
  for (const { last, seen } of answers) expect(seen).toEqual(last);
});
