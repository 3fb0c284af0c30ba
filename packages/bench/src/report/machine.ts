/** On what a run was made: figures mean nothing without it. */
import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { cpus, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { firstLineOf } from "../processes/run-program.ts";
import type { WorkDirectory } from "../processes/work-directory.ts";
import { median } from "../rounds/statistics.ts";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  readonly node: string;
  /** Of the directory where the data of a run is: append 4 KiB, `fdatasync`. */
  readonly fdatasyncUs: number;
  /** The commit that was measured; empty outside a repository. */
  readonly commit: string;
}

const SYNCS = 50;
const SYNC_BYTES = 4096;
const GIB = 1024 ** 3;

export function describeMachine(work: WorkDirectory): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? "unknown",
    cores: all.length,
    memoryBytes: totalmem(),
    system: `${type()} ${release()}`,
    node: process.versions.node,
    fdatasyncUs: Math.round(measureSync(work)),
    commit: firstLineOf("git", ["rev-parse", "--short", "HEAD"]) ?? "",
  };
}

function measureSync(work: WorkDirectory): number {
  const file = openSync(join(work.root, "sync-probe"), "a");
  try {
    const bytes = Buffer.alloc(SYNC_BYTES, 1);
    const tookUs = Array.from({ length: SYNCS }, () => {
      writeSync(file, bytes);
      const startMs = performance.now();
      fdatasyncSync(file);
      return (performance.now() - startMs) * 1000;
    });
    return median(tookUs);
  } finally {
    closeSync(file);
  }
}

/** One line for people. */
export function machineLine(machine: Machine): string {
  const { cpu, cores, memoryBytes, system, node, fdatasyncUs, commit } = machine;
  const at = commit === "" ? "" : `, commit ${commit}`;
  return `${cores} × ${cpu}, ${Math.round(memoryBytes / GIB)} GiB, ${system}, Node ${node}, fdatasync ${fdatasyncUs} µs${at}`;
}
