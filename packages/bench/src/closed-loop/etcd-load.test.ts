import { expect, it } from "vitest";
import { etcdBenchmarkWords, parseCheckPerf, parseEtcdBenchmark } from "./etcd-load.ts";

const summary = `
Summary:
  Total:	2.2143 secs.
  Slowest:	0.1012 secs.
  Requests/sec:	4516.1234

Latency distribution:
  10% in 0.0060 secs.
  50% in 0.0096 secs.
  99% in 0.0668 secs.
  99.9% in 0.0990 secs.
`;

it("reads the summary of etcd's benchmark", () => {
  expect(parseEtcdBenchmark(summary)).toEqual({ perSecond: 4516.1234, p50Ms: 9.6, p99Ms: 66.8 });
  expect(() => parseEtcdBenchmark("Error: no endpoints")).toThrow(/printed no/);
});

it("reads check perf, whether the cluster was fast enough or not", () => {
  expect(parseCheckPerf("PASS: Throughput is 14999 writes/s\n")).toBe(14_999);
  expect(parseCheckPerf("FAIL: Throughput too low: 3401 writes/s\nPASS: Stddev is 0.01s")).toBe(3401);
  expect(() => parseCheckPerf("FAIL: error")).toThrow(/no throughput/);
});

it("names every member to the tool", () => {
  expect(etcdBenchmarkWords([1, 2], 60, 256, 100, 5000)).toEqual([
    "--endpoints=127.0.0.1:1,127.0.0.1:2",
    "--clients=60",
    "--conns=60",
    "put",
    "--total=5000",
    "--val-size=256",
    "--key-size=16",
    "--key-space-size=100",
  ]);
});
