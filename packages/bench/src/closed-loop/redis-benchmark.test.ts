import { describe, expect, it } from "vitest";
import { benchmarkWords, parseBenchmarkCsv, type RespLoad } from "./redis-benchmark.ts";

const load: RespLoad = {
  operation: "set",
  depth: 16,
  valueBytes: 4,
  route: "spread",
  connections: 60,
  keys: 100_000,
};

describe("parseBenchmarkCsv", () => {
  const head =
    '"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"';

  it("reads the row below the head, whatever was printed before", () => {
    const out = `Cluster has 3 master nodes:\n\n${head}\n"SET","34602.08","0.8","0.1","0.711","1.1","2.255","9.0"\n`;
    expect(parseBenchmarkCsv(out)).toEqual({ perSecond: 34602.08, p50Ms: 0.711, p99Ms: 2.255 });
  });

  it("is not misled by a command with commas and spaces", () => {
    const out = `${head}\n"SET a,b c XX","10.00","1","1","2.000","3","4.000","5"\n`;
    expect(parseBenchmarkCsv(out).perSecond).toBe(10);
  });

  it("refuses what has no figures", () => {
    expect(() => parseBenchmarkCsv("Could not connect")).toThrow(/printed no rps/);
    expect(() => parseBenchmarkCsv(`${head}\n`)).toThrow(/printed no rps/);
  });
});

describe("benchmarkWords", () => {
  it("asks for a built-in test where there is one", () => {
    expect(benchmarkWords(load, 7401, 20, 500, []).join(" ")).toBe(
      "-p 7401 -c 20 -n 500 -P 16 -d 4 -r 100000 --csv -t set",
    );
  });

  it("divides the keys of a client that knows slots among the masters, since it has one tag for each", () => {
    const words = benchmarkWords({ ...load, operation: "get", route: "slots" }, 7401, 60, 500, []);
    expect(words.join(" ")).toBe("-p 7401 -c 60 -n 500 -P 16 -d 4 -r 33334 --csv --cluster -t get");
  });

  it("puts key and value into the words of a server", () => {
    const words = benchmarkWords({ ...load, operation: "set-os" }, 1, 2, 3, ["PUT", "KEY", "VALUE", "OS"]);
    expect(words.slice(-4)).toEqual(["PUT", "key:__rand_int__", "xxxx", "OS"]);
    const bySlot = benchmarkWords({ ...load, operation: "set-if", route: "slots" }, 1, 2, 3, []);
    expect(bySlot.slice(-4)).toEqual(["SET", "key:{tag}:__rand_int__", "xxxx", "XX"]);
  });
});
