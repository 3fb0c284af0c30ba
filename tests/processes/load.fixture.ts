/**
 * Clients that write all the time, spread over all members, with everything they were told in ledgers. Writers take
 * turns over keys of their own; sets are shared by all.
 */
import type { Redis } from "ioredis";
import type { LocalCluster } from "./cluster.fixture.ts";
import { Ledger, SetLedger, valueOf, type Value } from "./ledger.fixture.ts";
import { pause, until } from "./patience.fixture.ts";
import { ask, bulkOf, versionsOf } from "./requests.fixture.ts";

export interface LoadSizes {
  readonly writers: number;
  readonly keysOfEach: number;
  readonly sets: number;
}

const CLIENTS_OF_EACH_MEMBER = 2;
/** One write in so many goes to a set. */
const SET_EVERY = 6;
const ELEMENTS_MAX = 400;
/** After an answer that says no: what is gone needs a moment to come back. */
const BREATH_MS = 20;

/** How often each size comes: most are small, and the last travels on the bulk link. */
const lengths = [...new Array<number>(18).fill(200), 4_000, 100_000];

export class Load {
  readonly ledger: Ledger;
  readonly sets: SetLedger;
  /** How many answers had each code. */
  readonly codes = new Map<string, number>();
  readonly #writers: Promise<void>[] = [];
  readonly #clients: readonly Redis[];
  readonly #sizes: LoadSizes;
  readonly #setSizes = new Map<string, number>();
  #running = false;
  #element = 0;
  #failure: Error | null = null;

  constructor(cluster: LocalCluster, sizes: LoadSizes) {
    this.#sizes = sizes;
    this.#clients = cluster.members.flatMap((member) =>
      Array.from({ length: CLIENTS_OF_EACH_MEMBER }, () => cluster.client(member)),
    );
    const { writers, keysOfEach } = sizes;
    this.ledger = new Ledger(
      Array.from({ length: writers * keysOfEach }, (_, index) =>
        keyOf(Math.floor(index / keysOfEach), index % keysOfEach),
      ),
    );
    this.sets = new SetLedger(Array.from({ length: sizes.sets }, (_, index) => `set-${index}`));
  }

  get acked(): number {
    return this.ledger.acked + this.sets.acked;
  }

  run(): void {
    this.#running = true;
    for (let writer = 0; writer < this.#sizes.writers; writer++) {
      this.#writers.push(
        this.#write(writer).catch((error: unknown) => {
          this.#failure ??= error instanceof Error ? error : new Error(String(error));
        }),
      );
    }
  }

  /** Resolves when so many more writes have been acknowledged. */
  async progresses(writes: number): Promise<void> {
    const wanted = this.acked + writes;
    await until(`${writes} more writes are acknowledged`, () => {
      if (this.#failure !== null) throw this.#failure;
      return this.acked >= wanted;
    });
  }

  /** Resolves when nothing is under way. */
  async rest(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#writers.splice(0));
    if (this.#failure !== null) throw this.#failure;
  }

  /** Reads every key at all of its homes, and as a plain read; what is wrong, as sentences. Only while resting. */
  async complaints(): Promise<string[]> {
    const keys = await Promise.all(this.ledger.keys.map((key) => this.#keyComplaint(key)));
    const sets = await Promise.all(
      this.sets.keys.map(async (key) => this.sets.complaint(key, elementsOf(await this.#readAll(key)))),
    );
    return [...keys, ...sets].filter((complaint) => complaint !== null);
  }

  summary(): string {
    const { ledger, sets } = this;
    const codes = [...this.codes].map(([code, count]) => `${code} ${count}`).join(", ");
    return (
      `${ledger.acked} acknowledged, ${ledger.unknown} unknown, ${ledger.refused} refused writes of ${ledger.keys.length} keys; ` +
      `${sets.acked} acknowledged, ${sets.unknown} unknown, ${sets.refused} refused additions to ${sets.keys.length} sets (${codes})`
    );
  }

  async #write(writer: number): Promise<void> {
    let turn = Math.floor(Math.random() * this.#sizes.keysOfEach);
    while (this.#running) {
      turn++;
      const key = keyOf(writer, turn % this.#sizes.keysOfEach);
      if (turn % SET_EVERY === 0) await this.#addElement();
      else if (this.ledger.rests(key)) await pause(1);
      else await this.#writeKey(key);
    }
  }

  async #writeKey(key: string): Promise<void> {
    const { ledger } = this;
    const number = ledger.begin(key);
    const value = Math.random() < 0.07 ? null : valueOf(key, number, pick(lengths));
    const { outcome, code } = await ask(pick(this.#clients), ...wordsFor(key, value));
    this.#count(code);
    if (outcome === "acked") ledger.onAcked(key, number, value);
    else if (outcome === "unknown") ledger.onUnknown(key, number, value);
    else ledger.onRefused();
    if (outcome !== "acked") await pause(BREATH_MS);
  }

  /** Reads a set, adds an element to the union of what it saw, and writes that with the read's context. */
  async #addElement(): Promise<void> {
    const key = pick(this.sets.keys);
    const size = this.#setSizes.get(key) ?? 0;
    if (size >= ELEMENTS_MAX) return pause(1);
    const client = pick(this.#clients);
    const read = await ask(client, "KV.GET", key);
    if (read.outcome !== "acked") return pause(BREATH_MS);
    const { values, context } = versionsOf(read.reply);
    const element = `e${++this.#element}`;
    const elements = [...elementsOf(values), element].join(" ");
    const { outcome, code } = await ask(client, "KV.PUT", key, elements, "CONTEXT", context);
    this.#count(code);
    if (outcome === "acked") this.sets.onAcked(key, element);
    else if (outcome === "unknown") this.sets.onUnknown(key, element);
    else this.sets.onRefused();
    if (outcome !== "refused") this.#setSizes.set(key, size + 1);
    if (outcome !== "acked") await pause(BREATH_MS);
  }

  #count(code: string): void {
    this.codes.set(code, (this.codes.get(code) ?? 0) + 1);
  }

  async #keyComplaint(key: string): Promise<string | null> {
    const plain = await this.#answered("GET", key);
    const complaint = this.ledger.complaint(key, await this.#readAll(key));
    if (complaint !== null) return complaint;
    return this.ledger.readComplaint(key, this.ledger.ackedNumber(key), bulkOf(plain));
  }

  async #readAll(key: string): Promise<readonly string[]> {
    return versionsOf(await this.#answered("KV.GET", key, "R", "all")).values;
  }

  /** The answer of whichever member has one; they all should have soon. */
  async #answered(...words: [string, ...string[]]): Promise<unknown> {
    let reply: unknown = null;
    let code = "";
    await until(`${words.join(" ")} is answered (last: ${code})`, async () => {
      const answer = await ask(pick(this.#clients), ...words);
      ({ reply, code } = answer);
      return answer.outcome === "acked";
    });
    return reply;
  }
}

function keyOf(writer: number, index: number): string {
  return `w${writer}-k${index}`;
}

/** Mostly SET; some ask for every home or only for the operating systems' word, which outlives any kill. */
function wordsFor(key: string, value: Value): [string, ...string[]] {
  if (value === null) return ["DEL", key];
  const draw = Math.random();
  if (draw < 0.1) return ["KV.PUT", key, value, "DURABILITY", "os"];
  if (draw < 0.15) return ["KV.PUT", key, value, "W", "all"];
  if (draw < 0.2) return ["SET", key, value, "EX", "100000"];
  return ["SET", key, value];
}

function elementsOf(values: readonly string[]): Set<string> {
  return new Set(values.flatMap((value) => value.split(" ")));
}

function pick<T>(list: readonly T[]): T {
  const item = list[Math.floor(Math.random() * list.length)];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}
