/** Reads of many values over many connections: what is read at a time is bounded, and everybody gets an answer. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { Budget } from "./budget.ts";
import { ReadQueue, type Reader } from "./read-queue.ts";
import { TestClient, request, startFace, type TestFace } from "./resp-server.fixture.ts";

const KIB = 1024;
const MIB = KIB * KIB;
/** More than what is tiny. */
const UNIT = 20 * KIB;
const PONG = "+PONG\r\n";

/** A queue of 100 times 20 KiB, and readers that tell what becomes of them. */
class Stand {
  nowMs = 0;
  readonly said: string[] = [];
  readonly reading = new Budget(100 * UNIT);
  readonly output = new Budget(200 * UNIT);
  readonly queue = new ReadQueue(this.reading, this.output, 10 * UNIT, () => this.nowMs);

  reader(name: string, patienceMs = 1_000): Reader {
    return {
      wake: () => void this.said.push(`${name} woken`),
      refuseRead: (text) => void this.said.push(`${name}: ${text.split(" ")[0]}`),
      patienceMs,
    };
  }
}

describe("the queue of reads", () => {
  test("lets in what fits, then in the order in which they came; small ones need not wait for large ones", () => {
    const stand = new Stand();
    const { queue } = stand;
    const [a, b, c, small] = ["a", "b", "c", "small"].map((name) => stand.reader(name));
    if (a === undefined || b === undefined || c === undefined || small === undefined) throw new Error("four");
    expect([queue.admits(a, 50 * UNIT), queue.admits(b, 30 * UNIT), queue.admits(c, 20 * UNIT)]).toEqual([
      true,
      false,
      false,
    ]);
    expect([
      queue.admits(small, 10 * UNIT),
      queue.admits(small, 10 * UNIT),
      queue.admits(small, 10 * UNIT),
    ]).toEqual([true, true, true]);
    queue.give(50 * UNIT);
    expect(stand.said).toEqual(["b woken"]);
    // Not before its turn, although there is room.
    expect(queue.admits(c, 20 * UNIT)).toBe(false);
    expect(queue.admits(b, 30 * UNIT)).toBe(true);
    expect(stand.reading.bytes).toBe(60 * UNIT);
    queue.give(10 * UNIT);
    expect(stand.said).toEqual(["b woken", "c woken"]);
  });

  test("one alone always begins, and grows as it likes; with others beside it there is a bound", () => {
    const stand = new Stand();
    expect(stand.queue.admits(stand.reader("a"), 150 * UNIT)).toBe(true);
    expect(stand.queue.grow(10 * UNIT, 160 * UNIT)).toBe(true);
    stand.queue.give(160 * UNIT);
    expect(stand.queue.admits(stand.reader("b"), 20 * UNIT)).toBe(true);
    expect(stand.queue.admits(stand.reader("c"), 20 * UNIT)).toBe(true);
    expect(stand.queue.grow(60 * UNIT, 80 * UNIT)).toBe(true);
    expect(stand.queue.grow(1 * UNIT, 81 * UNIT)).toBe(false);
  });

  test("large reads wait for replies that are not taken, small ones do not", () => {
    const stand = new Stand();
    const other = stand.reader("other");
    expect(stand.queue.admits(other, 1 * UNIT)).toBe(true);
    stand.output.bytes = 190 * UNIT;
    expect([
      stand.queue.admits(other, 11 * UNIT),
      stand.queue.admits(stand.reader("small"), 10 * UNIT),
    ]).toEqual([false, true]);
    expect(stand.queue.isStarved).toBe(false);
    stand.nowMs = 1_001;
    expect(stand.queue.isStarved).toBe(true);
    stand.output.bytes = 50 * UNIT;
    expect(stand.queue.isStarved).toBe(false);
  });

  test("no more than some MiB begin in one turn, but for one alone", () => {
    const reading = new Budget(100 * MIB);
    const queue = new ReadQueue(reading, new Budget(200 * MIB), MIB, () => 0);
    const said: string[] = [];
    const reader: Reader = {
      wake: () => void said.push("woken"),
      refuseRead: () => undefined,
      patienceMs: 1,
    };
    expect([queue.admits(reader, 15 * MIB), queue.admits(reader, 15 * MIB)]).toEqual([true, false]);
    queue.endTurn();
    expect(said).toEqual(["woken"]);
    expect([queue.admits(reader, 15 * MIB), queue.admits(reader, MIB)]).toEqual([true, false]);
    queue.endTurn();
    expect([1, 2, 3, 4, 5].map(() => queue.admits(reader, MIB))).toEqual([true, true, true, true, false]);
  });

  test("who has waited for too long is refused, who has gone is forgotten, and the next is woken", () => {
    const stand = new Stand();
    const [hasty, gone, patient] = [stand.reader("hasty", 10), stand.reader("gone"), stand.reader("patient")];
    stand.queue.admits(stand.reader("first"), 60 * UNIT);
    for (const reader of [hasty, gone, patient]) expect(stand.queue.admits(reader, 30 * UNIT)).toBe(false);
    stand.queue.sweep(9);
    stand.queue.sweep(10);
    expect(stand.said).toEqual(["hasty: OVERLOADED"]);
    stand.queue.forget(gone);
    stand.queue.give(60 * UNIT);
    expect(stand.said.slice(1)).toEqual(["patient woken"]);
  });
});

const VALUE_BYTES = 64 * KIB;
/** One reply of 15 values takes a good part of what may be read at a time. */
const SMALL_WORLD = {
  limits: { valueBytesMax: VALUE_BYTES },
  resp: { outputBytesMax: 2 * KIB * KIB, outputTotalBytesMax: 16 * KIB * KIB },
};
const MANY = 15;
const REPLY_BYTES = `*${MANY}\r\n`.length + MANY * (`$${VALUE_BYTES}\r\n`.length + VALUE_BYTES + 2);

function manyLarge(): Buffer {
  return request("MGET", ...new Array<string>(MANY).fill("large"));
}

/** Counts what comes, and keeps no more than its beginning. */
class Counter {
  bytes = 0;
  head = "";
  ended = false;
  readonly client: TestClient;

  static async connect(face: TestFace): Promise<Counter> {
    return new Counter(await TestClient.connect(face.port));
  }

  private constructor(client: TestClient) {
    this.client = client;
    client.socket.removeAllListeners("data");
    client.socket.on("data", (chunk: Buffer) => {
      if (this.bytes === 0) this.head = chunk.toString("latin1", 0, 32);
      this.bytes += chunk.length;
    });
    client.socket.on("close", () => (this.ended = true));
  }
}

async function until(what: () => boolean): Promise<void> {
  while (!what()) await nextTurn();
}

describe("MGET of large values over many connections", () => {
  test("is bounded in what is read and unread, everybody is answered, and others are served meanwhile", async () => {
    const face = await startFace(SMALL_WORLD);
    face.member.answering = "later";
    face.member.addSibling("large", "x".repeat(VALUE_BYTES));
    const modest = await TestClient.connect(face.port);
    const greedy = await Promise.all(Array.from({ length: 60 }, () => Counter.connect(face)));
    for (const { client } of greedy) client.send(manyLarge());
    const { reading, output } = face.server.budgets;
    let [mostRead, mostUnread, served] = [0, 0, 0];
    modest.send("PING\r\nGET nothing\r\n");
    await until(() => {
      mostRead = Math.max(mostRead, reading.bytes);
      mostUnread = Math.max(mostUnread, output.bytes);
      if (modest.text.length >= (served + 1) * (PONG.length + 5)) {
        served++;
        modest.send("PING\r\nGET nothing\r\n");
      }
      return greedy.every(({ bytes }) => bytes === REPLY_BYTES);
    });
    expect(mostRead).toBeGreaterThan(REPLY_BYTES);
    expect(mostRead).toBeLessThanOrEqual(reading.bytesMax);
    expect(mostUnread).toBeLessThanOrEqual(output.bytesMax);
    expect(served).toBeGreaterThan(3);
    expect(greedy.some(({ ended }) => ended)).toBe(false);
    expect(face.server.stats.connectionsClosed).toBe(0);
    await until(() => output.bytes === 0);
    expect(reading.bytes).toBeLessThanOrEqual(VALUE_BYTES);
  });

  test("that turn out larger than expected beside others are refused definitely, and the next time wait", async () => {
    const face = await startFace(SMALL_WORLD);
    face.member.addSibling("large", "x".repeat(VALUE_BYTES));
    const greedy = await Promise.all(Array.from({ length: 30 }, () => Counter.connect(face)));
    // Small ones first, so that small ones are expected.
    const none = request("MGET", ...new Array<string>(200).fill("none"));
    for (const { client } of greedy) client.send(none);
    await until(() => greedy.every(({ bytes }) => bytes === 6 + 200 * 5));
    face.member.answering = "held";
    for (const one of greedy) {
      one.bytes = 0;
      one.client.send(manyLarge());
    }
    await until(() => face.member.held === 30 * MANY);
    // The first value of each, then the second of each.
    for (let left = MANY - 1; left >= 0; left--) for (let i = 0; i < 30; i++) face.member.release(i * left);
    expect(face.server.budgets.reading.bytes).toBe(0);
    const isRefused = ({ head }: Counter): boolean => head.startsWith("-OVERLOADED ");
    await until(() => greedy.every((each) => each.bytes === REPLY_BYTES || isRefused(each)));
    const refused = greedy.filter(isRefused);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(30);
    face.member.answering = "later";
    for (const each of refused) {
      each.bytes = 0;
      each.client.send(manyLarge());
    }
    await until(() => greedy.every(({ bytes }) => bytes === REPLY_BYTES));
  });

  test("who finds no room within the timeout of its command is refused, and goes on", async () => {
    const clock = { nowMs: 0 };
    const face = await startFace({ ...SMALL_WORLD, nowMs: () => clock.nowMs });
    face.member.addSibling("large", "x".repeat(VALUE_BYTES));
    face.member.answering = "held";
    const clients = await Promise.all(Array.from({ length: 10 }, () => TestClient.connect(face.port)));
    for (const client of clients) client.send(manyLarge());
    await until(() => face.server.stats.bytesIn >= 10 * manyLarge().length);
    await nextTurn();
    const late = await TestClient.connect(face.port);
    late.send(Buffer.concat([manyLarge(), Buffer.from("PING\r\n")]));
    await until(() => face.server.stats.bytesIn > 11 * manyLarge().length);
    clock.nowMs = face.member.limits.timeoutMsDefault;
    face.server.sweep();
    const text = await late.until((said) => said.endsWith(PONG));
    expect(text).toMatch(
      /^-OVERLOADED values being read .* \(outputTotalBytesMax\); nothing was done; .*\r\n/,
    );
    expect(face.server.stats.commandsShed).toBeGreaterThan(0);
  });

  test("ends early for a client that has gone", async () => {
    const face = await startFace({ resp: { fanOutMax: 8 } });
    face.member.answering = "held";
    const client = await TestClient.connect(face.port);
    client.send(request("MGET", ...new Array<string>(1_000).fill("none")));
    await until(() => face.member.held === 8);
    client.socket.resetAndDestroy();
    await until(() => face.server.stats.connections === 0);
    while (face.member.held > 0) {
      face.member.release();
      await nextTurn();
    }
    expect(face.member.asked).toHaveLength(8);
    const { reading, inFlight } = face.server.budgets;
    expect([reading.bytes, inFlight.bytes, face.server.crowd.underWay]).toEqual([0, 0, 0]);
  });

  test("that cannot fit in a reply ends early", async () => {
    const face = await startFace({ ...SMALL_WORLD, resp: { ...SMALL_WORLD.resp, fanOutMax: 4 } });
    face.member.answering = "later";
    face.member.addSibling("large", "x".repeat(VALUE_BYTES));
    const client = await TestClient.connect(face.port);
    client.send(request("MGET", ...new Array<string>(500).fill("large")));
    expect(await client.until((text) => text.endsWith("\r\n"))).toMatch(/^-TOOLARGE reply is \d+ bytes/);
    expect(face.member.asked.length).toBeLessThan(30);
  });
});

test("a burst of replies beyond the bound closes nobody who takes them", async () => {
  const resp = { outputTotalBytesMax: 32 * KIB * KIB };
  const face = await startFace({ resp });
  face.member.addSibling("large", "x".repeat(KIB * KIB));
  face.member.answering = "held";
  const readers = await Promise.all(Array.from({ length: 40 }, () => Counter.connect(face)));
  for (const { client } of readers) client.send("GET large\r\n");
  await until(() => face.member.held === 40);
  while (face.member.held > 0) face.member.release();
  expect(face.server.budgets.output.isOver).toBe(true);
  await until(() => face.server.budgets.output.bytes === 0 || readers.some(({ ended }) => ended));
  expect(face.server.stats.connectionsClosed).toBe(0);
  await until(() => readers.every(({ bytes }) => bytes > KIB * KIB));
});

test("a gather whose answers come at once takes turns with others", async () => {
  const face = await startFace({ resp: { fanOutMax: 8 } });
  const client = await TestClient.connect(face.port);
  const asked: number[] = [];
  const flush = face.server.flush.bind(face.server);
  face.server.flush = () => {
    asked.push(face.member.asked.length);
    flush();
  };
  client.send(request("EXISTS", ...new Array<string>(100).fill("none")));
  await client.until((text) => text === ":0\r\n");
  const each = asked.map((count, i) => count - (asked[i - 1] ?? 0));
  expect(Math.max(...each)).toBe(8);
});
