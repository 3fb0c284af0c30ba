/** Sends operations to members and records what clients come to know of them. */
import {
  type ConditionalResult,
  type ConditionalUser,
  type GetResult,
  type GetUser,
  OUTCOMES,
  type OutcomeCode,
  type PutResult,
  type PutUser,
  type ReadRepair,
} from "@kvorum/core";
import type { Target } from "../world/scheduler.ts";
import type { SimProcess } from "../world/sim-member.ts";
import type { World } from "../world/world.ts";
import { beginOperation } from "./begin-operation.ts";
import { type History, type Loss, type Operation, type OperationId, type Walk, describe } from "./history.ts";
import type { Asker, Stage, Wish } from "./stage.ts";
import { NAMESPACE, keyBytes } from "./key-bytes.ts";
import { askSerially } from "./serial-ask.ts";
import type { OpenSerial, SerialStage } from "./serial-stage.ts";
import { readValue, valueOf } from "./values.ts";

/** Each restart begins where the one before had reserved to; a member that does nothing but restart gets ahead. */
const CRASH_LOOP_MS = 60_000;

/** A member may be late by as much: its timers are coarse and its turns take time. */
const SLACK_US = 100_000;

export class Recorder implements History, Stage, SerialStage {
  readonly n: number;
  readonly clockBoundMs: number;
  readonly operations: Operation[] = [];
  readonly walks: Walk[] = [];
  /** Conditional writes and serial reads. */
  readonly serial: OpenSerial[] = [];
  readonly #world: World;
  readonly #calls = new Set<Call>();
  #latestMs = 0;

  constructor(world: World) {
    this.#world = world;
    this.n = world.options.replicas;
    const { maxClockDriftMs, clockReserveMs } = world.options.limits;
    this.clockBoundMs = maxClockDriftMs + clockReserveMs + CRASH_LOOP_MS;
  }

  get powerCuts(): readonly Loss[] {
    return this.#world.members.flatMap(({ id, powerCutsUs }) =>
      powerCutsUs.map((atUs) => ({ member: id, atUs })),
    );
  }

  get lostDisks(): readonly Loss[] {
    return this.#world.members
      .filter(({ diskLostUs }) => diskLostUs < Infinity)
      .map(({ id, diskLostUs }) => ({ member: id, atUs: diskLostUs }));
  }

  get nowUs(): number {
    return this.#world.scheduler.nowUs;
  }

  after(delayUs: number, target: Target, tag: number): void {
    this.#world.scheduler.after(delayUs, target, tag);
  }

  ask(wish: Wish, asker: Asker): Operation {
    const { log, scheduler } = this.#world;
    const id = this.operations.length + 1;
    const operation = beginOperation(id, wish, scheduler.nowUs, this.#clocksMs());
    this.operations.push(operation);
    log.note(scheduler.nowUs, wish.member, "invoke", operation.id);
    if (log.tracing) log.trace(scheduler.nowUs, wish.member, "invoke", describe(operation));
    this.#calls.add(new Call(this, this.#world, operation, wish, asker));
    return operation;
  }

  askSerial(
    operation: OpenSerial,
    member: number,
    timeoutMs: number,
    ended: (operation: OpenSerial) => void,
  ): void {
    askSerially(this.#world, operation, member, timeoutMs, ended);
  }

  /** For `Call`: it has ended. */
  close(call: Call, operation: Operation): void {
    this.#calls.delete(call);
    const { processes } = call;
    const isThere = this.#world.members.map(({ process }, index) => process === processes[index]);
    operation.clocksMs = operation.clocksMs.map((nowMs, index) => (isThere[index] === true ? nowMs : 0));
    this.#clocksMs();
    operation.latestMs = this.#latestMs;
    operation.ownMs = this.#world.member(operation.member).ownMs;
  }

  /** Operations that have not ended for their clients. */
  get running(): number {
    return this.#calls.size;
  }

  /** Clients go home: nothing that is still running is waited for. */
  abandon(): void {
    for (const call of this.#calls) call.abandon();
  }

  #clocksMs(): number[] {
    return this.#world.members.map(({ process }) => {
      const nowMs = process?.api?.nowMs() ?? 0;
      if (nowMs > this.#latestMs) this.#latestMs = nowMs;
      return nowMs;
    });
  }
}

const NOTHING = new Uint8Array(0);

const ARRIVE = 0;
const GIVE_UP = 1;
const LEAVE = 2;

/** One operation on its way. */
class Call implements Target, GetUser, PutUser, ConditionalUser {
  readonly #world: World;
  readonly #operation: Operation;
  readonly #wish: Wish;
  readonly #asker: Asker;
  readonly #recorder: Recorder;
  /** Who ran when it began. */
  readonly processes: readonly (SimProcess | null)[];
  #process: SimProcess | null = null;
  /** How often the process had been paused when the operation came to it, a pause under way not counted. */
  #pauses = 0;
  #isBegun = false;

  constructor(recorder: Recorder, world: World, operation: Operation, wish: Wish, asker: Asker) {
    this.#recorder = recorder;
    this.#world = world;
    this.processes = world.members.map(({ process }) => process);
    this.#operation = operation;
    this.#wish = wish;
    this.#asker = asker;
    world.scheduler.after(1, this, ARRIVE);
    if (wish.patienceMs < Infinity) world.scheduler.after(1 + wish.patienceMs * 1000, this, LEAVE);
  }

  onDue(tag: number): void {
    if (this.#operation.ending !== "running") return;
    if (tag === GIVE_UP) this.#giveUp();
    else if (tag === LEAVE) this.#end("unknown", "LEFT", Infinity, "");
    else this.#arrive();
  }

  onGet(_tag: number, result: GetResult): void {
    const operation = this.#operation;
    if (operation.ending !== "running") return;
    let token = "";
    if (result.code === "OK") {
      token = result.token();
      this.#read(result);
    }
    this.#answered(result.code, token);
  }

  #read(result: GetResult): void {
    const operation = this.#operation;
    const versions = result.versions();
    const values: OperationId[] = [];
    const expired: OperationId[] = [];
    const elements = new Set<number>();
    for (const { kind, value, expiryMs } of versions) {
      if (kind !== "value") continue;
      const read = readValue(value);
      values.push(read.writer);
      for (const element of read.elements) elements.add(element);
      if (expiryMs !== 0 && expiryMs <= result.nowMs) expired.push(read.writer);
    }
    const newest = result.newestLive();
    operation.newest = newest === null ? 0 : readValue(newest.value).writer;
    operation.values = values;
    operation.expired = expired;
    operation.elements = [...elements];
    operation.tombstones = versions.length - values.length;
    operation.judgedMs = result.nowMs;
    operation.answered = result.answered.slice();
  }

  onPut(_tag: number, result: Pick<PutResult, "code" | "receipt">): void {
    if (this.#operation.ending !== "running") return;
    const { code, receipt } = result;
    this.#operation.wroteNothing = code === "OK" && receipt === null;
    if (receipt !== null) {
      this.#operation.holders = receipt.homes;
      this.#operation.standIns = receipt.fallbacks;
      this.#operation.dot = receipt.dot;
    }
    this.#answered(code, receipt === null ? "" : receipt.token);
  }

  onConditional(tag: number, result: ConditionalResult): void {
    this.onPut(tag, result);
  }

  abandon(): void {
    this.#end("unknown", "ABANDONED", Infinity, "");
  }

  #arrive(): void {
    if (this.#process === null) {
      this.#process = this.#world.member(this.#operation.member).process;
      if (this.#process === null) {
        this.#end("failed", "REFUSED", this.#world.scheduler.nowUs, "");
        return;
      }
      this.#pauses = this.#process.pauses - (this.#process.isPaused ? 1 : 0);
      this.#world.scheduler.after(this.#operation.timeoutUs + SLACK_US, this, GIVE_UP);
    }
    if (!this.#process.admits(this, ARRIVE)) return;
    const { api } = this.#process;
    if (api === null) {
      this.#end("failed", "REFUSED", this.#world.scheduler.nowUs, "");
      return;
    }
    this.#isBegun = true;
    const { kind, homes, levelsFirst, durability, fallbacks, context, timeoutMs, ttlMs, valueBytes } =
      this.#wish;
    const key = keyBytes(this.#operation.key);
    if (kind === "get") {
      const repair: ReadRepair = levelsFirst ? "before" : "after";
      const request = { namespace: NAMESPACE, key, r: homes, headOnly: false, repair, timeoutMs };
      api.get(request, this, this.#operation.id);
      return;
    }
    const operation = this.#operation;
    if (kind === "put" && ttlMs > 0) operation.expiryMs = Math.ceil(api.nowMs()) + ttlMs;
    if (operation.isConditional) {
      const { id, expiryMs } = operation;
      api.conditional(
        {
          namespace: NAMESPACE,
          key,
          condition: "none",
          operand: NOTHING,
          change: "put",
          value: valueOf(id, valueBytes),
          offset: 0,
          expiry: expiryMs === 0 ? "clear" : "at",
          expiryMs,
          want: "nothing",
          wantReceipt: true,
          timeoutMs,
        },
        this,
        id,
      );
      return;
    }
    const request = {
      kind,
      namespace: NAMESPACE,
      key,
      value: kind === "put" ? valueOf(operation.id, valueBytes, operation.elements) : new Uint8Array(0),
      context: context === null ? null : context.token,
      onlyIfSeen: operation.onlyIfSeen,
      expiryMs: operation.expiryMs,
      w: homes,
      durability,
      fallbacks,
      timeoutMs,
      wantReceipt: true,
    };
    api.put(request, this, this.#operation.id);
  }

  /** The process was to answer by now, unless it died or was held up. */
  #giveUp(): void {
    const process = this.#process;
    if (process === null) return;
    const wasHeldUp = !process.isAlive || process.pauses !== this.#pauses;
    if (!wasHeldUp && this.#isBegun) this.#operation.isInTime = false;
    this.#end("unknown", process.isAlive ? "SILENCE" : "LOST", Infinity, "");
  }

  #answered(code: OutcomeCode, token: string): void {
    if (this.#process === null || !this.#process.isAlive) return;
    if (code === "OK") this.#end("ok", code, this.#world.scheduler.nowUs, token);
    else if (OUTCOMES[code].definite) this.#end("failed", code, this.#world.scheduler.nowUs, "");
    else this.#end("unknown", code, Infinity, "");
  }

  #end(ending: "ok" | "failed" | "unknown", code: string, endedUs: number, token: string): void {
    const operation = this.#operation;
    if (operation.ending !== "running") return;
    operation.ending = ending;
    operation.code = code;
    operation.endedUs = endedUs;
    this.#recorder.close(this, operation);
    const { log, scheduler } = this.#world;
    log.note(scheduler.nowUs, operation.member, "answer", operation.id);
    if (log.tracing) log.trace(scheduler.nowUs, operation.member, "answer", describe(operation));
    this.#asker.onEnded(operation, token);
  }
}
