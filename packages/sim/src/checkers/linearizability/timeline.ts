/**
 * The calls and returns of all operations whose end is known, in the order of time, as a doubly linked list from
 * which placed operations are lifted and into which they are put back (Wing & Gong 1993). What may come next are the
 * calls before the first return: everything later began only after an operation that is still to be placed had ended.
 * At one instant calls stand before returns: who meets for an instant is concurrent.
 */

/** No operation. */
export const NONE = -1;

export interface Span {
  readonly invokedUs: number;
  /** Finite. */
  readonly endedUs: number;
}

export class Timeline {
  /** Operation i has node 2i for its call and 2i + 1 for its return; the last node is the ring's own. */
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #ring: number;

  constructor(spans: readonly Span[]) {
    this.#ring = 2 * spans.length;
    this.#next = new Int32Array(this.#ring + 1);
    this.#previous = new Int32Array(this.#ring + 1);
    const events = spans.flatMap(({ invokedUs, endedUs }, i) => [
      { node: 2 * i, atUs: invokedUs, rank: 0 },
      { node: 2 * i + 1, atUs: endedUs, rank: 1 },
    ]);
    events.sort((a, b) => a.atUs - b.atUs || a.rank - b.rank || a.node - b.node);
    let last = this.#ring;
    for (const { node } of events) {
      this.#link(last, node);
      last = node;
    }
    this.#link(last, this.#ring);
  }

  /** The operation called first, or NONE if all are lifted. */
  firstCall(): number {
    return this.#callAt(this.#at(this.#next, this.#ring));
  }

  /** The next operation called, if that was before the first return; else NONE. */
  callAfter(operation: number): number {
    return this.#callAt(this.#at(this.#next, 2 * operation));
  }

  /** The operation that returned first, or NONE if all are lifted. */
  firstReturn(): number {
    let node = this.#at(this.#next, this.#ring);
    if (node === this.#ring) return NONE;
    while ((node & 1) === 0) node = this.#at(this.#next, node);
    return node >> 1;
  }

  lift(operation: number): void {
    this.#unlink(2 * operation);
    this.#unlink(2 * operation + 1);
  }

  /** Only ever the one that was lifted last of those that still are. */
  putBack(operation: number): void {
    this.#relink(2 * operation + 1);
    this.#relink(2 * operation);
  }

  #callAt(node: number): number {
    return node === this.#ring || (node & 1) === 1 ? NONE : node >> 1;
  }

  #at(links: Int32Array, node: number): number {
    return links[node] ?? this.#ring;
  }

  #link(from: number, to: number): void {
    this.#next[from] = to;
    this.#previous[to] = from;
  }

  #unlink(node: number): void {
    this.#link(this.#at(this.#previous, node), this.#at(this.#next, node));
  }

  #relink(node: number): void {
    this.#next[this.#at(this.#previous, node)] = node;
    this.#previous[this.#at(this.#next, node)] = node;
  }
}
