/** Placement and convergence, on the disks of a small cluster that has written one key. */
import * as core from "@kvorum/core";
import { beforeAll, describe, expect, test } from "vitest";
import { homesOfKey, homesOfSlot } from "../phases/keys.ts";
import { keyBytes } from "../workloads/key-bytes.ts";
import { Script } from "../schedules/script.fixture.ts";
import { checkConvergence } from "./convergence.ts";
import { checkDisks } from "./disk-durability.ts";
import type { Disks } from "./disks.ts";
import { MadeHistory } from "./made-history.fixture.ts";
import { type MemberState, checkPlacementAgreement } from "./placement.ts";

type Rows = MemberState["rows"];

let script: Script;
let key: string;
let homes: readonly number[];
let stranger: number;
let first: number;
let second: number;
let third: number;

beforeAll(() => {
  script = new Script({ members: 4, code: core, change: { replicas: 3 } });
  script.form();
  key = "key-0";
  homes = homesOfKey(script.world)(key);
  [first = 0, second = 0, third = 0] = homes;
  stranger = script.world.ids.find((id) => !homes.includes(id)) ?? 0;
  script.ok(script.put(first, key, { homes: 3 }));
});

function rowsOf(member: number): Rows {
  return script.world.member(member).disk.rows();
}

function disks(change: (member: number, rows: Rows) => Rows = (_, rows) => rows): Disks {
  return new Map(script.world.ids.map((member) => [member, change(member, rowsOf(member))]));
}

function records(rows: Rows): Rows {
  return rows.filter(([rowKey]) => core.isRecordKey(rowKey));
}

describe("convergence", () => {
  const check = (made: Disks): string[] =>
    checkConvergence(made, homesOfSlot(script.world)).map(({ text }) => text.replace(/record \w+ /, ""));

  test("all homes hold the same bytes, and homes that are not there are not compared", () => {
    expect(check(disks())).toEqual([]);
    const without = new Map(disks());
    without.delete(second);
    expect(check(without)).toEqual([]);
  });

  test("a home lacks the record, or holds another", () => {
    expect(check(disks((member, rows) => (member === second ? [] : rows)))).toEqual([
      `differs between its homes ${homes.join(" ")}`,
    ]);
    const before = records(rowsOf(third));
    script.ok(script.put(first, key, { homes: 3 }));
    expect(check(disks((member, rows) => (member === third ? before : rows)))).toEqual([
      `differs between its homes ${homes.join(" ")}`,
    ]);
  });

  test("a copy is damaged, though all are", () => {
    const spoilt = (rows: Rows): Rows =>
      rows.map(([rowKey, value]) => [rowKey, value.map((byte) => byte ^ 1)]);
    expect(check(disks((member, rows) => (member === first ? spoilt(records(rows)) : rows)))).toEqual([
      `is damaged at ${first}`,
    ]);
    expect(check(disks((_, rows) => spoilt(records(rows))))).toEqual([`is damaged at ${homes.join(" ")}`]);
  });
});

describe("placement", () => {
  function check(
    history: MadeHistory,
    change: (state: MemberState) => MemberState = (state) => state,
  ): string[] {
    const { world } = script;
    const states = world.ids.map((member) =>
      change({ member, topology: world.topology, rows: rowsOf(member) }),
    );
    return checkPlacementAgreement(history, states, homesOfKey(world), homesOfSlot(world)).map(
      ({ text }) => text.split("\n")[0] ?? "",
    );
  }

  test("homes alone hold, acknowledge and answer", () => {
    const history = new MadeHistory();
    history.put(0, 10, { key, holders: homes.slice(0, 2) });
    history.read(20, 30, [], { key, answered: homes.slice(1) });
    history.idleRemove(40, 50);
    expect(check(history)).toEqual([]);
  });

  test("a stranger acknowledges, a home twice, or fewer than asked for", () => {
    const history = new MadeHistory();
    history.put(0, 10, { key, holders: [first, stranger] });
    history.read(20, 30, [], { key, answered: [second, second] });
    history.put(0, 10, { key, holders: [first] });
    history.put(0, 10, { key, holders: [first], homes: 1 });
    const named = `(homes ${homes.join(" ")})`;
    expect(check(history)).toEqual([
      `an operation names others than homes, or one twice ${named}`,
      `an operation names others than homes, or one twice ${named}`,
      `an operation was acknowledged by fewer members than it asked for ${named}`,
    ]);
  });

  test("fallbacks stand in, and they alone, each on a host of its own", () => {
    const { fallbacks } = core.preferenceListOf(script.world.topology, core.slotOf(keyBytes(key)));
    const [fallback = 0] = fallbacks;
    const sound = new MadeHistory();
    sound.put(0, 10, { key, holders: [first], standIns: [fallback] });
    expect(check(sound)).toEqual([]);
    const wrong = new MadeHistory();
    wrong.put(0, 10, { key, holders: [first], standIns: [second] });
    expect(check(wrong)).toEqual([
      `an operation names a fallback that is none (fallbacks ${fallbacks.join(" ")})`,
    ]);
    const shared = (state: MemberState): MemberState => {
      const members = state.topology.members.map((each) => ({ ...each, host: "one" }));
      return { ...state, topology: { ...state.topology, members } };
    };
    expect(check(sound, shared)).toContain(
      `an operation is held twice on one host (fallbacks ${fallbacks.join(" ")})`,
    );
  });

  test("a record lies where it does not belong", () => {
    const foreign = records(rowsOf(first));
    const misplaced = check(new MadeHistory(), (state) =>
      state.member === stranger ? { ...state, rows: foreign } : state,
    );
    expect(misplaced).toEqual([`member ${stranger} holds a record of slot ${core.slotOf(keyBytes(key))}`]);
  });

  test("members differ in topology, or it places badly", () => {
    const digest = new Uint8Array(16);
    expect(
      check(new MadeHistory(), (state) =>
        state.member === 3 ? { ...state, topology: { ...state.topology, digest } } : state,
      ),
    ).toEqual(["members 1 and 3 differ in topology"]);
    const twice = (state: MemberState): MemberState => {
      const [list, ...rest] = state.topology.preferenceLists;
      const doubled = { homes: [1, 1, 2], fallbacks: list?.fallbacks ?? [] };
      return { ...state, topology: { ...state.topology, preferenceLists: [doubled, ...rest] } };
    };
    expect(check(new MadeHistory(), twice).length).toBeGreaterThan(0);
  });
});

describe("durability on disks", () => {
  const check = (made: Disks): number[] =>
    checkDisks(script.recorder, made, script.world.scheduler.nowUs).map(
      ({ operations }) => operations[0] ?? 0,
    );

  test("every home that acknowledged a write has it, or what had seen it", () => {
    script.ok(script.put(first, key, { homes: 3 }));
    script.ok(script.put(second, key, { homes: 2 }));
    script.ok(script.remove(third, key, { homes: 3 }));
    expect(check(disks())).toEqual([]);
  });

  test("a home lacks the record, or has an older one; a damaged copy may yet be replaced", () => {
    const before = records(rowsOf(second));
    const last = script.ok(script.put(first, key, { homes: 3 })).id;
    expect(check(disks((member, rows) => (member === second ? before : rows)))).toEqual([last]);
    expect(check(disks((member, rows) => (member === second ? [] : rows))).length).toBeGreaterThan(3);
    const spoilt = (rows: Rows): Rows =>
      rows.map(([rowKey, value]) => [rowKey, value.map((byte) => byte ^ 1)]);
    expect(check(disks((member, rows) => (member === second ? spoilt(before) : rows)))).toEqual([]);
  });

  test("a member that is not there is not asked", () => {
    const without = new Map(disks());
    without.delete(second);
    expect(check(without)).toEqual([]);
  });
});
