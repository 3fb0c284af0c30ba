/**
 * Everybody heals whose disk is not lost; then every key is read from all of its homes at every member, written once
 * more, and read again. A member whose clock was led an hour ahead is refused until an hour has passed: it passes with
 * everybody asleep.
 */
import { type MemberId, isRecord, isRecordKey } from "@kvorum/core";
import { checkConvergence } from "../checkers/convergence.ts";
import { exchanges, scrubs } from "../world/options.ts";
import type { World } from "../world/world.ts";
import type { Operation, Violation } from "../workloads/history.ts";
import { FAMILIES } from "../workloads/client.ts";
import type { Recorder } from "../workloads/recorder.ts";
import type { Asker, Token, Wish } from "../workloads/stage.ts";
import { isAstray } from "./core-phase.ts";
import type { Observer } from "./observer.ts";
import { homesOfKey, homesOfSlot, keysOf, wishAfterHealing } from "./keys.ts";
import { readSerially } from "./serial-reads.ts";

const HEALING_MS_MAX = 90_000;
/** Longer than any operation of a client and any retry of the network. */
const SETTLING_MS = 5_000;
const TIMEOUT_MS = 10_000;
const CATCHING_UP_MS = 3_700_000;
/** Of a question and its answer, for each partition. */
const ROOT_BYTES = 21;
/** For disks and links that are slow. */
const ROUND_SLACK_MS = 3_000;
/** For records whose other homes had no time. */
const SCRUB_SLACK_MS = 25_000;
const STUCK_READ_MS = 3_000;
/** A read may find a damaged copy, and has to wait until it has been replaced. */
const TRIES = 5;
const BETWEEN_TRIES_MS = 500;

export class Afterwards {
  readonly #world: World;
  readonly #recorder: Recorder;
  readonly #observer: Observer;
  #finalReads: readonly Operation[] = [];
  readonly #lastReads = new Map<string, { readonly operation: Operation; readonly token: Token }>();
  /** Reads that are to be tried again. */
  #waiting = 0;

  constructor(world: World, recorder: Recorder, observer: Observer) {
    this.#observer = observer;
    this.#world = world;
    this.#recorder = recorder;
  }

  /** The reads of all homes before anything was written again. */
  get finalReads(): readonly Operation[] {
    return this.#finalReads.filter(({ ending }) => ending === "ok");
  }

  run(): Violation[] {
    const violations = this.#heal();
    readSerially(this.#world, this.#recorder);
    violations.push(...this.#deliver());
    // What is damaged is found by who reads it, and what is whole is level before anybody reads.
    const { faults } = this.#world.options;
    if (scrubs(this.#world.options)) violations.push(...this.#scrubbed());
    if (exchanges(this.#world.options) && !faults.includes("damage")) violations.push(...this.#level());
    this.#observer.snapshot();
    const keys = keysOf(this.#recorder);
    const first = this.#recorder.operations.length;
    this.#readEach(keys);
    this.#finalReads = this.#recorder.operations.slice(first);
    this.#writeEach(keys);
    this.#readEach(keys);
    if (exchanges(this.#world.options)) violations.push(...this.#level());
    if (this.#world.options.limits.readRepairsMax > 0) this.#readBesideStuckDisk(keys);
    this.#meetTheWiped();
    return violations;
  }

  /** Whoever is there gets all that was kept for it. */
  #deliver(): Violation[] {
    const world = this.#world;
    const { lasting } = world;
    const kept = (): string[] =>
      lasting.flatMap((id) => {
        const hints = world.member(id).process?.api?.status().upkeep.hints ?? [];
        const open = hints.filter(({ target, references, copies }) => {
          return lasting.includes(target) && references + copies > 0;
        });
        return open.map(
          ({ target, references, copies, lastCode }) =>
            `member ${id} keeps ${references} references and ${copies} copies for ${target} (${lastCode})`,
        );
      });
    if (world.passUntil(HEALING_MS_MAX, () => kept().length === 0)) return [];
    return kept().map((text) => ({ checker: "hints", key: "", text, operations: [] }));
  }

  /** All homes hold the same after two rounds of exchanges, and from then on nothing is repaired. */
  #level(): Violation[] {
    const world = this.#world;
    const { exchangeEveryMs } = world.options.limits;
    world.pass(ROUND_SLACK_MS + 4 * exchangeEveryMs);
    const disks = new Map(world.lasting.map((id) => [id, world.member(id).disk.rows()]));
    const before = this.#exchanged();
    world.pass(ROUND_SLACK_MS + 4 * exchangeEveryMs);
    const after = this.#exchanged();
    const different = after.different - before.different;
    const found: string[] = [];
    if (different > 0) found.push(`${different} keys differed though nothing had happened`);
    if (after.bytes - before.bytes > after.rootBytes - before.rootBytes + before.oneBytes)
      found.push("homes that hold the same have trees that differ");
    return [
      ...checkConvergence(disks, homesOfSlot(world)),
      ...found.map((text) => ({ checker: "convergence", key: "", text, operations: [] })),
    ];
  }

  /** Nothing on any disk is damaged after whole passes, if there is a sound home for everything. */
  #scrubbed(): Violation[] {
    const world = this.#world;
    if (world.lasting.length < world.ids.length) return [];
    const damagedAt = (id: MemberId): number =>
      world
        .member(id)
        .disk.rows()
        .filter(([key, value]) => isRecordKey(key) && !isRecord(value)).length;
    const { scrubPassMs } = world.options.limits;
    world.passUntil(2 * scrubPassMs + SCRUB_SLACK_MS, () => world.lasting.every((id) => damagedAt(id) === 0));
    return world.lasting.flatMap((id) => {
      if (damagedAt(id) === 0) return [];
      const text = `member ${id} holds ${damagedAt(id)} damaged records though it has read all of them`;
      return [{ checker: "scrub", key: "", text, operations: [] }];
    });
  }

  /** A home cannot store what repairs bring: a read that finds it behind ends all the same. */
  #readBesideStuckDisk(keys: readonly string[]): void {
    const world = this.#world;
    const key = keys.find((one) => one.startsWith(FAMILIES.register)) ?? "";
    const homes = homesOfKey(world)(key);
    const stuck = homes.at(-1) ?? 0;
    if (key === "" || homes.length < 3 || this.#homesLeft(key) < homes.length) return;
    world.member(stuck).disk.holdSyncs(true);
    const first = homes[0] ?? 0;
    this.#ask({ ...this.#wish(key, first), kind: "put", homes: homes.length - 1 });
    this.#finish();
    this.#ask({ ...this.#wish(key, first), timeoutMs: STUCK_READ_MS });
    this.#finish();
    world.member(stuck).disk.holdSyncs(false);
    world.pass(SETTLING_MS);
  }

  /** What exchanges have come to, and what they take when they find nothing; one with each peer may be under way. */
  #exchanged(): Record<"different" | "bytes" | "rootBytes" | "oneBytes", number> {
    const all = this.#world.lasting.flatMap(
      (id) => this.#world.member(id).process?.api?.status().upkeep.exchanges ?? [],
    );
    const sum = (of: (each: (typeof all)[number]) => number): number =>
      all.reduce((total, each) => total + of(each), 0);
    return {
      different: sum((each) => each.different),
      bytes: sum((each) => each.bytes),
      rootBytes: sum((each) => each.exchanges * each.partitions * ROOT_BYTES),
      oneBytes: sum((each) => each.partitions * ROOT_BYTES),
    };
  }

  /** Whoever lost its disk is started once more on the empty one, with everybody there to tell it. */
  #meetTheWiped(): void {
    const world = this.#world;
    const wiped = world.members.filter(({ diskLostUs }) => diskLostUs < Infinity);
    if (wiped.length === 0) return;
    for (const machine of wiped) {
      machine.disk.heal();
      machine.resume();
      machine.bootWhatIsThere();
    }
    world.healWays(world.ids);
    world.pass(SETTLING_MS);
  }

  #heal(): Violation[] {
    const world = this.#world;
    world.healAll();
    world.passUntil(HEALING_MS_MAX, () => world.lasting.every((id) => world.member(id).hasRecovered));
    if (world.lasting.some((id) => isAstray(world, id))) this.#sleep();
    const isWhole = world.passUntil(HEALING_MS_MAX, () => world.isWhole(world.lasting));
    world.pass(SETTLING_MS);
    this.#recorder.abandon();
    if (isWhole) return [];
    return [
      {
        checker: "liveness",
        key: "",
        text: "the cluster did not become whole after healing",
        operations: [],
      },
    ];
  }

  #sleep(): void {
    const world = this.#world;
    for (const id of world.lasting) world.member(id).kill();
    world.pass(CATCHING_UP_MS);
    world.healAll();
  }

  #homesLeft(key: string): number {
    const { lasting } = this.#world;
    return homesOfKey(this.#world)(key).filter((home) => lasting.includes(home)).length;
  }

  /** Registers are overwritten; the other families are written as their clients do, with what was read. */
  #writeEach(keys: readonly string[]): void {
    const { lasting } = this.#world;
    keys.forEach((key, index) => {
      const member = lasting[index % lasting.length] ?? 1;
      const isRegister = key.startsWith(FAMILIES.register);
      const isSet = key.startsWith(FAMILIES.set);
      const read = this.#lastReads.get(key);
      if (isRegister) this.#ask({ ...this.#wish(key, member), kind: "put" });
      else if (read !== undefined) {
        const elements = isSet ? read.operation.elements : null;
        this.#ask({ ...this.#wish(key, member), kind: "put", context: read.token, elements });
      }
    });
    this.#finish();
  }

  #readEach(keys: readonly string[]): void {
    for (const key of keys) {
      for (const member of this.#world.lasting) this.#read(key, member);
      this.#finish();
    }
  }

  #read(key: string, member: MemberId, tries = 1): void {
    const excuses = tries < TRIES ? ["DAMAGED"] : [];
    this.#ask({ ...this.#wish(key, member), excuses }, (operation, token) => {
      if (operation.ending === "ok")
        this.#lastReads.set(key, { operation, token: { token, from: operation.id, isForeign: false } });
      if (!excuses.includes(operation.code)) return;
      this.#waiting++;
      const again = (): void => {
        this.#waiting--;
        this.#read(key, member, tries + 1);
      };
      this.#world.scheduler.after(BETWEEN_TRIES_MS * 1000, { onDue: again }, 0);
    });
  }

  #wish(key: string, member: MemberId): Wish {
    return wishAfterHealing(member, key, this.#homesLeft(key), TIMEOUT_MS);
  }

  #ask(wish: Wish, onEnded: Asker["onEnded"] = () => undefined): void {
    if (wish.homes > 0) this.#recorder.ask(wish, { onEnded });
  }

  #finish(): void {
    this.#world.passUntil(2 * TIMEOUT_MS, () => this.#recorder.running === 0 && this.#waiting === 0);
  }
}
