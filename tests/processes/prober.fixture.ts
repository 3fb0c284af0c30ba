/**
 * Fresh requests all the time through chosen members, one after the other on each, with the instant at which each
 * began, so that a test can say from when on all of them succeed.
 */
import type { Redis } from "ioredis";
import type { LocalCluster } from "./cluster.fixture.ts";
import { Ledger, valueOf } from "./ledger.fixture.ts";
import { pause, until } from "./patience.fixture.ts";
import { ask, bulkOf, field, type Outcome, versionsOf } from "./requests.fixture.ts";

export interface Probe {
  readonly through: number;
  readonly kind: "read" | "write";
  readonly key: string;
  /** The member that coordinates the key's writes while all is well. */
  readonly firstHome: number;
  readonly startMs: number;
  readonly tookMs: number;
  readonly outcome: Outcome;
  readonly code: string;
}

const KEYS = 90;
const VALUE_CHARS = 100;
const BREATH_MS = 5;

export class Prober {
  readonly ledger: Ledger;
  readonly probes: Probe[] = [];
  /** Reads that showed something older than what had been acknowledged before they began. */
  readonly stale: string[] = [];
  readonly #cluster: LocalCluster;
  readonly #firstHomes = new Map<string, number>();
  #running = false;
  #loops: Promise<void>[] = [];

  private constructor(cluster: LocalCluster) {
    this.#cluster = cluster;
    this.ledger = new Ledger(Array.from({ length: KEYS }, (_, index) => `probe-${index}`));
  }

  /** Writes every key once, and asks where it lives: each member is the first home of many. */
  static async make(cluster: LocalCluster): Promise<Prober> {
    const prober = new Prober(cluster);
    for (const member of cluster.members) await prober.#prepare(member);
    for (const member of cluster.members) {
      const own = [...prober.#firstHomes.values()].filter((home) => home === member).length;
      if (own < KEYS / 10)
        throw new Error(`member ${member} is the first home of only ${own} of ${KEYS} keys`);
    }
    return prober;
  }

  /** Begins one loop of writes and one of reads through each of these members. */
  async run(through: readonly number[]): Promise<void> {
    const clients = await Promise.all(
      through.map((member) => Promise.all([this.#client(member), this.#client(member)])),
    );
    this.#running = true;
    this.#loops = through.flatMap((member, index) => {
      const [writer, reader] = clients[index] ?? [];
      if (writer === undefined || reader === undefined) return [];
      const own = this.#keysOf(index, through.length);
      return [this.#write(writer, member, own), this.#read(reader, member)];
    });
  }

  async rest(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#loops.splice(0));
  }

  /** Until requests that began after `sinceMs` cover reads and writes of each first home's keys through each member. */
  async covers(through: readonly number[], sinceMs: number, firstHomes: readonly number[]): Promise<void> {
    const wanted = through.length * firstHomes.length * 2;
    await until(`${wanted} kinds of requests have begun and ended after the fault`, () => {
      const seen = this.probes
        .filter(({ startMs }) => startMs >= sinceMs)
        .map(({ through: member, kind, firstHome }) => `${member} ${kind} ${firstHome}`);
      return new Set(seen).size >= wanted;
    });
  }

  since(startMs: number): Probe[] {
    return this.probes.filter((probe) => probe.startMs >= startMs);
  }

  /** One read of every key through each member, at R = 2. */
  async readAll(through: readonly number[]): Promise<void> {
    const clients = await Promise.all(through.map((member) => this.#client(member)));
    for (const key of this.ledger.keys) {
      await Promise.all(clients.map((client, index) => this.#readOne(client, through[index] ?? 0, key)));
    }
  }

  /** What all homes together hold, against the ledger. */
  async complaints(): Promise<string[]> {
    const client = await this.#client(1);
    const complaints: string[] = [];
    for (const key of this.ledger.keys) {
      let values: readonly string[] = [];
      await until(`all homes of ${key} answer`, async () => {
        const { outcome, reply } = await ask(client, "KV.GET", key, "R", "all");
        if (outcome !== "acked") return false;
        values = versionsOf(reply).values;
        return true;
      });
      const complaint = this.ledger.complaint(key, values);
      if (complaint !== null) complaints.push(complaint);
    }
    return complaints;
  }

  async #prepare(member: number): Promise<void> {
    const client = await this.#client(member);
    const own = this.ledger.keys.filter((_, index) => index % this.#cluster.members.length === member - 1);
    for (const key of own) {
      await this.#writeOne(client, member, key);
      const { reply } = await ask(client, "KV.EXPLAIN", key);
      const homes = field(reply, "homes");
      this.#firstHomes.set(key, Array.isArray(homes) ? Number(homes[0]) : 0);
    }
  }

  /** A client that is connected. */
  async #client(member: number): Promise<Redis> {
    const client = this.#cluster.client(member);
    await until(`member ${member} answers`, async () => (await ask(client, "PING")).outcome === "acked");
    return client;
  }

  #keysOf(index: number, count: number): string[] {
    return this.ledger.keys.filter((_, at) => at % count === index);
  }

  async #write(client: Redis, member: number, keys: readonly string[]): Promise<void> {
    let turn = 0;
    while (this.#running) {
      const key = keys[turn++ % keys.length] ?? "";
      if (this.ledger.rests(key)) await pause(1);
      else await this.#writeOne(client, member, key);
    }
  }

  async #writeOne(client: Redis, member: number, key: string): Promise<void> {
    const { ledger } = this;
    const number = ledger.begin(key);
    const value = valueOf(key, number, VALUE_CHARS);
    const probe = await this.#probe(client, member, "write", key, ["SET", key, value]);
    if (probe.outcome === "acked") ledger.onAcked(key, number, value);
    else if (probe.outcome === "unknown") ledger.onUnknown(key, number, value);
    else ledger.onRefused();
  }

  async #read(client: Redis, member: number): Promise<void> {
    const { keys } = this.ledger;
    let turn = 0;
    while (this.#running) await this.#readOne(client, member, keys[turn++ % keys.length] ?? "");
  }

  async #readOne(client: Redis, member: number, key: string): Promise<void> {
    const since = this.ledger.ackedNumber(key);
    const probe = await this.#probe(client, member, "read", key, ["GET", key]);
    if (probe.outcome !== "acked") return;
    const complaint = this.ledger.readComplaint(key, since, bulkOf(probe.reply));
    if (complaint !== null) this.stale.push(`through member ${member}: ${complaint}`);
  }

  async #probe(
    client: Redis,
    through: number,
    kind: "read" | "write",
    key: string,
    words: [string, ...string[]],
  ): Promise<Probe & { readonly reply: unknown }> {
    const startMs = performance.now();
    const { outcome, code, reply } = await ask(client, ...words);
    const tookMs = performance.now() - startMs;
    const firstHome = this.#firstHomes.get(key) ?? 0;
    const probe = { through, kind, key, firstHome, startMs, tookMs, outcome, code };
    this.probes.push(probe);
    // Answers without a connection come at once, and would keep the event loop from everything else.
    if (outcome !== "acked") await pause(BREATH_MS);
    return { ...probe, reply };
  }
}
