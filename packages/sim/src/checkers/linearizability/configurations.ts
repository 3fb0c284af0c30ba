/**
 * The configurations that a search has been in (Lowe 2017): which operations were placed, and the state they led to.
 * What comes after depends on nothing else, so no configuration is worth a second visit.
 *
 * Nor is one worth a first visit that another covers: same state, same operations of known end, and only some of its
 * operations of unknown end. Those may come at any later time or never, so whoever has more of them left can do
 * all that the other can. Without this a dozen of them cost a factor of 2^12.
 *
 * Hashes find candidates; every word is compared. All is held in one growing array, for there may be millions.
 */
const EMPTY = -1;
const CAPACITY_FIRST = 8;

/** Words before the bits of a configuration: its hash, its state, and the next with the same state and known part. */
const HASH = 0;
const STATE = 1;
const NEXT = 2;
const BITS = 3;

export class Configurations {
  readonly #knownWords: number;
  readonly #stride: number;
  #words: Int32Array;
  /** Where in `#words` the first configuration with its known part and state begins. */
  #table: Int32Array;
  #groups = 0;
  #size = 0;

  /** How many words of a configuration's bits are operations of known end, and how many of unknown end. */
  constructor(knownWords: number, unknownWords: number) {
    this.#knownWords = knownWords;
    this.#stride = BITS + knownWords + unknownWords;
    this.#words = new Int32Array(CAPACITY_FIRST * this.#stride);
    this.#table = new Int32Array(2 * CAPACITY_FIRST).fill(EMPTY);
  }

  /** False if it was there, or one that covers it. */
  add(bits: Int32Array, state: number): boolean {
    const hash = this.#hash(bits, state);
    let slot = this.#slotOf(hash);
    for (let first = this.#table[slot] ?? EMPTY; first !== EMPTY; first = this.#table[slot] ?? EMPTY) {
      if (this.#isGroup(first, hash, bits, state)) {
        if (this.#isCovered(first, bits)) return false;
        const at = this.#append(hash, bits, state, this.#word(first + NEXT));
        this.#words[first + NEXT] = at;
        return true;
      }
      slot = (slot + 1) & (this.#table.length - 1);
    }
    this.#table[slot] = this.#append(hash, bits, state, EMPTY);
    this.#groups++;
    if (2 * this.#groups > this.#table.length) this.#widen();
    return true;
  }

  #isGroup(at: number, hash: number, bits: Int32Array, state: number): boolean {
    if (this.#word(at + HASH) !== hash || this.#word(at + STATE) !== state) return false;
    for (let i = 0; i < this.#knownWords; i++) if (this.#word(at + BITS + i) !== bits[i]) return false;
    return true;
  }

  /** Whether one of the group has placed nothing of unknown end that these bits have not. */
  #isCovered(first: number, bits: Int32Array): boolean {
    for (let at = first; at !== EMPTY; at = this.#word(at + NEXT)) {
      let extra = 0;
      for (let i = this.#knownWords; i < bits.length; i++)
        extra |= this.#word(at + BITS + i) & ~(bits[i] ?? 0);
      if (extra === 0) return true;
    }
    return false;
  }

  #append(hash: number, bits: Int32Array, state: number, next: number): number {
    const at = this.#size * this.#stride;
    if (at + this.#stride > this.#words.length) {
      const wider = new Int32Array(2 * this.#words.length);
      wider.set(this.#words);
      this.#words = wider;
    }
    this.#words[at + HASH] = hash;
    this.#words[at + STATE] = state;
    this.#words[at + NEXT] = next;
    this.#words.set(bits, at + BITS);
    this.#size++;
    return at;
  }

  #widen(): void {
    const old = this.#table;
    this.#table = new Int32Array(2 * old.length).fill(EMPTY);
    for (const first of old) {
      if (first === EMPTY) continue;
      let slot = this.#slotOf(this.#word(first + HASH));
      while (this.#table[slot] !== EMPTY) slot = (slot + 1) & (this.#table.length - 1);
      this.#table[slot] = first;
    }
  }

  #word(at: number): number {
    return this.#words[at] ?? EMPTY;
  }

  #slotOf(hash: number): number {
    return hash & (this.#table.length - 1);
  }

  /** Of the state and the known part. */
  #hash(bits: Int32Array, state: number): number {
    let hash = Math.imul(state + 1, 0x9e3779b1);
    for (let i = 0; i < this.#knownWords; i++) {
      hash = Math.imul(hash ^ (bits[i] ?? 0), 0x85ebca6b);
      hash ^= hash >>> 15;
    }
    hash = Math.imul(hash, 0xc2b2ae35);
    return hash ^ (hash >>> 16);
  }
}
