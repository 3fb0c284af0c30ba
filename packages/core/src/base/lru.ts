/**
 * The order of last use, as a list through the items themselves: using one and finding the oldest take the same
 * few steps however many there are, and allocate nothing. An item is in one list at a time.
 */
export interface LruNode<T> {
  newer: T | null;
  older: T | null;
}

export class LruList<T extends LruNode<T>> {
  #newest: T | null = null;
  #oldest: T | null = null;

  /** The item that has not been touched for longest. */
  get oldest(): T | null {
    return this.#oldest;
  }

  /** Makes an item the newest; one that is not in the list joins it. */
  touch(item: T): void {
    const newest = this.#newest;
    if (newest === item) return;
    this.remove(item);
    item.older = newest;
    if (newest === null) this.#oldest = item;
    else newest.newer = item;
    this.#newest = item;
  }

  /** Does nothing to an item that is not in the list. */
  remove(item: T): void {
    const { newer, older } = item;
    if (newer !== null) newer.older = older;
    else if (this.#newest === item) this.#newest = older;
    if (older !== null) older.newer = newer;
    else if (this.#oldest === item) this.#oldest = newer;
    item.newer = null;
    item.older = null;
  }
}
