/** What `kvorum get`, `put`, `status` and the others print and how they end, against a cluster that runs. */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { objectOf } from "./json.ts";
import { freeBase, Workshop, type Running } from "./kvorum-process.fixture.ts";
import { some, textLike } from "./matching.fixture.ts";

const shop = new Workshop();
let dev: Running;
let base = 0;
beforeAll(async () => {
  base = await freeBase(27_000);
  dev = await shop.dev(
    "--port-base",
    String(base),
    "--namespace",
    "carts:siblings",
    "--namespace",
    "logins:lww",
  );
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

const field = (value: unknown, name: string): unknown => objectOf(value, "it")[name];

describe("values", () => {
  test("are put, read and deleted", async () => {
    const put = await shop.run("put", "fruit", "apple");
    expect(put.code).toBe(0);
    expect(put.out).toMatch(/^fruit is stored\n {2}homes +[23] \(members /);
    expect(put.out).toMatch(/\n {2}context +\S+\n$/);
    expect(await shop.run("get", "fruit")).toEqual({ code: 0, out: "apple\n", err: "" });
    expect(await shop.run("delete", "fruit")).toMatchObject({
      code: 0,
      out: textLike(/^fruit is deleted\n/),
    });
    expect(await shop.run("get", "fruit")).toEqual({ code: 1, out: "", err: "fruit is absent\n" });
    expect((await shop.run("delete", "never")).code).toBe(1);
  });

  test("that are overwritten unread are listed", async () => {
    const read = await shop.json("get", "basket");
    const context = String(field(read, "context"));
    for (const value of ["pear", "plum"]) await shop.run("put", "basket", value, "--context", context);
    expect(await shop.run("conflicts", "basket")).toEqual({
      code: 0,
      out: "no conflicts are noted\n",
      err: "",
    });
    expect((await shop.run("put", "basket", "both", "--w", "all")).code).toBe(0);
    const { out } = await shop.run("conflicts");
    expect(out).toMatch(/ default +basket +overwritten +plum /);
    expect(out).toMatch(/ default +basket +overwritten +pear /);
    expect(await shop.json("conflicts", "basket", "--count", "1")).toMatchObject({
      conflicts: [{ key: "basket", kind: "overwritten", version: "value", value: textLike(/^(pear|plum)$/) }],
      unasked: [],
      cursor: textLike(/^\d+\.\d\.\d+$/),
    });
  });

  test("in JSON, with receipts, bytes that are no text, and how long they live", async () => {
    const put = await shop.json(
      "put",
      "json",
      "värde",
      "--w",
      "all",
      "--durability",
      "os",
      "--ttl-ms",
      "3600000",
    );
    expect(field(put, "receipt")).toMatchObject({
      w: 3,
      homes: some(Array),
      zones: some(Array),
      epoch: 1,
    });
    const got = await shop.json("get", "json", "--r", "all");
    expect(got).toMatchObject({
      key: "json",
      found: true,
      versions: [{ value: "värde", dot: textLike(/^\d+\.\d+\.\d+$/), expiryMs: some(Number) }],
      tombstones: 0,
      receipt: { r: 3, epoch: 1 },
    });
    expect(await shop.json("get", "nothing")).toMatchObject({ found: false, versions: [] });
    expect(await shop.json("delete", "json")).toMatchObject({
      existed: true,
      receipt: { fsynced: some(Number) },
    });
  });

  test("that conflict are shown side by side, and resolved with their context", async () => {
    const context = String(field(await shop.json("get", "cart"), "context"));
    expect((await shop.run("put", "cart", "apples", "--context", context)).code).toBe(0);
    expect((await shop.run("put", "cart", "pears\u001b[2J", "--context", context)).code).toBe(0);
    const both = await shop.run("get", "cart");
    expect(both.code).toBe(0);
    expect(both.out).toContain("cart has 2 concurrent values, newest first");
    // What somebody stored must not run on somebody else's terminal.
    expect(both.out).toContain("pears\\u001b[2J");
    const token = /--context (\S+)/.exec(both.out)?.[1] ?? "";
    expect((await shop.run("put", "cart", "both", "--context", token)).code).toBe(0);
    expect((await shop.run("get", "cart")).out).toBe("both\n");
    const other = await shop.run("put", "basket", "both", "--context", token);
    expect(other).toMatchObject({ code: 4, err: textLike(/^kvorum: BADCONTEXT: /) });
  });

  test("at the limits end with 4 and name the limit", async () => {
    const key = await shop.run("put", "k".repeat(4097), "v");
    expect(key).toMatchObject({
      code: 4,
      err: textLike(/TOOLARGE: key is 4097 bytes, the limit is 4096/),
    });
    expect((await shop.run("put", "k".repeat(4096), "v")).code).toBe(0);
    const homes = await shop.run("get", "fruit", "--r", "8");
    expect(homes).toMatchObject({
      code: 4,
      err: textLike("R must be one, quorum, all or a number from 1 to 7"),
    });
  });
});

describe("another namespace", () => {
  const carts = ["--namespace", "carts"];

  test("has keys of its own", async () => {
    expect((await shop.run("put", "pet", "cat")).code).toBe(0);
    expect((await shop.run("put", "pet", "dog", "--w", "all", ...carts)).code).toBe(0);
    expect(await shop.run("get", "pet", ...carts)).toEqual({ code: 0, out: "dog\n", err: "" });
    expect((await shop.run("get", "pet")).out).toBe("cat\n");
    const explained = await shop.run("explain", "pet", ...carts);
    expect(explained.out.match(/ OK +\d+\.\d+\.\d+ +value +never\n/g)).toHaveLength(3);
    expect((await shop.run("delete", "pet", ...carts)).code).toBe(0);
    expect((await shop.run("get", "pet", ...carts)).code).toBe(1);
    expect((await shop.run("get", "pet")).out).toBe("cat\n");
  });

  test("has conflicts of its own", async () => {
    const logins = ["--namespace", "logins"];
    const context = String(field(await shop.json("get", "anna", ...logins), "context"));
    for (const value of ["monday", "tuesday"])
      await shop.run("put", "anna", value, "--context", context, "--w", "all", ...logins);
    const { out } = await shop.run("conflicts", "anna", ...logins);
    expect(out).toMatch(/ logins +anna +concurrent +monday /);
    expect((await shop.run("conflicts", "anna")).out).toBe("no conflicts are noted\n");
    expect((await shop.run("conflicts", ...logins)).out).toMatch(/ logins +anna +concurrent +monday /);
    expect((await shop.run("conflicts", ...carts)).out).not.toContain("anna");
  });

  test.each([
    [["get", "pet"]],
    [["put", "pet", "cat"]],
    [["delete", "pet"]],
    [["explain", "pet"]],
    [["conflicts"]],
  ])("that is not there: %j names those that are", async (words) => {
    expect(await shop.run(...words, "--namespace", "cart")).toEqual({
      code: 4,
      out: "",
      err: "kvorum: ERR no namespace 'cart'; this cluster has default, carts, logins\n",
    });
  });
});

describe("the cluster", () => {
  test("has a status, and who serves and agrees ends with 0", async () => {
    const status = await shop.run("status");
    expect(status.code).toBe(0);
    for (const name of ["member-1", "member-2", "member-3"]) {
      // Who is well is not in the way of who is not.
      expect(status.out).not.toContain("wrong");
      expect(status.out).toMatch(new RegExp(`${name} +127\\.0\\.0\\.1:\\d+ +serving +2 up `));
    }
    expect(await shop.json("status")).toMatchObject({
      healthy: true,
      wrong: [],
      members: [
        {
          name: "member-1",
          answered: true,
          status: {
            state: "serving",
            epoch: 1,
            process: { pid: some(Number) },
            clients: { connections: some(Number) },
          },
        },
        {},
        {},
      ],
    });
  });

  test("has a background budget that can be set while it runs", async () => {
    const before = await shop.run("budget");
    expect(before.out).toMatch(/^member +operations\/s +at most /);
    expect(before.out).toMatch(/\nmember-3 +[0-9]+ +10000 /);
    const set = await shop.json("budget", "--rate", "500", "--bytes", "1000000");
    expect(set).toMatchObject(
      [1, 2, 3].map(() => ({ budget: { operationsRateMax: 500, bytesRateMax: 1_000_000 } })),
    );
    const one = await shop.json("budget", "--rate", "700", "--server", `127.0.0.1:${base + 2}`);
    expect(one).toMatchObject([
      { name: "member-2", budget: { operationsRateMax: 700, bytesRateMax: 1_000_000 } },
    ]);
    expect((await shop.run("budget", "--rate", "0")).code).toBe(2);
  });

  test("has members, namespaces and a ring", async () => {
    const members = await shop.run("members");
    expect(members.out).toMatch(
      / 2 {2}member-2 {2}host-2 {2}zone-2 {2}region-1 +100 {2}127\.0\.0\.1:\d+2 {2}127\.0\.0\.1:\d+2 {2}127\.0\.0\.1:\d+2 {2}yes\n/,
    );
    expect(await shop.json("members")).toHaveLength(3);
    const namespaces = await shop.run("namespace", "list");
    expect(namespaces.out).toMatch(
      / 1 {2}default +siblings +3\n +2 {2}carts +siblings +3\n +3 {2}logins +lww +3\n$/,
    );
    expect(await shop.json("namespace", "list")).toMatchObject([
      { name: "default" },
      { name: "carts" },
      { name: "logins" },
    ]);
    const ring = await shop.run("ring");
    expect(ring.out).toContain("256 partitions, each on 3 homes; 3 members in 3 zones");
    expect(ring.out).toMatch(/2 {2}member-2 {2}zone-2 {2}host-2 +256 +256\.0 +8[56]/);
    expect(ring.out).toMatch(/\n {4}192 {2}[123]{64}\n$/);
    expect(await shop.json("ring")).toMatchObject({ partitions: 256, replicas: 3 });
  });

  test("says where a key lives and what its homes hold", async () => {
    const place = await shop.run("ring", "greeting");
    expect(place.out).toContain("greeting: slot 12714, partition 198, epoch 1");
    expect(place.out).toMatch(/home 1, coordinates +member-\d/);
    expect(await shop.json("ring", "greeting")).toMatchObject({ slot: 12_714, partition: 198 });
    expect((await shop.run("put", "greeting", "hello", "--w", "all")).code).toBe(0);
    const explained = await shop.run("explain", "greeting");
    expect(explained.code).toBe(0);
    expect(explained.out).toContain("All 3 homes hold the same.");
    expect(explained.out.match(/ OK +\d+\.\d+\.\d+ +value +never\n/g)).toHaveLength(3);
    expect(await shop.json("explain", "greeting")).toMatchObject({ equal: true, views: [{}, {}, {}] });
  });

  test("with members gone says so, in words and in exit codes", async () => {
    expect((await shop.run("dev", "kill", "1")).code).toBe(0);
    // The first of the local cluster's members does not answer: the next one is asked.
    expect((await shop.run("get", "greeting")).out).toBe("hello\n");
    const status = await shop.run("status");
    expect(status.code).toBe(1);
    expect(status.out).toMatch(/member-1 +127\.0\.0\.1:\d+1 +no answer\n/);
    expect(status.out).toContain("1 up, member-1 down");
    expect(status.out).toMatch(
      /: 3 members, 2 wrong\n\n {2}wrong: member-1 does not answer at .*\n {2}wrong: member-1 is down for member-2, member-3/,
    );
    const explained = await shop.run("explain", "greeting");
    expect(explained).toMatchObject({ code: 1, out: textLike("2 of 3 homes answered.") });
    const named = await shop.run("get", "greeting", "--server", `127.0.0.1:${base + 1}`);
    expect(named.code).toBe(3);

    expect((await shop.run("dev", "kill", "2")).code).toBe(0);
    for (const words of [
      ["put", "greeting", "again"],
      ["get", "greeting"],
      ["delete", "greeting"],
    ]) {
      const { code, err } = await shop.run(...words);
      expect([code, err]).toEqual([
        4,
        textLike(/^kvorum: QUORUM: .*\n {2}next: see the members with: kvorum status\n$/s),
      ]);
    }
    expect((await shop.run("get", "greeting", "--r", "one")).out).toBe("hello\n");
    for (const id of ["1", "2"]) expect((await shop.run("dev", "start", id)).code).toBe(0);
    await vi.waitFor(async () => expect((await shop.run("status")).code).toBe(0), {
      timeout: 15_000,
      interval: 200,
    });
    expect((await shop.run("get", "greeting", "--r", "all")).out).toBe("hello\n");
  });

  test("with a paused member answers at once, and a paused member by name is unreachable", async () => {
    expect((await shop.run("dev", "pause", "1")).code).toBe(0);
    expect((await shop.run("get", "greeting")).out).toBe("hello\n");
    expect((await shop.run("get", "greeting", "--server", `127.0.0.1:${base + 1}`)).code).toBe(3);
    expect((await shop.run("dev", "resume", "1")).code).toBe(0);
    await vi.waitFor(async () => expect((await shop.run("status")).code).toBe(0), {
      timeout: 15_000,
      interval: 200,
    });
  });
});
