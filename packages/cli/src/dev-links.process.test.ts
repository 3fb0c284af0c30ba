/** `kvorum dev partition` and `heal` as people use them. */
import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import { freeBase, Workshop, type Running } from "./kvorum-process.fixture.ts";

const shop = new Workshop();
let base = 21_000;
beforeEach(async () => {
  base = await freeBase(base + 300);
});
afterEach(() => shop.expectNothingLeft());
afterAll(() => shop.dispose());

const say = (...words: string[]) => shop.run("dev", ...words, "--dir", "links");
const cuts = () => shop.devJson("links").cuts.map(({ from, to }) => `${from}>${to}`);

interface Peer {
  readonly name: string;
  readonly state: string;
}

/** Whom member 1 reaches. */
async function reachedBy1(): Promise<string[]> {
  const status = (await shop.json("status", "--dir", "links")) as {
    members: readonly { id: number; status: { peers: readonly Peer[] } }[];
  };
  const peers = status.members.find(({ id }) => id === 1)?.status.peers ?? [];
  return peers.filter(({ state }) => state === "up").map(({ name }) => name);
}

async function reaches(...names: string[]): Promise<void> {
  await vi.waitFor(async () => expect(await reachedBy1()).toEqual(names), { timeout: 20_000, interval: 50 });
}

async function end(dev: Running): Promise<void> {
  dev.child.kill("SIGINT");
  expect((await dev.ended).code).toBe(0);
}

test("links are cut and mended, where everybody can see it", async () => {
  const dev = await shop.dev("--dir", "links", "--port-base", String(base));
  expect(cuts()).toEqual([]);
  expect((await say("heal")).out).toBe("no link was cut\n");

  const cut = "member-1 and member-2 are cut off from each other; mend it with: kvorum dev heal 1:2\n";
  expect(await say("partition", "1:2")).toMatchObject({ code: 0, out: cut });
  expect(cuts()).toEqual(["1>2", "2>1"]);
  await reaches("member-3");
  expect(dev.out).toContain(`kvorum: ${cut}`);
  expect((await shop.run("put", "cart", "apples", "--server", `127.0.0.1:${base + 1}`)).code).toBe(0);
  expect((await shop.run("get", "cart", "--server", `127.0.0.1:${base + 2}`)).out).toBe("apples\n");

  // A second cut isolates, here and now.
  expect((await say("partition", "member-3:1")).code).toBe(0);
  expect(cuts()).toEqual(["1>2", "2>1", "1>3", "3>1"]);
  await reaches();
  const refused = await shop.run("put", "cart", "pears", "--server", `127.0.0.1:${base + 1}`);
  expect(refused).toMatchObject({ code: 4 });
  expect(refused.err).toContain("QUORUM");

  expect(await say("partition", "1:2")).toMatchObject({
    code: 4,
    err: "kvorum: 1:2 is cut already; mend it with: kvorum dev heal 1:2\n",
  });
  expect((await say("heal", "2:1")).out).toBe("member-2 and member-1 can reach each other again\n");
  expect(await say("heal", "1:2")).toMatchObject({
    code: 4,
    err: "kvorum: the link between member-1 and member-2 is not cut; cut it with: kvorum dev partition 1:2\n",
  });
  expect(await say("partition", "1:4")).toMatchObject({
    code: 4,
    err: "kvorum: there is no member 4: they are numbered 1 to 3\n",
  });
  const json = await shop.run("dev", "heal", "--dir", "links", "--json");
  expect(JSON.parse(json.out)).toMatchObject({ ok: true, verb: "heal", link: null });
  const healedMs = performance.now();
  await reaches("member-2", "member-3");
  expect(performance.now() - healedMs).toBeLessThan(10_000);
  expect(cuts()).toEqual([]);
  expect((await shop.run("get", "cart", "--server", `127.0.0.1:${base + 1}`)).out).toBe("apples\n");
  await end(dev);
});

test("one way, of members that run, are killed, start or are paused", async () => {
  const dev = await shop.dev("--dir", "links", "--port-base", String(base));
  expect((await say("kill", "1")).code).toBe(0);
  expect((await say("partition", "3:1", "--one-way")).out).toBe(
    "what member-3 sends to member-1 vanishes; mend it with: kvorum dev heal 3:1\n",
  );
  expect(cuts()).toEqual(["3>1"]);
  // A dial needs both ways.
  expect((await say("start", "1")).code).toBe(0);
  await reaches("member-2");
  expect((await say("pause", "1")).code).toBe(0);
  expect((await say("partition", "1:2")).code).toBe(0);
  expect((await say("resume", "1")).code).toBe(0);
  await reaches();
  expect((await say("partition", "1:3", "--one-way")).out).toContain("are cut off from each other");
  expect((await say("heal")).out).toBe("every link is whole again\n");
  await reaches("member-2", "member-3");

  // A later start in the same directory knows nothing of the cuts.
  expect((await say("partition", "2:3")).code).toBe(0);
  await end(dev);
  const again = await shop.dev("--dir", "links", "--port-base", String(base));
  expect(cuts()).toEqual([]);
  expect((await shop.run("status", "--dir", "links")).code).toBe(0);
  await end(again);
});
