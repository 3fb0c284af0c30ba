import fc from "fast-check";
import { expect, test } from "vitest";
import { DEFAULT_LIMITS } from "@kvorum/core";
import { HOSTILE_INPUTS } from "./hostile.fixture.ts";
import { respLimits } from "./limits.ts";
import { RequestParser } from "./parser.ts";
import { request } from "./resp-server.fixture.ts";

const limits = respLimits(
  { ...DEFAULT_LIMITS, valueBytesMax: 40 },
  { argumentsMax: 12, inlineBytesMax: 60, commandBytesMax: 40 + 64 * 1024 },
);

/** Everything a client could notice of what the parser makes of these chunks. */
function outcomes(chunks: readonly Uint8Array[]): string[] {
  const parser = new RequestParser(limits);
  const found: string[] = [];
  for (const chunk of chunks) {
    parser.push(chunk);
    for (let step = parser.next(); step !== "more"; step = parser.next()) {
      if (step === "broken") return [...found, parser.error];
      const words = parser.args.map((arg) => Buffer.from(arg).toString("hex"));
      found.push([parser.oversize, parser.oversizeAt, parser.oversizeBytes, ...words].join(" "));
    }
  }
  return found;
}

function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const edges = [0, ...[...places].sort((a, b) => a - b), bytes.length];
  return edges.slice(1).map((edge, i) => bytes.subarray(edges[i], edge));
}

const CORPUS: readonly (readonly [name: string, bytes: Buffer])[] = [
  ...HOSTILE_INPUTS.map(({ name, bytes }) => [name, Buffer.from(bytes, "latin1")] as const),
  [
    "a pipeline",
    Buffer.concat([request("SET", "k", "v"), request("GET", "k"), request("DEL", "k", "l", "m")]),
  ],
  [
    "both forms",
    Buffer.concat([
      Buffer.from("PING\r\n\r\nset 'a b' \"c\\x00d\"\n"),
      request("PING"),
      Buffer.from("GET k\n"),
    ]),
  ],
  [
    "empty and binary arguments",
    request(
      "SET",
      "",
      Uint8Array.from({ length: 40 }, (_, i) => i * 7),
    ),
  ],
  [
    "an argument that is too large, then a command",
    Buffer.concat([request("SET", "k", "x".repeat(41), "y"), request("PING")]),
  ],
  ["a word that is too large, then a command", Buffer.from(`SET k ${"x".repeat(41)} y\r\nPING\r\n`)],
  ["a line that is just short enough", Buffer.from(`${"a ".repeat(30)}\nPING\n`)],
  ["a line that is too long", Buffer.from(`${"a ".repeat(30)}b\nPING\n`)],
  ["too many arguments", request(...new Array<string>(13).fill("x"))],
  ["HTTP", Buffer.from("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")],
];

test.each(CORPUS)("%s: the same, wherever it is split", (_name, bytes) => {
  const whole = outcomes([bytes]);
  expect(
    outcomes(
      cut(
        bytes,
        Array.from({ length: bytes.length }, (_, i) => i),
      ),
    ),
  ).toEqual(whole);
  for (let first = 1; first < bytes.length; first++) {
    expect(outcomes(cut(bytes, [first]))).toEqual(whole);
    const second = first + 1 + ((first * 7) % Math.max(1, bytes.length - first));
    if (second < bytes.length) expect(outcomes(cut(bytes, [first, second]))).toEqual(whole);
  }
});

const argument = fc.uint8Array({ maxLength: 40 });
const pipeline = fc.array(fc.array(argument, { minLength: 1, maxLength: 12 }), { maxLength: 5 });
const places = fc.array(fc.nat(600), { maxLength: 8 });

test("what a client encodes comes out as it was, wherever it is split", () => {
  fc.assert(
    fc.property(pipeline, places, (commands, where) => {
      const bytes = Buffer.concat(commands.map((args) => request(...args)));
      const expected = commands.map((args) =>
        ["none", 0, 0, ...args.map((arg) => Buffer.from(arg).toString("hex"))].join(" "),
      );
      const inside = where.filter((place) => place < bytes.length);
      expect(outcomes(cut(bytes, inside)).map((line) => line.replace(/^none \d+ \d+/, "none 0 0"))).toEqual(
        expected,
      );
    }),
  );
});

/** Bytes that look like the protocol often enough to get deep into it. */
const fragments = fc.oneof(
  fc.constantFrom(
    "*",
    "$",
    "\r\n",
    "\r",
    "\n",
    "*1\r\n",
    "*2\r\n",
    "$4\r\n",
    "PING",
    "\r\n$",
    "-",
    "0",
    "9",
    '"',
    "'",
    "\\x",
    " ",
  ),
  fc.integer({ min: -2, max: 50 }).map((n) => `*${n}\r\n`),
  fc.integer({ min: -2, max: 50 }).map((n) => `$${n}\r\n`),
  fc.string({ unit: "binary", maxLength: 8 }),
);

test("no bytes make it throw, hang or depend on how they were split", () => {
  fc.assert(
    fc.property(fc.array(fragments, { maxLength: 30 }), places, (parts, where) => {
      const bytes = Buffer.from(parts.join(""), "latin1");
      expect(
        outcomes(
          cut(
            bytes,
            where.filter((place) => place < bytes.length),
          ),
        ),
      ).toEqual(outcomes([bytes]));
    }),
  );
});
