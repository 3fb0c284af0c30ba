/**
 * Answers belong to the process that asked. A member that starts again begins to number its requests anew, and an
 * answer to the one before must not be taken for an answer to the one after.
 */
import * as core from "@kvorum/core";
import { expect, test } from "vitest";
import { Script } from "./script.fixture.ts";

/** A write of member 1's first life is late on its way to member 2 by so much, and meets its second life's HELLO there. */
function lateWrite(lateMs: number): { script: Script; ending: string } {
  const script = new Script({ members: 3, code: core });
  script.form();
  const { world } = script;
  const key = script.keyAt(1, 2, 3);
  world.pass(1_000);
  world.cut(1, 3);
  world.network.slow(1, 2, 6_000);
  script.put(1, key, { timeoutMs: 3_000 });
  world.pass(100 + lateMs);
  world.network.slow(1, 2, 1.001);
  world.member(1).kill();
  world.member(2).disk.holdSyncs(true);
  world.network.slow(2, 1, 300);
  world.member(1).boot();
  world.passUntil(5_000, () => world.member(1).process?.api?.reachable(2) === true);
  world.pass(40);
  // What the second life sends does not arrive, and what the first one had sent is stored only now.
  world.network.cut(1, 2);
  world.network.slow(2, 1, 1);
  const write = script.put(1, key, { timeoutMs: 3_000 });
  world.pass(20);
  world.member(2).disk.holdSyncs(false);
  world.pass(300);
  return { script, ending: write.ending };
}

test("an answer to an earlier life is not taken for one to the next, however late it comes", () => {
  for (let lateMs = 0; lateMs < 450; lateMs += 9) {
    const { ending } = lateWrite(lateMs);
    expect(ending, `late by ${lateMs} ms`).not.toBe("ok");
  }
});

// It begins at the ceiling that it had persisted, and loses the next one with the power: so does its successor.
test("two processes that began at the same clock are two sessions", () => {
  const script = new Script({ members: 3, code: core, change: { limits: core.DEFAULT_LIMITS } });
  script.form();
  const { world } = script;
  const key = script.keyAt(2, 3, 1);
  world.pass(300);
  const machine = world.member(1);
  machine.kill();
  world.cut(1, 3);
  machine.boot();
  for (let i = 0; i < 100_000 && !machine.hasRecovered; i++) world.pass(0.02);
  machine.disk.holdSyncs(true);
  world.passUntil(3_000, () => machine.process?.api?.reachable(2) === true);
  world.member(2).disk.holdSyncs(true);
  script.put(1, key, { timeoutMs: 3_000 });
  world.pass(20);
  machine.powerCut("everything");
  machine.disk.holdSyncs(false);
  machine.boot();
  world.passUntil(3_000, () => machine.process?.api?.reachable(2) === true);
  world.pass(5);
  world.network.cut(1, 2);
  const write = script.put(1, key, { timeoutMs: 3_000 });
  world.pass(20);
  world.member(2).disk.holdSyncs(false);
  world.pass(200);
  expect(write.ending).toBe("running");
});

// The other side takes nothing else before the first ping.
test("what a lost link had asked is asked again only behind the first ping of the next one", () => {
  const script = new Script({ members: 3, code: core });
  script.form();
  const { world } = script;
  const key = script.keyAt(1, 2, 3);
  script.ok(script.put(1, key, { homes: 3 }));
  world.network.slow(3, 1, 30);
  world.pass(5_000);
  for (let i = 0; i < 12; i++) {
    world.pass(137);
    world.member(2).powerCut("everything");
    world.member(3).pause();
    const read = script.get(1, key, { timeoutMs: 3_000 });
    world.pass(5);
    world.member(2).boot();
    world.pass(550);
    world.member(3).resume();
    script.ended(read);
    script.whole();
  }
  expect(script.reported("protocol-violation")).toBe(0);
});
