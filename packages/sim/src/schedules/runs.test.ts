/**
 * A member that forgot what it wrote must not claim it: after a restart its dots are of a new run. The client that
 * writes there has seen nothing, and says so with its token; so what the others still hold stays beside.
 */
import * as core from "@kvorum/core";
import { expect, test } from "vitest";
import { Script } from "./script.fixture.ts";

function cluster(): Script {
  const script = new Script({ members: 3, code: core });
  script.form();
  return script;
}

test("a member dies before its own fsync of a write that the others acknowledged", () => {
  const script = cluster();
  const key = script.keyAt(1, 2, 3);
  const forgetful = script.world.member(1);
  forgetful.disk.holdSyncs(true);
  const first = script.ok(script.put(1, key));
  forgetful.powerCut("everything");
  forgetful.disk.heal();
  forgetful.boot();
  script.whole();
  const nothing = script.ok(script.get(1, key, { homes: 1 }));
  expect(nothing.values).toEqual([]);
  const second = script.ok(script.put(1, key, { homes: 1, contextOf: nothing }));
  expect(script.valuesAt(2, key)).toEqual([first.id, second.id]);
});

test("a member loses an os write in a power cut", () => {
  const script = cluster();
  const key = script.keyAt(1, 2, 3);
  // What members note, fsynced, about whom they have just met would take the write along.
  script.world.pass(1_000);
  const first = script.ok(script.put(1, key, { durability: "os", homes: 3 }));
  script.world.member(1).powerCut("everything");
  script.world.member(1).boot();
  script.whole();
  const nothing = script.ok(script.get(1, key, { homes: 1 }));
  expect(nothing.values).toEqual([]);
  const second = script.ok(script.put(1, key, { homes: 1, contextOf: nothing }));
  expect(script.valuesAt(3, key)).toEqual([first.id, second.id]);
});

test("an fsynced write survives a power cut of all members at once", () => {
  const script = cluster();
  const key = script.keyAt(1, 2, 3);
  const write = script.ok(script.put(2, key));
  for (const member of script.world.members) member.powerCut("everything");
  for (const member of script.world.members) member.boot();
  script.whole();
  expect(script.valuesAt(1, key)).toEqual([write.id]);
});

test("what is not on stable storage is not shown", () => {
  const script = cluster();
  const key = script.keyAt(1, 2, 3);
  for (const member of script.world.members) member.disk.holdSyncs(true);
  const write = script.put(1, key);
  script.world.pass(20);
  for (const id of script.world.ids) expect(script.ok(script.get(id, key, { homes: 1 })).values).toEqual([]);
  for (const member of script.world.members) member.disk.holdSyncs(false);
  script.ok(write);
  expect(script.valuesAt(1, key)).toEqual([write.id]);
});
