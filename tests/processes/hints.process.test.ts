/**
 * A member is away while others write; then whoever kept something for it is killed; then it returns. Writes ask for all
 * homes, so a fallback takes each of them in place of the one that is away.
 */
import type { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LocalCluster } from "./cluster.fixture.ts";
import { pause, until } from "./patience.fixture.ts";
import { ask } from "./requests.fixture.ts";

const MEMBERS = 5;
const AWAY = 3;
const OTHERS = [1, 2, 4, 5];
const WRITES = 20_000;
const AT_ONCE = 100;
const VALUE = "v".repeat(256);
/** Of the keys so many are looked at, at all of their homes. */
const LOOKED_AT = 500;

let cluster: LocalCluster;
beforeAll(async () => {
  cluster = await LocalCluster.start(32_000, MEMBERS);
}, 120_000);
afterAll(() => cluster.dispose(), 120_000);

interface Kept {
  readonly target: number;
  readonly references: number;
  readonly copies: number;
  readonly delivered: number;
}

async function keptAt(client: Redis): Promise<readonly Kept[]> {
  const text = String(await client.call("KV.ADMIN", "STATUS"));
  const { upkeep } = JSON.parse(text) as { upkeep: { hints: readonly Kept[] } };
  return upkeep.hints.filter(({ target }) => target === AWAY);
}

function sum(kept: readonly Kept[], of: (kept: Kept) => number): number {
  return kept.reduce((total, each) => total + of(each), 0);
}

async function keptFor(clients: readonly Redis[]): Promise<readonly Kept[]> {
  return (await Promise.all(clients.map(keptAt))).flat();
}

async function write(client: Redis, from: number): Promise<void> {
  await client.call("KV.DEFAULTS", "W", "all", "FALLBACKS", "allow");
  for (let first = from; first < WRITES; first += OTHERS.length * AT_ONCE) {
    const last = Math.min(WRITES, first + AT_ONCE);
    await Promise.all(Array.from({ length: last - first }, (_, i) => writeOne(client, `key-${first + i}`)));
  }
}

/** Until it is acknowledged: on a busy machine members fall silent for a while. */
async function writeOne(client: Redis, key: string): Promise<void> {
  while ((await ask(client, "SET", key, VALUE)).outcome !== "acked") await pause(100);
}

test(
  "a member that was away for 20,000 writes has them soon after its return",
  { timeout: 300_000 },
  async () => {
    const clients = OTHERS.map((member) => cluster.client(member));
    await cluster.do("kill", AWAY);
    await cluster.serves(OTHERS);
    await Promise.all(clients.map((client, index) => write(client, index * AT_ONCE)));
    const before = await keptFor(clients);
    const copies = sum(before, (kept) => kept.copies);
    expect(copies).toBeGreaterThan(WRITES / 10);

    for (const holder of OTHERS) {
      await cluster.do("kill", holder);
      await cluster.do("start", holder);
      await cluster.serves(OTHERS);
    }
    await until("hints are known again", async () => {
      return sum(await keptFor(clients), (kept) => kept.copies) >= copies;
    });

    await cluster.do("start", AWAY);
    const beganMs = performance.now();
    await cluster.serves();
    await until("all hints are delivered", async () => {
      return sum(await keptFor(clients), (kept) => kept.copies + kept.references) === 0;
    });
    const tookMs = performance.now() - beganMs;
    expect(sum(await keptFor(clients), (kept) => kept.delivered)).toBeGreaterThanOrEqual(copies);
    console.log(`${copies} copies were delivered ${Math.round(tookMs)} ms after the start of their member`);

    const returned = cluster.client(AWAY);
    await until("its client is connected", () => returned.status === "ready");
    for (let i = 0; i < WRITES; i += WRITES / LOOKED_AT) {
      const reply = (await returned.call("KV.EXPLAIN", `key-${i}`)) as unknown[];
      expect(reply[reply.indexOf("equal") + 1]).toBe(1);
    }
  },
);
