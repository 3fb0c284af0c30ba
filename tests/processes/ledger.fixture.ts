/**
 * What clients were told, kept outside the system. Each key has one writer at a time, so its writes have an order;
 * a value names its key and its place in that order, and the ledger remembers of each write whether it was
 * acknowledged, refused, or left unknown.
 *
 * A write whose outcome is unknown may still be on its way, and take effect after a later one. So its key rests
 * until every deadline has passed; from then on a later write must win over it.
 */

/** `null`: the key is removed. */
export type Value = string | null;

/** The longest that a request lives in the system (its timeout), and some for clocks and slow machines. */
const REST_MS = 6_000;

interface Entry {
  lastNumber: number;
  ackedNumber: number;
  acked: Value;
  /** By number. */
  readonly unknown: Map<number, Value>;
  restsUntilMs: number;
}

export class Ledger {
  readonly #entries = new Map<string, Entry>();
  acked = 0;
  unknown = 0;
  refused = 0;

  constructor(keys: readonly string[]) {
    for (const key of keys) {
      const entry = { lastNumber: 0, ackedNumber: 0, acked: null, unknown: new Map(), restsUntilMs: 0 };
      this.#entries.set(key, entry);
    }
  }

  get keys(): string[] {
    return [...this.#entries.keys()];
  }

  rests(key: string): boolean {
    return performance.now() < this.#entry(key).restsUntilMs;
  }

  /** The number of the next write of the key. */
  begin(key: string): number {
    return ++this.#entry(key).lastNumber;
  }

  /** The number of the last acknowledged write: a read that begins now must not show an older one. */
  ackedNumber(key: string): number {
    return this.#entry(key).ackedNumber;
  }

  onAcked(key: string, number: number, value: Value): void {
    const entry = this.#entry(key);
    entry.ackedNumber = number;
    entry.acked = value;
    this.acked++;
  }

  onUnknown(key: string, number: number, value: Value): void {
    const entry = this.#entry(key);
    entry.unknown.set(number, value);
    entry.restsUntilMs = performance.now() + REST_MS;
    this.unknown++;
  }

  /** Nothing was written, so the value must never be seen: whatever is neither acknowledged nor unknown is wrong. */
  onRefused(): void {
    this.refused++;
  }

  /** What is wrong with the live versions that all homes together hold; null when nothing is. */
  complaint(key: string, found: readonly string[]): string | null {
    const { acked, unknown, ackedNumber } = this.#entry(key);
    const values = new Set(unknown.values());
    const stranger = found.find((value) => value !== acked && !values.has(value));
    if (stranger !== undefined) return this.#says(key, found, `holds ${shown(stranger)}, which`);
    if (acked === null || found.includes(acked)) return null;
    for (const [number, value] of unknown) {
      if (number > ackedNumber && (value === null || found.includes(value))) return null;
    }
    return this.#says(key, found, "has LOST what");
  }

  /** What is wrong with a read that began when `since` was the last acknowledged write; null when nothing is. */
  readComplaint(key: string, since: number, found: Value): string | null {
    const { lastNumber } = this.#entry(key);
    if (found === null) {
      const removed = this.#wasNothing(key, since);
      return removed ? null : this.#says(key, [], `was absent after write ${since} and`);
    }
    const number = numberOf(key, found);
    if (number >= since && number <= lastNumber) return null;
    // A removal knows nothing of what was still unknown and in nobody's reach when it was made.
    if (this.#entry(key).unknown.has(number) && this.#wasNothing(key, since)) return null;
    return this.#says(key, [found], `was read as write ${number} after write ${since} and`);
  }

  #wasNothing(key: string, since: number): boolean {
    const { acked, ackedNumber, unknown } = this.#entry(key);
    if (since === 0 || (acked === null && ackedNumber >= since)) return true;
    return [...unknown].some(([number, value]) => number > since && value === null);
  }

  #says(key: string, found: readonly string[], what: string): string {
    const { acked, ackedNumber, unknown } = this.#entry(key);
    const open = [...unknown].map(([number, value]) => `${number}: ${shown(value)}`).join(", ");
    return `${key} ${what} was acknowledged as ${ackedNumber}: ${shown(acked)}; unknown {${open}}; found [${found.map(shown).join(", ")}]`;
  }

  #entry(key: string): Entry {
    const entry = this.#entries.get(key);
    if (entry === undefined) throw new Error(`${key} is not in the ledger`);
    return entry;
  }
}

/** A value that no other write has: of so many characters, every one of which follows from its head. */
export function valueOf(key: string, number: number, length: number): string {
  const head = `${key}#${number}#${length}|`;
  return head.padEnd(length, String.fromCharCode(97 + (number % 26)));
}

/** The place of a value in its key's order; throws when a single character of it is wrong. */
export function numberOf(key: string, value: string): number {
  const [, name, number, length] = /^([^#]*)#(\d+)#(\d+)\|/.exec(value) ?? [];
  const whole = name === key && value === valueOf(key, Number(number), Number(length));
  if (!whole) throw new Error(`${key} holds what nobody wrote: ${shown(value)}`);
  return Number(number);
}

function shown(value: Value): string {
  if (value === null) return "nothing";
  return value.length > 40 ? `${value.slice(0, 30)}… (${value.length})` : value;
}

/** The same for keys that are sets of elements, read, added to and written back by many at once. */
export class SetLedger {
  readonly #sets = new Map<string, { acked: Set<string>; unknown: Set<string> }>();
  acked = 0;
  unknown = 0;
  refused = 0;

  constructor(keys: readonly string[]) {
    for (const key of keys) this.#sets.set(key, { acked: new Set(), unknown: new Set() });
  }

  get keys(): string[] {
    return [...this.#sets.keys()];
  }

  onAcked(key: string, element: string): void {
    this.#sets.get(key)?.acked.add(element);
    this.acked++;
  }

  onUnknown(key: string, element: string): void {
    this.#sets.get(key)?.unknown.add(element);
    this.unknown++;
  }

  onRefused(): void {
    this.refused++;
  }

  complaint(key: string, found: ReadonlySet<string>): string | null {
    const { acked = new Set<string>(), unknown = new Set<string>() } = this.#sets.get(key) ?? {};
    const lost = [...acked].filter((element) => !found.has(element));
    if (lost.length > 0) return `${key} has LOST ${lost.join(" ")} of ${acked.size} acknowledged elements`;
    const strangers = [...found].filter((element) => !acked.has(element) && !unknown.has(element));
    if (strangers.length > 0) return `${key} holds ${strangers.join(" ")}, which were refused`;
    return null;
  }
}
