/**
 * An oracle of explicit causal histories, for keys that are only ever put with a token: there it is known exactly what
 * each write had seen, as a set of writes. So the visibility law can be checked in both directions:
 *
 * - a read that must meet an acknowledged write returns it, or a write that had seen it;
 * - it returns nothing that such a write had seen;
 * - of two writes that it returns neither has seen the other (no more siblings than there was concurrency);
 * - a write that is to change only what was read is refused where its coordinator holds something else, and not where
 *   there is nothing else.
 *
 * The histories are those of Schwarz and Mattern, "Detecting Causal Relationships in Distributed Computations", 1994:
 * what clocks and contexts encode, written out.
 */
import type { History, Operation, OperationId, Violation } from "../workloads/history.ts";
import { boundHolders, describe } from "../workloads/history.ts";
import { Meetings } from "./meetings.ts";

export function checkCausalHistories(
  history: History,
  isBranch: (key: string) => boolean,
  meetings = new Meetings(history),
): Violation[] {
  const byKey = new Map<string, Operation[]>();
  for (const operation of history.operations) {
    const isRefused = operation.ending === "failed" && operation.code !== "CONFLICT";
    if (!isBranch(operation.key) || isRefused) continue;
    const operations = byKey.get(operation.key);
    if (operations === undefined) byKey.set(operation.key, [operation]);
    else operations.push(operation);
  }
  return [...byKey.values()].flatMap((operations) => new Branch(history, meetings, operations).violations());
}

/** A set of the writes of one key, by their place. */
class Past {
  readonly #words: Uint32Array;

  constructor(size: number) {
    this.#words = new Uint32Array((size + 31) >> 5);
  }

  add(place: number): void {
    this.#words[place >> 5] = (this.#words[place >> 5] ?? 0) | (1 << (place & 31));
  }

  has(place: number): boolean {
    return ((this.#words[place >> 5] ?? 0) & (1 << (place & 31))) !== 0;
  }

  addAll(other: Past): void {
    for (let i = 0; i < this.#words.length; i++)
      this.#words[i] = (this.#words[i] ?? 0) | (other.#words[i] ?? 0);
  }
}

class Branch {
  readonly #history: History;
  readonly #meetings: Meetings;
  readonly #reads: readonly Operation[];
  readonly #writes: readonly Operation[];
  readonly #refused: readonly Operation[];
  readonly #places = new Map<OperationId, number>();
  /** What each write had seen, itself included, by place. */
  readonly #pasts: Past[] = [];

  /** In order of invocation, so that whatever a write had seen comes before it. */
  constructor(history: History, meetings: Meetings, operations: readonly Operation[]) {
    this.#history = history;
    this.#meetings = meetings;
    this.#reads = operations.filter(({ kind, ending }) => kind === "get" && ending === "ok");
    this.#writes = operations.filter(({ kind, ending }) => kind !== "get" && ending !== "failed");
    this.#refused = operations.filter(({ ending }) => ending === "failed");
    this.#writes.forEach(({ id }, place) => this.#places.set(id, place));
    this.#writes.forEach((write, place) => {
      const past = this.#seenBy(history.operations[(write.contextOf ?? 0) - 1]);
      past.add(place);
      this.#pasts.push(past);
    });
  }

  violations(): Violation[] {
    return [
      ...this.#reads.flatMap((read) => [...this.#siblings(read), ...this.#acknowledged(read)]),
      ...this.#writes.flatMap((write) => this.#touched(write)),
      ...this.#refused.flatMap((write) => this.#conflicting(write)),
    ];
  }

  /** What its coordinator had acknowledged before, and its author had not seen. */
  #touched(touch: Operation): Violation[] {
    const coordinator = touch.dot?.member ?? 0;
    if (!touch.onlyIfSeen || touch.ending !== "ok" || coordinator === 0) return [];
    const past = this.#pasts[this.#places.get(touch.id) ?? -1];
    const unseen = this.#writes.find((write, place) => {
      if (write.ending !== "ok" || write.endedUs > touch.invokedUs || past?.has(place) === true) return false;
      return boundHolders(write, this.#history, touch.endedUs).includes(coordinator);
    });
    const what = "a write that is to change only what was read was acknowledged beside something else";
    return unseen === undefined ? [] : [this.#violation(what, unseen.id, unseen.id, touch)];
  }

  #conflicting(refused: Operation): Violation[] {
    const past = this.#seenBy(this.#history.operations[(refused.contextOf ?? 0) - 1]);
    const isUnseen = (write: Operation, place: number): boolean =>
      write.invokedUs < refused.endedUs && !past.has(place);
    if (this.#writes.some(isUnseen)) return [];
    const what =
      "a write was refused because of something that its author had not seen, and there is nothing";
    return [this.#violation(what, refused.id, refused.id, refused)];
  }

  /** All that the holder of a token had seen: of a read what it returned, of a write what it wrote with, and itself. */
  #seenBy(source: Operation | undefined): Past {
    const past = new Past(this.#writes.length);
    if (source === undefined) return past;
    for (const id of source.kind === "get" ? source.values : [source.id]) {
      const seen = this.#pasts[this.#places.get(id) ?? -1];
      if (seen !== undefined) past.addAll(seen);
    }
    return past;
  }

  #siblings(read: Operation): Violation[] {
    const found: Violation[] = [];
    for (const newer of read.values) {
      const past = this.#pasts[this.#places.get(newer) ?? -1];
      for (const older of read.values) {
        const place = this.#places.get(older);
        if (older === newer || place === undefined || past === undefined || !past.has(place)) continue;
        found.push(
          this.#violation("a read returned a write beside one that had seen it", older, newer, read),
        );
      }
    }
    return found;
  }

  #acknowledged(read: Operation): Violation[] {
    const found: Violation[] = [];
    const covered = this.#seenBy(read);
    for (const write of this.#meetings.of(read)) {
      const place = this.#places.get(write.id) ?? -1;
      if (!covered.has(place)) {
        const what = "a read returned neither a write that it must meet nor one that had seen it";
        found.push(this.#violation(what, write.id, write.id, read));
      }
      for (const id of read.values) {
        const old = this.#places.get(id);
        if (id === write.id || old === undefined || this.#pasts[place]?.has(old) !== true) continue;
        found.push(
          this.#violation("a read returned what a write that it must meet had seen", id, write.id, read),
        );
      }
    }
    return found;
  }

  #violation(what: string, older: OperationId, newer: OperationId, read: Operation): Violation {
    const ids = [...new Set([older, newer, read.id])];
    const lines = ids.map((id) => this.#history.operations[id - 1]).filter((one) => one !== undefined);
    return {
      checker: "visibility",
      key: read.key,
      text: [what, ...lines.map(describe)].join("\n  "),
      operations: ids,
    };
  }
}
