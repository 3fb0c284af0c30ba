/**
 * The end of a workload, when all is calm: every key is read from all homes at every member, written once more, and
 * read again. All of it has to succeed.
 */
import type { MemberId } from "@kvorum/core";
import type { RegisterAction } from "../checkers/linearizability/register-model.ts";
import { wishAfterHealing } from "../phases/keys.ts";
import { FAMILIES } from "../workloads/client.ts";
import type { Operation } from "../workloads/history.ts";
import type { Asker, Token, Wish } from "../workloads/stage.ts";
import { beginSerial } from "../workloads/serial-stage.ts";
import type { ProcessStage } from "./process-stage.ts";

/** The client that does it. */
export const READER = 0;
/** The machine is shared, and many ask at once. */
const TIMEOUT_MS = 20_000;

interface LastRead {
  readonly operation: Operation;
  readonly token: Token;
}

export class FinalRound {
  readonly #stage: ProcessStage;
  readonly #members: readonly MemberId[];
  readonly #replicas: number;
  readonly #signal: AbortSignal;
  readonly #keys: readonly string[];
  readonly #lastReads = new Map<string, LastRead>();
  #finalReads: readonly Operation[] = [];

  constructor(stage: ProcessStage, members: readonly MemberId[], replicas: number, signal: AbortSignal) {
    this.#stage = stage;
    this.#members = members;
    this.#replicas = replicas;
    this.#signal = signal;
    this.#keys = [...new Set(stage.operations.map(({ key }) => key))].toSorted();
  }

  /** The reads of all homes before anything was written again. */
  get finalReads(): readonly Operation[] {
    return this.#finalReads.filter(({ ending }) => ending === "ok");
  }

  async readAll(): Promise<void> {
    const first = this.#stage.operations.length;
    await this.#readEach();
    this.#finalReads = this.#stage.operations.slice(first);
  }

  /** Keys of conditional writes are read at every member, and numbers counted up. */
  async readSerially(): Promise<void> {
    const keys = [...new Set(this.#stage.serial.map(({ key }) => key))].toSorted();
    for (const key of keys) {
      for (const member of this.#members) {
        if (this.#signal.aborted) return;
        this.#askSerial(key, member, { kind: "read", result: null });
        if (key.includes("count")) this.#askSerial(key, member, { kind: "increment", by: 1, result: null });
        await this.#stage.finish();
      }
    }
  }

  #askSerial(key: string, member: MemberId, action: RegisterAction): void {
    const operation = beginSerial(this.#stage, READER, key, action, true);
    this.#stage.askSerial(operation, member, TIMEOUT_MS, () => undefined);
  }

  /** Registers are overwritten; the other families are written as their clients do, with what was read. */
  async writeAll(): Promise<void> {
    this.#keys.forEach((key, index) => {
      const wish = this.#wish(key, this.#members[index % this.#members.length] ?? 1);
      const read = this.#lastReads.get(key);
      if (key.startsWith(FAMILIES.register)) this.#ask({ ...wish, kind: "put" });
      else if (read !== undefined) {
        const elements = key.startsWith(FAMILIES.set) ? read.operation.elements : null;
        this.#ask({ ...wish, kind: "put", context: read.token, elements });
      }
    });
    await this.#stage.finish();
    await this.#readEach();
  }

  async #readEach(): Promise<void> {
    for (const key of this.#keys) {
      if (this.#signal.aborted) return;
      for (const member of this.#members) {
        this.#ask(this.#wish(key, member), (operation, token) => {
          if (operation.ending !== "ok") return;
          this.#lastReads.set(key, { operation, token: { token, from: operation.id, isForeign: false } });
        });
      }
      await this.#stage.finish();
    }
  }

  #wish(key: string, member: MemberId): Wish {
    return { ...wishAfterHealing(member, key, this.#replicas, TIMEOUT_MS), client: READER };
  }

  #ask(wish: Wish, onEnded: Asker["onEnded"] = () => undefined): void {
    this.#stage.ask(wish, { onEnded });
  }
}
