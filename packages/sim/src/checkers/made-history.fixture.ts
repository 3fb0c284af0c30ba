/** Made histories, for checkers to be tried on. Times are whole numbers; everything is of one key unless said. */
import { wishAfterHealing } from "../phases/keys.ts";
import { beginOperation } from "../workloads/begin-operation.ts";
import type { History, Loss, Operation, OperationId, Walk } from "../workloads/history.ts";

export const TOMBSTONE = "tombstone";

/** What a read returned. */
export type Seen = OperationId | typeof TOMBSTONE;

type Choices = Partial<
  Pick<
    Operation,
    | "homes"
    | "levelsFirst"
    | "holders"
    | "standIns"
    | "dot"
    | "answered"
    | "durability"
    | "contextOf"
    | "isForeign"
    | "onlyIfSeen"
    | "isConditional"
    | "key"
    | "member"
    | "elements"
    | "expiryMs"
    | "expired"
    | "judgedMs"
    | "clocksMs"
    | "latestMs"
    | "ownMs"
    | "code"
    | "excuses"
    | "isAfterHealing"
    | "isInTime"
  >
>;

export class MadeHistory implements History {
  readonly n = 3;
  readonly operations: Operation[] = [];
  readonly walks: Walk[] = [];
  readonly powerCuts: Loss[] = [];
  readonly lostDisks: Loss[] = [];
  readonly clockBoundMs = 13_000;

  put(invokedUs: number, endedUs: number, choices: Choices = {}): OperationId {
    return this.#add({ ...base, ...choices, kind: "put", invokedUs, endedUs, ending: "ok" });
  }

  /** A put whose client never learned how it ended. */
  unknownPut(invokedUs: number, choices: Choices = {}): OperationId {
    return this.#add({ ...base, ...choices, kind: "put", invokedUs, endedUs: Infinity, ending: "unknown" });
  }

  failedPut(invokedUs: number, endedUs: number, choices: Choices = {}): OperationId {
    return this.#add({ ...base, ...choices, kind: "put", invokedUs, endedUs, ending: "failed" });
  }

  remove(invokedUs: number, endedUs: number, choices: Choices = {}): OperationId {
    return this.#add({ ...base, ...choices, kind: "delete", invokedUs, endedUs, ending: "ok" });
  }

  /** A delete that was acknowledged because there was nothing. */
  idleRemove(invokedUs: number, endedUs: number): OperationId {
    return this.#add({ ...base, kind: "delete", invokedUs, endedUs, ending: "ok", wroteNothing: true });
  }

  unknownRemove(invokedUs: number, choices: Choices = {}): OperationId {
    return this.#add({
      ...base,
      ...choices,
      kind: "delete",
      invokedUs,
      endedUs: Infinity,
      ending: "unknown",
    });
  }

  read(invokedUs: number, endedUs: number, seen: readonly Seen[], choices: Choices = {}): OperationId {
    const values = seen.filter((one) => one !== TOMBSTONE);
    const tombstones = seen.length - values.length;
    return this.#add({
      ...base,
      ...choices,
      kind: "get",
      invokedUs,
      endedUs,
      ending: "ok",
      values,
      tombstones,
    });
  }

  /** A read of all homes when everything is over, as the ledger wants it. */
  finalRead(...seen: Seen[]): readonly Operation[] {
    const id = this.read(9000, 9001, seen, { homes: 3 });
    return this.operations.slice(id - 1);
  }

  #add(operation: Omit<Operation, "id">): OperationId {
    const id = this.operations.length + 1;
    const isHeld = operation.ending === "ok" && operation.kind !== "get" && !operation.wroteNothing;
    // Acknowledged by the first homes, unless the test says otherwise.
    const holders =
      isHeld && operation.holders.length === 0 ? [1, 2, 3].slice(0, operation.homes) : operation.holders;
    this.operations.push({ ...operation, holders, id });
    return id;
  }
}

const base = {
  ...beginOperation(0, { ...wishAfterHealing(1, "k", 2, 1), isAfterHealing: false }, 0, []),
  code: "OK",
};
