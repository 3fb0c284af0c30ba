/**
 * The stage of clients that act on real members in real time, with the history of one workload. Keys carry a prefix
 * on the wire, so that many workloads can follow each other in one cluster, each with a history of its own.
 */
import type { Target } from "../world/scheduler.ts";
import { DEFAULT_LIMITS } from "@kvorum/core";
import { beginOperation } from "../workloads/begin-operation.ts";
import type { History, Loss, Operation, Walk } from "../workloads/history.ts";
import type { Asker, Stage, Wish } from "../workloads/stage.ts";
import type { OpenSerial, SerialStage } from "../workloads/serial-stage.ts";
import { SerialCall } from "./serial-call.ts";
import { ProcessCall, type CallParts } from "./process-call.ts";
import type { RealClock } from "./real-clock.ts";
import type { Wire } from "./wire.ts";

export interface ProcessStageParts {
  readonly wire: Wire;
  readonly clock: RealClock;
  readonly prefix: string;
  /** How many homes each key has. */
  readonly replicas: number;
}

export class ProcessStage implements Stage, SerialStage, History {
  readonly n: number;
  readonly operations: Operation[] = [];
  readonly walks: readonly Walk[] = [];
  readonly serial: OpenSerial[] = [];
  /** Kills lose nothing that an operating system has. */
  readonly powerCuts: readonly Loss[] = [];
  readonly lostDisks: readonly Loss[] = [];
  readonly clockBoundMs = DEFAULT_LIMITS.maxClockDriftMs + DEFAULT_LIMITS.clockReserveMs;
  /** Replies that could not be read, in words. */
  readonly garbled: string[] = [];
  readonly #clock: RealClock;
  readonly #callParts: CallParts;
  readonly #calls = new Set<ProcessCall | SerialCall>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #idle: (() => void)[] = [];

  constructor({ wire, clock, prefix, replicas }: ProcessStageParts) {
    this.n = replicas;
    this.#clock = clock;
    this.#callParts = {
      wire,
      clock,
      prefix,
      onEnd: (call) => this.#onEnd(call),
      onGarbled: ({ id, kind, key }, why) => this.garbled.push(`#${id} ${kind} ${key}: ${why}`),
    };
  }

  get nowUs(): number {
    return this.#clock.nowUs;
  }

  after(delayUs: number, target: Target, tag: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      target.onDue(tag);
    }, delayUs / 1000);
    this.#timers.add(timer);
  }

  ask(wish: Wish, asker: Asker): Operation {
    const id = this.operations.length + 1;
    // No value expires here: what has is not shown to clients, so that nobody could tell it from what is lost.
    const operation = beginOperation(id, wish, this.#clock.nowUs, []);
    this.operations.push(operation);
    this.#calls.add(new ProcessCall(this.#callParts, operation, wish, asker));
    return operation;
  }

  askSerial(
    operation: OpenSerial,
    member: number,
    timeoutMs: number,
    ended: (operation: OpenSerial) => void,
  ): void {
    const call = new SerialCall(this.#callParts, operation, member, timeoutMs, (done) => {
      this.#onEnd(call);
      ended(done);
    });
    this.#calls.add(call);
  }

  #onEnd(call: ProcessCall | SerialCall): void {
    this.#calls.delete(call);
    if (this.#calls.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Resolves when no operation runs. Each ends of itself, some time after its deadline at the latest. */
  finish(): Promise<void> {
    if (this.#calls.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Clients go home: nothing that is still running is waited for, and nothing more is begun. */
  abandon(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    for (const call of this.#calls) call.abandon();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
