/**
 * A random core of members heals; all others are dead, paused or cut off, and stay so. Whatever the core can serve by
 * itself succeeds at every member of it, for as long as the others stay away.
 */
import { type MemberId, type Prng, preferenceListOf, slotOf } from "@kvorum/core";
import { between, pick } from "../world/draws.ts";
import type { World } from "../world/world.ts";
import type { Violation } from "../workloads/history.ts";
import { keyBytes } from "../workloads/key-bytes.ts";
import type { Recorder } from "../workloads/recorder.ts";
import { homesOfKey, keysOf, wishAfterHealing } from "./keys.ts";

const HEALING_MS_MAX = 90_000;
/** Until half-open links have been given up. */
const SETTLING_MS = 3_000;
/** A clock that is ahead by more was led astray by a leap; its member is refused until time has caught up. */
const ASTRAY_MS = 60_000;
const TIMEOUT_MS = 5_000;
/** More than a run has keys. */
const HINTS_ENOUGH = 100;

export function corePhase(world: World, recorder: Recorder, random: Prng): Violation[] {
  const core = drawCore(world, random);
  if (core.length === 0) return [];
  for (const id of world.ids) if (!core.includes(id)) sendAway(world, core, id, random);
  world.heal(core);
  const isAlone = (): boolean => core.every((id) => reachesOnly(world, core, id));
  if (!world.passUntil(HEALING_MS_MAX, () => world.isWhole(core) && isAlone())) {
    const text = `the core ${core.join(" ")} did not become whole after healing, without the others`;
    return [{ checker: "liveness", key: "", text, operations: [] }];
  }
  world.pass(SETTLING_MS);
  askAll(world, recorder, core);
  return [];
}

function reachesOnly(world: World, core: readonly MemberId[], id: MemberId): boolean {
  const api = world.member(id).process?.api ?? null;
  return api !== null && world.ids.every((other) => core.includes(other) || !api.reachable(other));
}

/** Of those whose disk and clock can still be used, some or all. */
function drawCore(world: World, random: Prng): readonly MemberId[] {
  const usable = usableMembers(world);
  const left = [...usable];
  const size = between(random, 1, Math.max(1, usable.length));
  while (left.length > size) left.splice(between(random, 0, left.length - 1), 1);
  return left;
}

/** Starts whoever may be started, to see what time they believe it is. */
function usableMembers(world: World): readonly MemberId[] {
  for (const id of world.lasting) {
    world.member(id).disk.heal();
    world.member(id).resume();
    world.member(id).boot();
  }
  world.passUntil(HEALING_MS_MAX, () => world.lasting.every((id) => world.member(id).hasRecovered));
  return world.lasting.filter((id) => !isAstray(world, id));
}

export function isAstray(world: World, id: MemberId): boolean {
  const { process, clock } = world.member(id);
  return clock.aheadMs(process?.api?.nowMs() ?? 0) > ASTRAY_MS;
}

function sendAway(world: World, core: readonly MemberId[], id: MemberId, random: Prng): void {
  const machine = world.member(id);
  switch (pick(random, ["kill", "power-cut", "pause", "cut"] as const)) {
    case "kill":
      return machine.kill();
    case "power-cut":
      return machine.powerCut();
    case "pause":
      return machine.pause();
    case "cut":
      for (const other of core) world.cut(id, other);
  }
}

function askAll(world: World, recorder: Recorder, core: readonly MemberId[]): void {
  const homesOf = homesOfKey(world);
  // A damaged copy is replaced only when all other homes answer; until then its home takes no writes of others. And a
  // clock that was accepted while an own clock was wrong forbids writes until time has caught up, as does one that got
  // ahead by many restarts, each of which begins where the life before it had reserved to.
  const { faults } = world.options;
  const isAhead = core.some((id) => world.member(id).process?.api?.status().clock.suspended === true);
  const excuses = [
    ...(faults.includes("damage") ? ["DAMAGED", "UNKNOWN"] : []),
    ...(faults.includes("clock-leap") || isAhead ? ["CLOCK"] : []),
  ];
  for (const key of keysOf(recorder)) {
    const there = homesOf(key).filter((home) => core.includes(home)).length;
    if (there === 0) continue;
    for (const [index, member] of core.entries()) {
      const homes = 1 + (index % there);
      const wish = { ...wishAfterHealing(member, key, homes, TIMEOUT_MS), excuses };
      recorder.ask(wish, { onEnded: () => undefined });
      if (key.startsWith("key")) recorder.ask({ ...wish, kind: "put" }, { onEnded: () => undefined });
    }
  }
  askFallbacks(world, recorder, core, excuses);
  world.passUntil(2 * TIMEOUT_MS, () => recorder.running === 0);
}

/** With fallbacks as many members take a write as there are homes and fallbacks, also where no home is there. */
function askFallbacks(
  world: World,
  recorder: Recorder,
  core: readonly MemberId[],
  excuses: readonly string[],
): void {
  const { options, topology } = world;
  if (options.workload.fallbacks === "deny") return;
  // Without room for hints fallbacks refuse, and who is left to be asked may be one that stays away in silence.
  const full = options.limits.hintsMax < HINTS_ENOUGH ? ["OVERLOADED", "UNKNOWN", "TIMEOUT"] : [];
  for (const [index, key] of keysOf(recorder).entries()) {
    const { fallbacks } = preferenceListOf(topology, slotOf(keyBytes(key)));
    const there = [...homesOfKey(world)(key), ...fallbacks].filter((member) => core.includes(member)).length;
    const member = core[index % core.length] ?? 0;
    if (there === 0 || !key.startsWith("key")) continue;
    const wish = wishAfterHealing(member, key, Math.min(there, options.replicas), TIMEOUT_MS);
    const put = { ...wish, kind: "put", fallbacks: "allow", excuses: [...excuses, ...full] } as const;
    recorder.ask(put, { onEnded: () => undefined });
  }
}
