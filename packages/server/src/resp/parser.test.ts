import { describe, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "@kvorum/core";
import { HOSTILE_INPUTS } from "./hostile.fixture.ts";
import { respLimits, type RespLimits } from "./limits.ts";
import { RequestParser } from "./parser.ts";
import { request } from "./resp-server.fixture.ts";

function parserWith(changes: Partial<RespLimits> = {}): RequestParser {
  return new RequestParser(respLimits({ ...DEFAULT_LIMITS, valueBytesMax: 1024 }, changes));
}

/** What comes out: commands as texts, refused ones by why, and the error that ends it. */
function outcomes(parser: RequestParser, ...chunks: (string | Uint8Array)[]): string[] {
  const found: string[] = [];
  for (const chunk of chunks) {
    parser.push(typeof chunk === "string" ? Buffer.from(chunk, "latin1") : chunk);
    for (let step = parser.next(); step !== "more"; step = parser.next()) {
      if (step === "broken") return [...found, parser.error];
      const { oversize, oversizeAt, oversizeBytes, args } = parser;
      const words = args.map((arg) => Buffer.from(arg).toString("latin1"));
      found.push(oversize === "none" ? words.join("|") : `${oversize} ${oversizeAt} ${oversizeBytes}`);
    }
  }
  return found;
}

describe("hostile input", () => {
  test.each(HOSTILE_INPUTS)("$name", ({ bytes, served, error }) => {
    const found = outcomes(parserWith(), bytes);
    expect(found).toHaveLength(served + (error === null ? 0 : 1));
    if (error !== null) expect(found.at(-1)).toBe(error);
  });

  test("nothing is parsed after an error", () => {
    const parser = parserWith();
    expect(outcomes(parser, "*x\r\nPING\r\n")).toEqual(["Protocol error: invalid multibulk length"]);
    expect(parser.next()).toBe("broken");
  });

  test("a claim allocates nothing: only what arrives is kept", () => {
    const parser = new RequestParser(
      respLimits(DEFAULT_LIMITS, { argumentBytesMax: 64 << 20, commandBytesMax: 128 << 20 }),
    );
    const before = process.memoryUsage().arrayBuffers;
    outcomes(parser, "*2\r\n$4\r\nECHO\r\n$67108864\r\nonly this");
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 20);
  });
});

describe("what is accepted", () => {
  test("arguments within one chunk are views into it", () => {
    const chunk = request("GET", "key");
    const parser = parserWith();
    parser.push(chunk);
    expect(parser.next()).toBe("command");
    expect(parser.args.map((arg) => arg.buffer)).toEqual([chunk.buffer, chunk.buffer]);
  });

  test("bytes come through unchanged, whatever they are", () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    const parser = parserWith();
    parser.push(request("ECHO", all, "", "\r\n", "$1\r\nx\r\n"));
    expect(parser.next()).toBe("command");
    expect(parser.args.map((arg) => Buffer.from(arg).toString("latin1"))).toEqual([
      "ECHO",
      Buffer.from(all).toString("latin1"),
      "",
      "\r\n",
      "$1\r\nx\r\n",
    ]);
  });

  test("pipelines of both forms", () => {
    const input = Buffer.concat([request("SET", "a", "1"), Buffer.from("GET a\r\nPING\n"), request("PING")]);
    expect(outcomes(parserWith(), input)).toEqual(["SET|a|1", "GET|a", "PING", "PING"]);
  });

  test("chunks that are pushed before they are asked for wait in order", () => {
    const parser = parserWith();
    for (const word of ["ONE\r\n", "TWO\r\nTH", "REE\r\n"]) parser.push(Buffer.from(word));
    expect(outcomes(parser, "FOUR\r\n")).toEqual(["ONE", "TWO", "THREE", "FOUR"]);
  });
});

describe("limits", () => {
  test.each([
    [1023, "ECHO|"],
    [1024, "ECHO|"],
    [1025, "argument 1 1025"],
  ])("an argument of %d bytes when 1024 are allowed", (length, begins) => {
    const input = Buffer.concat([request("ECHO", "x".repeat(length)), request("PING")]);
    const [first, second] = outcomes(parserWith(), input);
    expect(first?.startsWith(begins)).toBe(true);
    expect(second).toBe("PING");
  });

  test("what follows an argument that is too large is skipped too", () => {
    const input = request("MSET", "a", "x".repeat(5000), "b", "y".repeat(2000));
    expect(outcomes(parserWith(), input, "PING\r\n")).toEqual(["argument 2 5000", "PING"]);
  });

  test.each([
    [99, 1],
    [100, 1],
    [101, 0],
  ])("%d arguments when 100 are allowed", (count, served) => {
    const found = outcomes(parserWith({ argumentsMax: 100 }), request(...new Array<string>(count).fill("x")));
    expect(found).toHaveLength(1);
    expect(found[0] === "Protocol error: invalid multibulk length").toBe(served === 0);
  });

  test("all arguments together, counted with what keeping them costs", () => {
    const commandBytesMax = 128 * 1024;
    const cost = 512 + 128;
    const most = Math.floor(commandBytesMax / cost);
    const parser = parserWith({ commandBytesMax });
    const of = (count: number): Buffer => request(...new Array<string>(count).fill("x".repeat(512)));
    expect(outcomes(parser, of(most))[0]?.startsWith("xxx")).toBe(true);
    expect(outcomes(parser, of(most + 1))).toEqual([`command ${most} 512`]);
    expect(outcomes(parser, request("PING"))).toEqual(["PING"]);
  });

  test.each([
    [65_535, 1],
    [65_536, 1],
    [65_537, 0],
  ])("an inline request of %d bytes", (length, served) => {
    const line = `ECHO ${"x ".repeat(33_000)}`.slice(0, length);
    for (const chunks of [[`${line}\n`], [line, "\n"]]) {
      const found = outcomes(parserWith(), ...chunks);
      expect(found).toHaveLength(1);
      expect(found[0] === "Protocol error: too big inline request").toBe(served === 0);
    }
  });

  test("an inline word that is larger than an argument may be", () => {
    const found = outcomes(parserWith(), `SET k ${"x".repeat(1025)}\r\nPING\r\n`);
    expect(found).toEqual(["argument 2 1025", "PING"]);
  });
});
