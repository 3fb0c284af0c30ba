/**
 * Directed schedules: a calm cluster in which nothing happens but what the script says. Operations are asked for,
 * then waited for; in between anything can be done to `world` (kill, cut, hold back a datasync …).
 */
import {
  type Durability,
  type FallbackUse,
  type MemberId,
  Prng,
  homesOf,
  partitionOfSlot,
  slotOf,
} from "@kvorum/core";
import { type CoreCode, composeWith } from "../world/compose.ts";
import type { Tracer } from "../world/event-log.ts";
import { type WorldOptions, drawOptions } from "../world/options.ts";
import { World } from "../world/world.ts";
import type { Operation, OperationId } from "../workloads/history.ts";
import { keyBytes } from "../workloads/key-bytes.ts";
import { Recorder } from "../workloads/recorder.ts";
import type { Wish } from "../workloads/stage.ts";

export interface ScriptChoices {
  readonly members: number;
  readonly code: CoreCode;
  readonly tracer?: Tracer;
  readonly change?: Partial<WorldOptions>;
}

/** What an operation may say beyond its member and key. */
export interface Manner {
  /** Homes asked for: a majority unless said. */
  readonly homes?: number;
  readonly durability?: Durability;
  readonly fallbacks?: FallbackUse;
  /** Write with the token that this operation got. */
  readonly contextOf?: Operation;
  readonly timeoutMs?: number;
  readonly ttlMs?: number;
  readonly valueBytes?: number;
}

export class Script {
  readonly world: World;
  readonly recorder: Recorder;
  readonly #tokens = new Map<Operation, string>();

  constructor({ members, code, tracer, change }: ScriptChoices) {
    const root = new Prng(members);
    const options = { ...calm(drawOptions(members, root), members), ...change };
    this.world = new World(options, root, composeWith(code, options), tracer ?? null);
    this.recorder = new Recorder(this.world);
  }

  /** Starts everybody and waits until all reach each other. */
  form(): void {
    this.world.boot();
    this.whole();
  }

  whole(): void {
    if (!this.world.passUntil(60_000, () => this.world.isWhole(this.world.lasting)))
      throw new Error("the cluster does not become whole");
  }

  /** A key that lives on these homes, in this order. */
  keyAt(...homes: readonly MemberId[]): string {
    const topology = this.world.member(1).process?.api?.topology;
    if (topology === undefined) throw new Error("ask for a key when the cluster has formed");
    for (let i = 0; i < 10_000; i++) {
      const key = `key-${i}`;
      const partition = partitionOfSlot(slotOf(keyBytes(key)), topology.preferenceLists.length);
      if (homesOf(topology, topology.replicas, partition).join() === homes.join()) return key;
    }
    throw new Error(`no key lives on ${homes.join()}`);
  }

  put(member: MemberId, key: string, manner: Manner = {}): Operation {
    return this.#ask("put", member, key, manner);
  }

  remove(member: MemberId, key: string, manner: Manner = {}): Operation {
    return this.#ask("delete", member, key, manner);
  }

  get(member: MemberId, key: string, manner: Manner = {}): Operation {
    return this.#ask("get", member, key, manner);
  }

  /** Waits until it has ended, and says that it succeeded. */
  ok(operation: Operation): Operation {
    this.ended(operation);
    if (operation.ending !== "ok")
      throw new Error(`operation ${operation.id} ended ${operation.ending} ${operation.code}`);
    return operation;
  }

  /** Waits until it has ended, well or not. */
  ended(operation: Operation): Operation {
    if (!this.world.passUntil(120_000, () => operation.ending !== "running")) {
      throw new Error(`operation ${operation.id} does not end`);
    }
    return operation;
  }

  /** How often members have reported this event. */
  reported(name: string): number {
    return this.world.members
      .map(({ events }) => events.get(name) ?? 0)
      .reduce((sum, count) => sum + count, 0);
  }

  /** What a read of all homes at this member returns now: the writes its values come from, in their order. */
  valuesAt(member: MemberId, key: string): readonly OperationId[] {
    const read = this.ok(this.get(member, key, { homes: this.world.options.replicas }));
    return read.values.toSorted((a, b) => a - b);
  }

  #ask(kind: Wish["kind"], member: MemberId, key: string, manner: Manner): Operation {
    const { homes, durability, fallbacks, contextOf, timeoutMs, ttlMs, valueBytes } = manner;
    const context =
      contextOf === undefined
        ? null
        : { token: this.#tokens.get(contextOf) ?? "", from: contextOf.id, isForeign: contextOf.key !== key };
    const wish: Wish = {
      client: 1,
      member,
      kind,
      key,
      homes: homes ?? Math.floor(this.world.options.replicas / 2) + 1,
      levelsFirst: false,
      durability: durability ?? "fsync",
      fallbacks: fallbacks ?? "deny",
      context,
      onlyIfSeen: false,
      isConditional: false,
      elements: null,
      valueBytes: valueBytes ?? 24,
      ttlMs: ttlMs ?? 0,
      timeoutMs: timeoutMs ?? 2_000,
      patienceMs: Infinity,
      isAfterHealing: false,
      excuses: [],
    };
    return this.recorder.ask(wish, {
      onEnded: (operation, token) => void this.#tokens.set(operation, token),
    });
  }
}

/** No chance but in microseconds, no faults, nothing small. */
function calm(drawn: WorldOptions, members: number): WorldOptions {
  return {
    ...drawn,
    policy: "siblings",
    limits: {
      ...drawn.limits,
      exchangeEveryMs: 1e9,
      hintsMax: 0,
      readRepairsMax: 0,
      scrubPassMs: 0,
    },
    twins: false,
    members,
    replicas: members,
    machines: Array.from({ length: members }, () => ({ clockOffsetMs: 0, clockDriftPpm: 0 })),
    network: {
      delayUsMin: 50,
      delayUsMean: 50,
      splitOneIn: 0,
      lingerOneIn: 0,
      sendBufferBytes: 1024 * 1024,
      giveUpUsMin: 10_000_000,
      giveUpUsMax: 20_000_000,
      dialTimeoutUs: 2_000_000,
    },
    disk: { writeUs: 20, syncUs: 200, readUs: 20 },
    turnUsMax: 50,
    faults: [],
  };
}
