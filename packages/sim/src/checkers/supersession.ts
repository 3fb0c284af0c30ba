/**
 * Which writes a version may rightly have replaced. A write is gone lawfully only if some version that is still
 * there had seen it, directly or through others that had.
 *
 * The rules, for writes X and Y to one key, none of which failed:
 * - An overwrite X (put or delete without a context) may have seen every Y that began before X ended: it replaces
 *   what its coordinator and the homes that acknowledge it hold, and that includes whatever runs beside it. An X
 *   whose end is unknown never ended.
 * - X with a context has seen exactly what its token covers: what the read returned (or the write whose receipt it
 *   is), and what those had seen by the time the token was made.
 * - Seeing is transitive, but nobody has seen what began after the token, or the read, was made.
 * - A tombstone may be of any delete of the key that did not fail, whatever its dot: tombstones look alike, and what
 *   looks alike is shown as one.
 *
 * This allows more than any correct run does (it knows intervals, not messages), and never less: what it calls
 * lost is lost.
 */
import { Frontier } from "./frontier.ts";
import { boundHolders, type History, type Operation, type OperationId } from "../workloads/history.ts";

export class Supersession {
  readonly #operations: readonly Operation[];
  readonly #writesOfKey = new Map<string, Operation[]>();

  constructor(history: History) {
    this.#operations = history.operations;
    for (const operation of history.operations) {
      const { kind, key, ending, isForeign } = operation;
      if (kind === "get" || ending === "failed" || isForeign) continue;
      const writes = this.#writesOfKey.get(key);
      if (writes === undefined) this.#writesOfKey.set(key, [operation]);
      else writes.push(operation);
    }
  }

  get keys(): readonly string[] {
    return [...this.#writesOfKey.keys()];
  }

  operation(id: OperationId): Operation | undefined {
    return this.#operations[id - 1];
  }

  /** The writes to a key that did not surely fail, in order of invocation. */
  writes(key: string): readonly Operation[] {
    return this.#writesOfKey.get(key) ?? [];
  }

  /** The writes that the versions returned by a read may come from. */
  seenBy(read: Operation): readonly Operation[] {
    const seen: Operation[] = [];
    for (const id of read.values) {
      const write = this.operation(id);
      if (write !== undefined) seen.push(write);
    }
    if (read.tombstones > 0) seen.push(...this.writes(read.key).filter(({ kind }) => kind === "delete"));
    return seen;
  }

  /** All writes that a read saw, or that `also` names, or that what these are may have replaced. */
  accountedFor(read: Operation, also: readonly Operation[] = []): ReadonlySet<OperationId> {
    /** For each write reached: until when it may have seen others, as far as this read can know. */
    const limits = new Map<OperationId, number>();
    const frontier = new Frontier();
    /** Everything that began before this has been reached with this limit, through an overwrite. */
    let sweptUs = -1;
    const reach = (write: Operation, limitUs: number): void => {
      if (write.invokedUs >= limitUs || write.ending === "failed") return;
      if ((limits.get(write.id) ?? -1) >= limitUs) return;
      limits.set(write.id, limitUs);
      frontier.push(write, limitUs);
    };
    for (const write of [...this.seenBy(read), ...also]) reach(write, read.endedUs);
    // The latest limit first, so that no write is looked at twice: what it leads to has no later limit than its own.
    for (let write = frontier.pop(); write !== undefined; write = frontier.pop()) {
      const limitUs = Math.min(limits.get(write.id) ?? 0, write.endedUs);
      if (write.contextOf === null) {
        if (limitUs <= sweptUs) continue;
        sweptUs = limitUs;
        for (const other of this.writes(write.key)) if (other !== write) reach(other, limitUs);
        continue;
      }
      const source = this.operation(write.contextOf);
      if (source === undefined) continue;
      const sourceLimitUs = Math.min(limitUs, source.endedUs);
      if (source.kind !== "get") reach(source, sourceLimitUs);
      else for (const other of this.seenBy(source)) reach(other, sourceLimitUs);
    }
    return new Set(limits.keys());
  }

  /**
   * Whether an acknowledged `write` surely saw `other`, so that `other` must not be visible beside or after it:
   * `other` had ended before `write` began, and either those that acknowledged the two have a home in common that
   * must have held `other` all the while, or the token says so.
   */
  surelyCovers(write: Operation, other: Operation, history: History): boolean {
    if (write.ending !== "ok" || other.ending !== "ok" || other === write || write.wroteNothing) return false;
    if (other.endedUs >= write.invokedUs) return false;
    if (write.contextOf === null) {
      // What is newer by clock than an overwrite that somebody has superseded meanwhile is not for it to remove.
      if (write.dot !== null && other.dot !== null && write.dot.clock < other.dot.clock) return false;
      const held = boundHolders(other, history, write.endedUs);
      // Decided by a majority, it has seen what every majority meets.
      if (write.isConditional) return held.length > history.n / 2;
      return held.some((holder) => write.holders.includes(holder));
    }
    const source = this.operation(write.contextOf);
    if (source === undefined) return false;
    if (source.kind !== "get") return source === other;
    return other.endedUs < source.invokedUs && source.values.includes(other.id);
  }
}
