/**
 * A member is away for so long that there is no room for more hints, and then the disks of those who keep them are full.
 * What was acknowledged is there when it returns; what was refused was refused for certain.
 */
import type { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LocalCluster } from "./cluster.fixture.ts";
import { until } from "./patience.fixture.ts";
import { ask, field } from "./requests.fixture.ts";

const AWAY = 3;
const OTHERS = [1, 2, 4];
/** The smallest that a configuration takes, of each kind and for one member. */
const HINTS_MAX = 1000;
const WRITES = 6 * HINTS_MAX;
const AT_ONCE = 100;

let cluster: LocalCluster;
beforeAll(async () => {
  cluster = await LocalCluster.start(47_000, 4);
}, 120_000);
afterAll(() => cluster.dispose(), 120_000);

interface Kept {
  readonly target: number;
  readonly references: number;
  readonly copies: number;
  readonly refused: number;
}

async function keptAt(client: Redis): Promise<Kept> {
  const text = String(await client.call("KV.ADMIN", "STATUS"));
  const { upkeep } = JSON.parse(text) as { upkeep: { hints: readonly Kept[] } };
  const none = { target: AWAY, references: 0, copies: 0, refused: 0 };
  return upkeep.hints.find(({ target }) => target === AWAY) ?? none;
}

async function limit(member: number, limits: string): Promise<void> {
  await cluster.do("kill", member);
  cluster.configure(member, `limits: { ${limits} }`);
  await cluster.do("start", member);
}

/** Asks for all homes, so that a fallback is to take each write in place of the one that is away. Those acknowledged. */
async function writeAll(clients: readonly Redis[]): Promise<string[]> {
  const acknowledged: string[] = [];
  for (let from = 0; from < WRITES; from += AT_ONCE) {
    const keys = Array.from({ length: AT_ONCE }, (_, i) => `key-${from + i}`);
    await Promise.all(
      keys.map(async (key, i) => {
        const client = clients[i % clients.length];
        if (client === undefined) return;
        const { outcome, code } = await ask(client, "KV.PUT", key, "v", "W", "all", "FALLBACKS", "allow");
        if (outcome === "acked") acknowledged.push(key);
        // A member may be slow on a busy machine, and then its answer says so.
        else expect(["QUORUM", "OVERLOADED", "TIMEOUT", "UNKNOWN"]).toContain(code);
      }),
    );
  }
  return acknowledged;
}

test(
  "hints are bounded, an alarm says so, and a full disk keeps those that were acknowledged",
  { timeout: 300_000 },
  async () => {
    for (const member of OTHERS) await limit(member, `hintsMax: ${HINTS_MAX}`);
    await cluster.serves();
    const clients = OTHERS.map((member) => cluster.client(member));
    await until("clients are connected", () => clients.every(({ status }) => status === "ready"));

    await cluster.do("kill", AWAY);
    await cluster.serves(OTHERS);
    const acknowledged = await writeAll(clients);
    const before = await Promise.all(clients.map(keptAt));
    for (const { copies, references } of before) {
      // Writes that were under way when the last place was taken are kept.
      expect(copies).toBeLessThanOrEqual(HINTS_MAX + AT_ONCE);
      expect(references).toBeLessThanOrEqual(HINTS_MAX + AT_ONCE);
    }
    expect(Math.max(...before.map(({ copies }) => copies))).toBeGreaterThanOrEqual(HINTS_MAX);
    expect(Math.max(...before.map(({ refused }) => refused))).toBeGreaterThan(0);
    expect(acknowledged.length).toBeGreaterThan(HINTS_MAX);
    expect(acknowledged.length).toBeLessThan(WRITES);
    await until("somebody has said that there is no room", () =>
      OTHERS.some((member) => cluster.logOf(member, 1000).includes("hints-full")),
    );

    // With less than this free a member takes no new writes, so none of these has a disk that is not full.
    for (const member of OTHERS) await limit(member, `hintsMax: ${HINTS_MAX}, diskReserveBytes: ${2 ** 50}`);
    await cluster.serves(OTHERS);
    const [first] = clients;
    if (first === undefined) throw new Error("there is no client");
    await until("clients are connected again", () => clients.every(({ status }) => status === "ready"));
    expect(await ask(first, "KV.PUT", "late", "v", "W", "1")).toMatchObject({ code: "DISKFULL" });
    const copies = before.map((kept) => kept.copies);
    await until("hints are known again", async () => {
      const now = await Promise.all(clients.map(keptAt));
      return now.every((kept, i) => kept.copies === copies[i]);
    });

    await cluster.do("start", AWAY);
    await cluster.serves();
    await until("all hints are delivered", async () => {
      const now = await Promise.all(clients.map(keptAt));
      return now.every((kept) => kept.copies + kept.references === 0);
    });
    const returned = cluster.client(AWAY);
    await until("its client is connected", () => returned.status === "ready");
    for (const key of acknowledged) expect(field(await first.call("KV.EXPLAIN", key), "equal")).toBe(1);
    expect((await ask(returned, "KV.GET", "late")).code).toBe("OK");
  },
);
