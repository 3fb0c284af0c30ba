/** The table of the micro-benchmarks. */
import type { Micro } from "../run-micro.ts";
import { machineLine } from "./machine.ts";
import { markdownTable } from "./markdown.ts";

/** Three digits that matter. */
export function nanoseconds(ns: number): string {
  return ns >= 100 ? ns.toFixed(0) : ns.toPrecision(3);
}

export function microText({ at, machine, rows }: Micro): string {
  const table = markdownTable(
    ["function", "works on", "median ns", "p99 ns", "fastest ns"],
    ["left", "left", "right", "right", "right"],
    rows.map(({ name, on, p50Ns, p99Ns, minNs }) => [name, on, ...[p50Ns, p99Ns, minNs].map(nanoseconds)]),
  );
  return `${at.slice(0, 10)}; ${machineLine(machine)}.\n\n${table}\n`;
}
