/** When all have healed that can, every key of conditional writes is read at every member, and counted up once more. */
import type { GetResult, OutcomeCode } from "@kvorum/core";
import type { RegisterAction } from "../checkers/linearizability/register-model.ts";
import type { World } from "../world/world.ts";
import { NAMESPACE, keyBytes } from "../workloads/key-bytes.ts";
import type { Recorder } from "../workloads/recorder.ts";
import { beginSerial } from "../workloads/serial-stage.ts";
import { homesOfKey } from "./keys.ts";

const TIMEOUT_MS = 10_000;
/** A damaged copy is replaced by whoever finds it; a member that is alone with it is asked again. */
const EXCUSED = ["DAMAGED", "CLOCK"];
const TRIES = 5;
const BETWEEN_TRIES_MS = 500;

export function readSerially(world: World, recorder: Recorder): void {
  const keys = [...new Set(recorder.serial.map(({ key }) => key))].toSorted();
  for (const key of keys) {
    const homes = homesOfKey(world)(key);
    const left = homes.filter((home) => world.lasting.includes(home)).length;
    if (left < Math.floor(homes.length / 2) + 1) continue;
    heal(world, key, left);
    for (const member of world.lasting) {
      ask(world, recorder, key, member, { kind: "read", result: null });
      if (key.includes("count"))
        ask(world, recorder, key, member, { kind: "increment", by: 1, result: null });
    }
  }
}

/** Whoever reads all copies has the damaged ones replaced; a serial read is content with a majority. */
function heal(world: World, key: string, homes: number): void {
  for (let tries = 1; tries <= TRIES; tries++) {
    const api = world.member(world.lasting[0] ?? 0).process?.api ?? null;
    const answer: { code: OutcomeCode; isOver: boolean } = { code: "OK", isOver: api === null };
    const user = {
      onGet: (_tag: number, result: GetResult): void => {
        answer.code = result.code;
        answer.isOver = true;
      },
    };
    const request = { namespace: NAMESPACE, key: keyBytes(key), r: homes, headOnly: false } as const;
    api?.get({ ...request, repair: "before", timeoutMs: TIMEOUT_MS }, user, 0);
    world.passUntil(2 * TIMEOUT_MS, () => answer.isOver);
    if (answer.code !== "DAMAGED") return;
    world.pass(BETWEEN_TRIES_MS);
  }
}

function ask(world: World, recorder: Recorder, key: string, member: number, action: RegisterAction): void {
  for (let tries = 1; tries <= TRIES; tries++) {
    const operation = beginSerial(recorder, 0, key, action, tries === TRIES);
    let isOver = false;
    recorder.askSerial(operation, member, TIMEOUT_MS, () => (isOver = true));
    world.passUntil(2 * TIMEOUT_MS, () => isOver);
    if (!EXCUSED.includes(operation.code)) {
      operation.isAfterHealing = true;
      return;
    }
    world.pass(BETWEEN_TRIES_MS);
  }
}
