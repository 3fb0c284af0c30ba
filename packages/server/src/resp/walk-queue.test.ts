/** Who goes through keys, and when: the queue alone, and commands that wait in it. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { TestClient, request, startFace, type TestFace } from "./resp-server.fixture.ts";
import type { Resumable } from "./session.ts";
import { WalkQueue, type Walker } from "./walk-queue.ts";

/** A queue whose turns end when the test says so, and walkers that tell what becomes of them. */
class Stand {
  nowMs = 0;
  readonly said: string[] = [];
  readonly queue: WalkQueue;
  #waiting: Resumable[] = [];

  constructor(placesMax: number) {
    const face = { nowMs: () => this.nowMs, later: (waiting: Resumable) => void this.#waiting.push(waiting) };
    this.queue = new WalkQueue(face, placesMax);
  }

  walker(name: string, endMs = Infinity): Walker {
    return {
      endMs,
      go: () => void this.said.push(name),
      dropped: () => void this.said.push(`${name} dropped`),
    };
  }

  endTurn(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const each of waiting) each.resume();
  }
}

describe("a queue", () => {
  test("begins as many as there are places, and the others in turn of their owners", () => {
    const stand = new Stand(2);
    for (const name of ["a1", "a2", "a3", "a4"]) stand.queue.enter(1, stand.walker(name));
    stand.queue.enter(2, stand.walker("b1"));
    stand.queue.enter(3, stand.walker("c1"));
    stand.queue.enter(2, stand.walker("b2"));
    stand.endTurn();
    expect(stand.said).toEqual(["a1", "a2"]);
    for (let i = 0; i < 4; i++) {
      stand.queue.leave();
      stand.endTurn();
    }
    expect(stand.said).toEqual(["a1", "a2", "a3", "b1", "c1", "a4"]);
    expect([stand.queue.underWay, stand.queue.waiting]).toEqual([2, 1]);
  });

  test("who comes while others wait does not overtake them", () => {
    const stand = new Stand(1);
    stand.queue.enter(1, stand.walker("first"));
    stand.queue.enter(2, stand.walker("second"));
    stand.queue.leave();
    stand.queue.enter(3, stand.walker("third"));
    stand.endTurn();
    expect(stand.said).toEqual(["first", "second"]);
  });

  test("lets go of who has waited for too long, at a look and when the turn comes", () => {
    const stand = new Stand(1);
    stand.queue.enter(1, stand.walker("first"));
    stand.queue.enter(2, stand.walker("looked at", 10));
    stand.queue.enter(3, stand.walker("too late", 20));
    stand.queue.enter(3, stand.walker("in time", 30));
    stand.nowMs = 10;
    stand.queue.sweep(stand.nowMs);
    expect(stand.said).toEqual(["first", "looked at dropped"]);
    stand.nowMs = 20;
    stand.queue.leave();
    stand.endTurn();
    expect(stand.said.slice(2)).toEqual(["too late dropped", "in time"]);
  });

  test("forgets what an owner who has gone waited for", () => {
    const stand = new Stand(1);
    stand.queue.enter(1, stand.walker("first"));
    stand.queue.enter(2, stand.walker("gone"));
    stand.queue.enter(3, stand.walker("still here"));
    stand.queue.forget(2);
    stand.queue.leave();
    stand.endTurn();
    expect(stand.said).toEqual(["first", "gone dropped", "still here"]);
  });
});

const PAGE = "*2\r\n$1\r\n0\r\n*0\r\n";

/** So many clients that each have sent this, and have been heard. */
async function clients(face: TestFace, count: number, words: string): Promise<TestClient[]> {
  const all: TestClient[] = [];
  for (let i = 0; i < count; i++) {
    const client = await TestClient.connect(face.port);
    const { commands } = face.server.stats;
    client.send(request(...words.split(" ")));
    while (face.server.stats.commands === commands) await nextTurn();
    all.push(client);
  }
  return all;
}

async function releaseAll(face: TestFace, until: () => boolean): Promise<void> {
  while (!until()) {
    while (face.member.held > 0) face.member.release();
    await nextTurn();
  }
}

describe("commands that go through keys", () => {
  test.each(["scan 0", "keys *", "randomkey", "cluster countkeysinslot 7"])(
    "%s of many clients: a few pages are under way at a time, and all are answered",
    async (words) => {
      const face = await startFace();
      face.member.answering = "held";
      const all = await clients(face, 30, words);
      const { walkPagesMax } = face.server.limits;
      let most = 0;
      await releaseAll(face, () => {
        most = Math.max(most, face.member.held);
        return all.every(({ text }) => text !== "");
      });
      expect(most).toBe(walkPagesMax);
      expect(face.server.walks.pages.underWay).toBe(0);
      expect(face.server.walks.lists.underWay).toBe(0);
    },
  );

  test("what the member is too busy for waits, and is asked for again", async () => {
    const face = await startFace();
    face.member.failures.set("*", { code: "OVERLOADED", text: "" });
    const [client] = await clients(face, 1, "scan 0");
    await nextTurn();
    expect(client?.text).toBe("");
    face.member.failures.clear();
    expect(await client?.until((text) => text !== "")).toBe(PAGE);
  });

  test("time in the queue counts: beyond the deadline the answer is TIMEOUT, and later ones are served", async () => {
    const clock = { nowMs: 0 };
    const face = await startFace({ resp: { walkPagesMax: 1 }, nowMs: () => clock.nowMs });
    face.member.answering = "held";
    const [, late] = await clients(face, 2, "scan 0");
    clock.nowMs = face.member.limits.timeoutMsDefault;
    face.server.sweep();
    expect(await late?.until((text) => text !== "")).toMatch(/^-TIMEOUT .* within 5000 ms; use SCAN\r\n$/);
    const [next] = await clients(face, 1, "scan 0");
    await releaseAll(face, () => next?.text !== "");
    expect(next?.text).toBe(PAGE);
  });

  test("a client that goes away leaves the queue", async () => {
    const face = await startFace({ resp: { walkPagesMax: 1, walkListsMax: 1 } });
    face.member.answering = "held";
    const [first] = await clients(face, 1, "keys *");
    const gone = [...(await clients(face, 3, "keys *")), ...(await clients(face, 3, "scan 0"))];
    for (const { socket } of gone) socket.resetAndDestroy();
    while (face.server.stats.connections > 1) await nextTurn();
    expect([face.server.walks.lists.waiting, face.server.walks.pages.waiting]).toEqual([0, 0]);
    expect(face.server.crowd.underWay).toBe(1);
    await releaseAll(face, () => first?.text !== "");
    expect(face.server.walks.lists.underWay).toBe(0);
  });
});

describe("counts of keys", () => {
  test("that have not begun are one for all who ask, DBSIZE and INFO alike", async () => {
    const face = await startFace({ resp: { walkCountsMax: 1 } });
    face.member.addSibling("k", "v");
    face.member.answering = "held";
    const [first] = await clients(face, 1, "dbsize");
    const sizes = await clients(face, 40, "dbsize");
    const infos = await clients(face, 40, "info keyspace");
    expect(face.member.held).toBe(1);
    await releaseAll(face, () => [...sizes, ...infos].every(({ text }) => text !== ""));
    expect(face.member.asked).toEqual(["count", "count"]);
    expect(first?.text).toBe(":1\r\n");
    expect(sizes.every(({ text }) => text === ":1\r\n")).toBe(true);
    expect(infos.every(({ text }) => text.includes("db0:keys=1,expires=0,avg_ttl=0\r\n"))).toBe(true);
  });

  test("fail for who has waited too long, not for who came later; and who has gone is not waited for", async () => {
    const clock = { nowMs: 0 };
    const face = await startFace({ resp: { walkCountsMax: 1 }, nowMs: () => clock.nowMs });
    face.member.answering = "held";
    const [early] = await clients(face, 1, "dbsize");
    const [gone] = await clients(face, 1, "dbsize");
    clock.nowMs = 6_000;
    const [late] = await clients(face, 1, "dbsize");
    gone?.socket.resetAndDestroy();
    while (face.server.stats.connections > 2) await nextTurn();
    clock.nowMs = 10_000;
    face.server.sweep();
    const text = "-TIMEOUT the keys could not be counted within 10000 ms; nothing is lost\r\n";
    expect(await early?.until((said) => said !== "")).toBe(text);
    await releaseAll(face, () => late?.text !== "");
    expect(late?.text).toBe(":0\r\n");
    expect(face.server.crowd.underWay).toBe(0);
  });
});
