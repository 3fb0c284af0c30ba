/**
 * Repairs that follow upon reads whose homes did not hold the same. The reader has its answer by then: nothing here can
 * delay or fail it. Of a key one repair is under way at a time, and what there is no room or no budget for is left to
 * the next read, or to an exchange.
 */
import { ByteMap, type ByteKeyed, keyHash } from "../base/byte-map.ts";
import type { Bytes } from "../base/bytes.ts";
import type { OutcomeCode } from "../base/outcome.ts";
import type { MemberId } from "../model/member.ts";
import type { CoordinatorParts } from "./coordination.ts";
import { HomeRepair, type HomeRepairUser } from "./home-repair.ts";

/** Longer than any disk takes. */
const REPAIR_MS = 10_000;

export class ReadRepairs {
  readonly #parts: () => CoordinatorParts;
  readonly #running = new ByteMap<RunningRepair>();

  /** The parts hold the repairs, so they come when there is something to repair. */
  constructor(parts: () => CoordinatorParts) {
    this.#parts = parts;
  }

  /** Sends a record, all that a read has found, to the homes that answered with less. Bytes are kept. */
  repair(key: Bytes, record: Bytes, behind: readonly MemberId[]): void {
    const parts = this.#parts();
    const { counters, limits, budget } = parts;
    const hash = keyHash(key);
    if (behind.length === 0 || this.#running.get(key, hash) !== null) return;
    const isFull = this.#running.size >= limits.readRepairsMax;
    if (isFull || !budget.tryTake("readRepair", behind.length * record.length)) {
      counters.readRepairsSkipped++;
      return;
    }
    const running = new RunningRepair(key, hash, behind.length, (isWhole) => {
      this.#running.delete(key, hash);
      if (isWhole) counters.readRepairs++;
      else counters.readRepairsFailed++;
    });
    this.#running.set(running);
    for (const home of behind) new HomeRepair(parts, home, key, record, running).start("bulk", REPAIR_MS);
  }
}

/** Until all homes that were behind have answered. */
class RunningRepair implements ByteKeyed, HomeRepairUser {
  readonly key: Bytes;
  readonly hash: number;
  readonly #ended: (isWhole: boolean) => void;
  #open: number;
  #isWhole = true;

  constructor(key: Bytes, hash: number, homes: number, ended: (isWhole: boolean) => void) {
    this.key = key;
    this.hash = hash;
    this.#open = homes;
    this.#ended = ended;
  }

  onHomeRepaired(_home: MemberId, _record: Bytes, code: OutcomeCode): void {
    if (code !== "OK") this.#isWhole = false;
    if (--this.#open === 0) this.#ended(this.#isWhole);
  }
}
