/** Who uses the machine: what is measured, or somebody else. */
import { existsSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { cpuUsOf, parseCpuUs, TICK_US } from "./cpu-time.ts";

/** Fields of the first line of /proc/stat that are time in which a CPU did nothing. */
const IDLE = 3;
const WAITING = 4;
/** Time of guests is counted under user time too. */
const COUNTED = 8;

/** CPU time that has been used on this machine since it started, in µs of all CPUs, from the text of /proc/stat. */
export function parseBusyUs(text: string): number {
  const [, line = ""] = /^cpu +(.*)$/m.exec(text) ?? [];
  return line
    .split(" ")
    .slice(0, COUNTED)
    .reduce((sum, ticks, at) => (at === IDLE || at === WAITING ? sum : sum + Number(ticks) * TICK_US), 0);
}

export interface MachineUse {
  /** Of all CPUs together. */
  readonly busyUs: number;
  /** Of this process and its children that have ended, which drive the load. */
  readonly ownUs: number;
  readonly atMs: number;
}

function machineUse(): MachineUse {
  return {
    busyUs: parseBusyUs(readFileSync("/proc/stat", "utf8")),
    ownUs: parseCpuUs(readFileSync("/proc/self/stat", "utf8")),
    atMs: performance.now(),
  };
}

/**
 * The part of the machine, 0 .. 1, that neither we nor the servers used between two looks. `serversUs`: the CPU time of
 * all servers meanwhile.
 */
export function othersShare(from: MachineUse, to: MachineUse, serversUs: number, cores: number): number {
  const capacityUs = (to.atMs - from.atMs) * 1000 * cores;
  const othersUs = to.busyUs - from.busyUs - (to.ownUs - from.ownUs) - serversUs;
  return Math.max(0, othersUs / capacityUs);
}

/** Watches the machine from when it is made. */
export class MachineWatch {
  readonly #from = machineUse();
  /** By process: what it had used then. */
  readonly #servers: ReadonlyMap<number, number>;

  constructor(pids: readonly number[]) {
    this.#servers = new Map(pids.map((pid) => [pid, cpuUsOf([pid])]));
  }

  /** The part of the machine that others have used since. What a server used that has ended since counts as theirs. */
  othersShare(): number {
    let serversUs = 0;
    for (const [pid, startUs] of this.#servers)
      if (existsSync(`/proc/${pid}`)) serversUs += cpuUsOf([pid]) - startUs;
    return othersShare(this.#from, machineUse(), serversUs, cpus().length);
  }
}
