/**
 * One member id, several lives: over its own disk it comes back, over an empty one it must not, however often it has
 * started there since, for it has forgotten what others count on. It is known by the birth of its directory.
 */
import * as core from "@kvorum/core";
import { expect, test } from "vitest";
import { Script } from "./script.fixture.ts";

/** Three members; the first has written. */
function cluster(): { script: Script; key: string; written: number } {
  const script = new Script({ members: 3, code: core });
  script.form();
  const key = script.keyAt(1, 2, 3);
  const { id } = script.ok(script.put(1, key, { homes: 3 }));
  script.world.pass(2_000);
  return { script, key, written: id };
}

function isolate({ world }: Script): void {
  world.cut(1, 2);
  world.cut(1, 3);
}

function join({ world }: Script): void {
  for (const other of [2, 3]) {
    world.network.heal(1, other);
    world.network.heal(other, 1);
  }
}

/** Member 1 starts with what its disk holds, and runs cut off from all others until it is killed. */
function liveAlone(script: Script): void {
  const member = script.world.member(1);
  isolate(script);
  member.bootWhatIsThere();
  script.world.pass(10_000);
  expect(member.process?.api?.status().state).toBe("serving");
  // It serves what needs nobody else, and reserves clocks above all that was heard of its earlier life.
  const key = script.keyAt(1, 2, 3);
  script.ok(script.put(1, key, { homes: 1 }));
  member.kill();
}

test("a member whose disk was lost, and which has run alone since, is stopped as soon as it meets another", () => {
  const { script, key, written } = cluster();
  const member = script.world.member(1);
  member.loseDisk();
  liveAlone(script);
  join(script);
  for (const stops of [1, 2, 3]) {
    member.bootWhatIsThere();
    script.world.pass(10_000);
    expect(member.fatals).toEqual(Array.from({ length: stops }, () => "rolled-back"));
    expect(member.state).toBe("dead");
  }
  script.whole();
  for (const other of [2, 3]) {
    expect(script.world.member(other).process?.api?.reachable(1)).toBe(false);
    expect(script.ok(script.get(other, key)).values).toEqual([written]);
  }
});

test("so it is when the others have all started again meanwhile", () => {
  const { script } = cluster();
  const member = script.world.member(1);
  member.loseDisk();
  liveAlone(script);
  for (const other of [2, 3]) script.world.member(other).powerCut("everything");
  for (const other of [2, 3]) script.world.member(other).boot();
  join(script);
  member.bootWhatIsThere();
  script.world.pass(10_000);
  expect(member.fatals).toEqual(["rolled-back"]);
});

test("so it is when its clock was wrong, and links were refused for that", () => {
  const { script } = cluster();
  const member = script.world.member(1);
  member.loseDisk();
  member.stepClock(60_000);
  member.bootWhatIsThere();
  script.world.pass(5_000);
  expect(member.fatals).toEqual([]);
  expect(script.reported("clock-drift")).toBeGreaterThan(0);
  member.kill();
  member.stepClock(0);
  script.world.pass(60_000);
  member.bootWhatIsThere();
  script.world.pass(10_000);
  expect(member.fatals).toEqual(["rolled-back"]);
});

test("a member that has run alone over its own disk is welcome", () => {
  const { script, key, written } = cluster();
  const member = script.world.member(1);
  member.kill();
  liveAlone(script);
  join(script);
  member.boot();
  script.whole();
  expect(member.fatals).toEqual([]);
  expect(script.valuesAt(1, key)).not.toContain(written);
  expect(script.valuesAt(1, key)).toHaveLength(1);
});
