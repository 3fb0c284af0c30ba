/** What the commands about copies say while a member misses writes, and after it has caught up. */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Connection } from "./connection.ts";
import { listOf, numberOf, objectOf } from "./json.ts";
import { freeBase, Workshop, type Running } from "./kvorum-process.fixture.ts";
import { textLike } from "./matching.fixture.ts";

const KEYS = 2_000;

const shop = new Workshop();
let dev: Running;
let base = 0;
beforeAll(async () => {
  base = await freeBase(29_000);
  dev = await shop.dev("--port-base", String(base), "--namespace", "carts:siblings");
});
afterAll(async () => {
  dev.child.kill("SIGINT");
  await dev.ended;
  try {
    await shop.expectNothingLeft();
  } finally {
    shop.dispose();
  }
});

/** Writes many keys at member 1. */
async function write(from: number, to: number): Promise<void> {
  const connection = await Connection.open(`127.0.0.1:${base + 1}`);
  try {
    const keys = Array.from({ length: to - from }, (_, i) => `key-${from + i}`);
    await Promise.all(keys.map((key) => connection.call(10_000, "SET", key, "v".repeat(100))));
  } finally {
    connection.close();
  }
}

const EQUAL = { compared: 2 * KEYS, different: 0, unreachable: 0, differences: [], unasked: [] };

test("copies of nothing are the same", async () => {
  const { code, out } = await shop.run("verify");
  expect([code, out]).toEqual([0, "0 keys of default, carts: all homes hold the same.\n"]);
});

describe("while a member is away", () => {
  test("verify names it and ends with 1", async () => {
    await write(0, KEYS);
    expect((await shop.run("dev", "kill", "3")).code).toBe(0);
    await write(KEYS, 2 * KEYS);
    const { code, out } = await shop.run("verify", "--json");
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      keys: 2 * KEYS,
      compared: 0,
      different: 0,
      unreachable: 1,
      unasked: [{ member: 3, name: "member-3", code: "QUORUM" }],
    });
    const told = await shop.run("verify", "--namespace", "default");
    expect(told).toMatchObject({
      code: 1,
      out: `${2 * KEYS} keys of default: 0 compared at all homes, 0 differ.\nmember-3 could not be asked about all: QUORUM; see: kvorum status\n`,
    });
  });

  test("hints say what is kept for it", async () => {
    const { code, out } = await shop.run("hints");
    expect(code).toBe(1);
    expect(out).toMatch(/^member +for +references +copies +bytes +oldest +delivered +no room +last\n/);
    expect(out).toMatch(/\nmember-1 +member-3 +[1-9]\d* +0 +[\d.]+ K?i?B +\d+s +0 +0/);
    expect(out).toMatch(/\nmember-3 +no answer\n$/);
    const { members } = (await shop.json("hints")) as { members: { hints?: { references: number }[] }[] };
    const references = members.flatMap(({ hints = [] }) => hints.map((row) => row.references));
    expect(references.reduce((sum, each) => sum + each, 0)).toBeGreaterThanOrEqual(KEYS);
  });

  test("exchanges and partitions say what the others know, and end with 1", async () => {
    const exchanges = await shop.run("exchanges");
    expect(exchanges).toMatchObject({ code: 1, out: textLike(/member-3 +no answer\n$/) });
    const partitions = await shop.run("partitions");
    expect(partitions).toMatchObject({ code: 1, out: textLike(/\nmember-3: no answer\n$/) });
  });
});

describe("after its return", () => {
  test("verify finds what it has missed, until it has caught up", async () => {
    expect((await shop.run("dev", "start", "3")).code).toBe(0);
    await vi.waitFor(async () => expect((await shop.run("verify")).code).toBe(0), {
      timeout: 60_000,
      interval: 500,
    });
    expect(await shop.json("verify")).toEqual({ keys: 2 * KEYS, ...EQUAL });
    expect((await shop.run("verify")).out).toBe(
      `${2 * KEYS} keys of default, carts: all homes hold the same.\n`,
    );
  }, 90_000);

  test("hints are watched until nothing is kept", async () => {
    const { code, out } = await shop.run("hints", "--watch");
    expect(code).toBe(0);
    expect(out).toMatch(/\nmember-1 +member-3 +0 +0 +0 B +[1-9]\d* +0 +OK\n/);
  }, 90_000);

  test("exchanges tell that all is proven", async () => {
    await vi.waitFor(
      async () => {
        const rows = rowsOf(await shop.json("exchanges"));
        expect(rows).toHaveLength(6);
        expect(rows.map(({ partitions, proven }) => [partitions, proven])).toEqual(
          rows.map(() => [256, 256]),
        );
      },
      { timeout: 60_000, interval: 500 },
    );
    const { code, out } = await shop.run("exchanges");
    expect(code).toBe(0);
    expect(out).toMatch(
      /^member +peer +shared +proven +oldest proof +exchanges +differed +mended +bytes +last\n/,
    );
    expect(out).toMatch(/\nmember-1 +member-2 +256 +256 +\d+s +\d+ +\d+ +\d+ .* [A-Z]+\n/);
  }, 90_000);

  test("partitions tell the same of all homes", async () => {
    const seen = listOf(
      objectOf(await shop.json("partitions"), "it")["partitions"],
      "partitions",
      (item, what) => {
        const { copies } = objectOf(item, what);
        return listOf(copies, what, (copy, which) => numberOf(objectOf(copy, which)["keys"], which));
      },
    );
    expect(seen).toHaveLength(256);
    for (const keys of seen) expect(keys).toEqual([keys[0], keys[0], keys[0]]);
    expect(seen.reduce((sum, [keys = 0]) => sum + keys, 0)).toBe(2 * KEYS);
    const { code, out } = await shop.run("partitions");
    expect(code).toBe(0);
    expect(out).toMatch(
      /\n +0 +[123] [123] [123] +\d+ +[\d.]+ K?i?B +64 of 64 +1-2 \d+s, 1-3 \d+s, 2-3 \d+s\n/,
    );
  });

  test("verify of a namespace that is not there names those that are", async () => {
    expect(await shop.run("verify", "--namespace", "cart")).toMatchObject({
      code: 4,
      err: "kvorum: ERR no namespace 'cart'; this cluster has default, carts\n",
    });
  });
});

function rowsOf(value: unknown): { partitions: number; proven: number }[] {
  return listOf(objectOf(value, "it")["members"], "members", (item, what) =>
    listOf(objectOf(item, what)["exchanges"], what, (row, which) => {
      const { partitions, proven } = objectOf(row, which);
      return {
        partitions: numberOf(partitions, which),
        proven: numberOf(proven, which),
      };
    }),
  ).flat();
}
