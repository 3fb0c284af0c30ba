/** Links that come and go under load. */
import * as core from "@kvorum/core";
import { expect, test } from "vitest";
import { Script } from "./script.fixture.ts";

test("requests may follow the handshake in the same turn, however large they are", () => {
  const script = new Script({ members: 2, code: core, change: { turnUsMax: 3_000 } });
  script.form();
  const key = script.keyAt(1, 2);
  for (let round = 0; round < 20; round++) {
    script.world.network.reset(1, 2);
    for (let i = 0; i < 300; i++) {
      script.put(1, key, { valueBytes: 20_000 });
      script.world.pass(0.5);
    }
    script.whole();
  }
  expect(script.reported("peer-up")).toBeGreaterThan(20);
  expect(script.reported("protocol-violation")).toBe(0);
});

test("a way that is cut in one direction only is noticed as soon as one that is cut in both", () => {
  const script = new Script({ members: 3, code: core });
  script.form();
  const key = script.keyAt(2, 3, 1);
  script.world.network.cut(1, 2);
  script.world.pass(1_000);
  expect(script.world.member(1).process?.api?.reachable(2)).toBe(false);
  const write = script.ok(script.put(1, key));
  expect(write.endedUs - write.invokedUs).toBeLessThan(100_000);
  // The next home coordinates it; that one reaches the member that this one does not.
  expect(write.dot?.member).toBe(3);
  script.world.network.heal(1, 2);
  script.whole();
});

// TCP believes in a connection to a dead process until something is sent on it, and what is sent is lost.
test("large requests do not go to a process that is dead when its next one has been met", () => {
  const script = new Script({ members: 3, code: core });
  script.form();
  const key = script.keyAt(1, 2, 3);
  const large = { valueBytes: 200_000, homes: 3, timeoutMs: 5_000 };
  for (let round = 0; round < 5; round++) {
    script.world.member(3).powerCut("everything");
    script.world.member(3).boot();
    script.whole();
    const write = script.ok(script.put(1, key, large));
    const read = script.ok(script.get(2, key, large));
    expect(read.values).toEqual([write.id]);
    for (const { invokedUs, endedUs } of [write, read]) expect(endedUs - invokedUs).toBeLessThan(1_000_000);
  }
});

test("with one of three homes gone or paused writes and reads go on; with two gone they are refused at once", () => {
  const script = new Script({ members: 3, code: core });
  script.form();
  const key = script.keyAt(1, 2, 3);
  script.world.member(1).kill();
  script.world.pass(1_000);
  script.ok(script.put(2, key));
  script.world.member(1).boot();
  script.whole();
  script.world.member(1).pause();
  script.world.pass(1_000);
  const last = script.ok(script.put(3, key));
  expect(script.ok(script.get(2, key)).values).toEqual([last.id]);
  script.world.member(2).kill();
  script.world.pass(1_000);
  const refused = script.ended(script.put(3, key));
  expect(refused.code).toBe("QUORUM");
  expect(refused.endedUs - refused.invokedUs).toBeLessThan(1_000);
  script.world.healAll();
  script.whole();
  expect(script.valuesAt(1, key)).toEqual([last.id]);
});
