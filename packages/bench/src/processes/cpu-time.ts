/** The CPU time and memory of processes, from /proc. */
import { readFileSync } from "node:fs";
import { BenchFailure, wordsOf } from "../failure.ts";

/** `USER_HZ`, which Linux has fixed at 100 for everything that /proc shows. */
export const TICK_US = 10_000;

/** Fields of /proc/PID/stat after the name in brackets, counted from the state. */
const FIELD = { utime: 11, stime: 12, cutime: 13, cstime: 14 } as const;

/**
 * User and system time of a process and of its children that have ended, in µs and in steps of 10 ms, from the line of
 * /proc/PID/stat. The name in it may hold spaces and brackets.
 */
export function parseCpuUs(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  let ticks = 0;
  for (const index of Object.values(FIELD)) {
    const field = fields[index] ?? "";
    if (!/^[0-9]+$/.test(field))
      throw new BenchFailure("PROC", `cannot read the process statistics "${stat}"`);
    ticks += Number(field);
  }
  return ticks * TICK_US;
}

/** Memory in RAM, in bytes, from the text of /proc/PID/status. */
export function parseResidentBytes(status: string): number {
  const [, kib] = /^VmRSS:\s+([0-9]+) kB$/m.exec(status) ?? [];
  if (kib === undefined) throw new BenchFailure("PROC", "a process's status does not say its VmRSS");
  return Number(kib) * 1024;
}

/** CPU time of all these processes together, in µs. Fails when one of them is gone. */
export function cpuUsOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + parseCpuUs(read(pid, "stat")), 0);
}

/** Memory of the process, in bytes. */
export function residentBytesOf(pid: number): number {
  return parseResidentBytes(read(pid, "status"));
}

function read(pid: number, file: "stat" | "status"): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch (error) {
    throw new BenchFailure("PROC", `process ${pid}, which was to be measured, is gone (${wordsOf(error)})`);
  }
}
