import { describe, expect, it } from "vitest";
import { latin1Encode } from "../base/utf8.ts";
import { engineConformance } from "./engine.conformance.ts";
import { DeferredWork } from "./deferred-work.fixture.ts";
import { MemoryEngine } from "./memory-engine.ts";
import { VITEST } from "./suite.fixture.ts";

engineConformance(
  "the memory engine",
  () =>
    Promise.resolve({
      engine: new MemoryEngine((_, __, deliver) => setImmediate(deliver)),
      close: () => Promise.resolve(),
    }),
  VITEST,
);

const nobody = { onEngine: () => undefined, onRows: () => undefined };

function texts(rows: Iterable<readonly [Uint8Array, Uint8Array]>): string[] {
  return [...rows].map(([key, value]) => `${String.fromCharCode(...key)}=${String.fromCharCode(...value)}`);
}

describe("what is left of a memory engine", () => {
  const a = latin1Encode("a");
  const b = latin1Encode("b");
  const one = latin1Encode("1");
  const two = latin1Encode("2");

  it("is what was flushed and as many of the later writes as are kept", () => {
    const work = new DeferredWork();
    const engine = new MemoryEngine(work.defer);
    engine.write([a], [one], nobody, 0);
    engine.flush(nobody, 0);
    work.drain();
    engine.write([a, b], [two, two], nobody, 0);
    engine.deleteRange(a, b, nobody, 0);
    engine.write([b], [null], nobody, 0);
    work.drain();
    expect(engine.unflushedWrites).toBe(3);
    expect([0, 1, 2, 3, Number.POSITIVE_INFINITY].map((kept) => texts(engine.remains(kept)))).toEqual([
      ["a=1"],
      ["a=2", "b=2"],
      ["b=2"],
      [],
      [],
    ]);
    expect(texts(new MemoryEngine(work.defer, engine.remains(1)).remains(0))).toEqual(["a=2", "b=2"]);
  });

  it("does not hold writes that were never answered", () => {
    const work = new DeferredWork();
    const engine = new MemoryEngine(work.defer);
    engine.write([a], [one], nobody, 0);
    expect(engine.rowCount).toBe(0);
    expect(engine.remains(Number.POSITIVE_INFINITY)).toEqual([]);
  });

  it("a flush covers what was called before it, and nothing later", () => {
    const work = new DeferredWork();
    const engine = new MemoryEngine(work.defer);
    engine.write([a], [one], nobody, 0);
    engine.flush(nobody, 0);
    engine.write([b], [two], nobody, 0);
    work.step(1);
    expect(engine.unflushedWrites).toBe(0);
    work.step(1);
    work.step(0);
    expect(engine.unflushedWrites).toBe(1);
    expect(texts(engine.remains(0))).toEqual(["a=1"]);
  });
});

it("a spoilt value is damaged where it lies, also after a power cut", () => {
  const work = new DeferredWork();
  const engine = new MemoryEngine(work.defer);
  const key = latin1Encode("a");
  engine.write([key], [latin1Encode("12")], nobody, 0);
  engine.flush(nobody, 0);
  work.drain();
  expect(engine.spoil(key, 3)).toBe(true);
  expect(engine.spoil(latin1Encode("b"), 0)).toBe(false);
  expect(texts(engine.remains(0))).toEqual(["a=1r"]);
});
