/**
 * Random, mutated and split pipelines against whole connections: the replies are the same and in the same order,
 * wherever the bytes are split and in whatever order the member answers; nothing throws; and when the connection has
 * closed nothing of it is held.
 */
import { once } from "node:events";
import { connect } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { HOSTILE_INPUTS } from "./hostile.fixture.ts";
import { makeFace, request, type TestFace } from "./resp-server.fixture.ts";

/** Each case opens two listeners and two connections. */
const RUNS = Math.ceil(Number(process.env["KVORUM_PROPERTY_RUNS"] ?? 1000) / 4);

type Parts = Omit<TestFace, "port">;

/** Tight, so that every bound is met now and then. */
const LIMITS = {
  limits: { valueBytesMax: 200 },
  resp: {
    inFlightMax: 3,
    crowdMax: 2,
    crowdShareMin: 1,
    inFlightBytesMax: 2000,
    turnMsMax: 0,
    turnShareMax: 2,
    inlineBytesMax: 300,
    fanOutMax: 2,
    keysMax: 4,
    wordsMax: 6,
  },
};

/** Sends the pieces, and answers what the member holds in the order that `chance` has; returns all replies. */
async function talk(
  { server, member }: Parts,
  pieces: readonly Uint8Array[],
  chance: readonly number[],
): Promise<string> {
  const port = await server.listen("127.0.0.1", 0);
  try {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    const received: Buffer[] = [];
    let isOver = false;
    socket.on("data", (chunk: Buffer) => received.push(chunk));
    socket.on("error", () => undefined);
    socket.on("close", () => (isOver = true));
    await once(socket, "connect");
    let step = 0;
    const turn = async (): Promise<void> => {
      if (member.held > 0) member.release((chance[step++ % chance.length] ?? 0) % member.held);
      await nextTurn();
    };
    for (const piece of pieces) {
      socket.write(piece);
      await turn();
    }
    socket.end();
    while (!isOver || server.stats.connections > 0) await turn();
    while (member.held > 0) member.release();
    const { unfinished, inFlight, output, reading } = server.budgets;
    expect([unfinished.bytes, inFlight.bytes, output.bytes, reading.bytes]).toEqual([0, 0, 0, 0]);
    expect([server.crowd.underWay, server.crowd.busy]).toEqual([0, 0]);
    return Buffer.concat(received).toString("latin1");
  } finally {
    await server.close(0);
  }
}

function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const inside = places.filter((place) => place < bytes.length).sort((a, b) => a - b);
  const edges = [0, ...inside, bytes.length];
  return edges
    .slice(1)
    .map((edge, i) => bytes.subarray(edges[i], edge))
    .filter(({ length }) => length > 0);
}

async function expectSameReplies(
  bytes: Uint8Array,
  places: readonly number[],
  chance: readonly number[],
): Promise<void> {
  const plain = await talk(
    makeFace(LIMITS),
    [bytes].filter(({ length }) => length > 0),
    [0],
  );
  const face = makeFace(LIMITS);
  face.member.answering = "held";
  expect(await talk(face, cut(bytes, places), chance)).toBe(plain);
}

const key = fc.constantFrom("a", "b", "c");
const value = fc.string({ unit: "binary", maxLength: 250 });
const command = fc.oneof(
  fc.constant(["PING"]),
  value.map((text) => ["ECHO", text]),
  fc.tuple(key, value).map(([name, text]) => ["SET", name, text]),
  key.map((name) => ["GET", name]),
  fc.array(key, { minLength: 1, maxLength: 5 }).map((names) => ["MGET", ...names]),
  fc.array(key, { minLength: 1, maxLength: 3 }).map((names) => ["DEL", ...names]),
  fc.constantFrom(["HELLO", "3"], ["HELLO", "2"], ["DBSIZE"], ["NOSUCH", "x"], ["GET"], ["QUIT"]),
);
const pipeline = fc
  .array(command, { maxLength: 12 })
  .map((commands) => Buffer.concat(commands.map((words) => request(...words))));
const places = fc.array(fc.nat(800), { maxLength: 6 });
const chance = fc.array(fc.nat(7), { minLength: 1, maxLength: 12 });

/** A byte is changed, taken out, or put in, here and there. */
const mutation = fc.record({
  at: fc.nat(800),
  byte: fc.nat(255),
  kind: fc.constantFrom("change", "remove", "insert"),
});

const mutated = fc
  .tuple(pipeline, fc.array(mutation, { minLength: 1, maxLength: 4 }))
  .map(([bytes, mutations]) => {
    const all = [...bytes];
    for (const { at, byte, kind } of mutations) {
      const place = all.length === 0 ? 0 : at % all.length;
      if (kind === "change" && all.length > 0) all[place] = byte;
      else all.splice(place, kind === "remove" ? 1 : 0, ...(kind === "insert" ? [byte] : []));
    }
    return Uint8Array.from(all);
  });

const hostile = fc
  .tuple(pipeline, fc.constantFrom(...HOSTILE_INPUTS), pipeline)
  .map(([before, { bytes }, after]) => Buffer.concat([before, Buffer.from(bytes, "latin1"), after]));

test.each([
  ["good", pipeline],
  ["mutated", mutated],
  ["hostile in the middle", hostile],
  ["random", fc.uint8Array({ maxLength: 600 })],
] as const)("pipelines: %s", async (_name, arbitrary) => {
  await fc.assert(fc.asyncProperty(arbitrary, places, chance, expectSameReplies), { numRuns: RUNS });
});
