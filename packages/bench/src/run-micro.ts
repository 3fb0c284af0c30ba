/** `npm run bench -- micro`: hot functions one by one, by mitata. */
import { do_not_optimize, measure } from "mitata";
import { recordSubjects } from "./micro/record-subjects.ts";
import { ringSubjects } from "./micro/ring-subjects.ts";
import type { Subject } from "./micro/subject.ts";
import { wireSubjects } from "./micro/wire-subjects.ts";
import type { Ground } from "./opponents/opponent.ts";
import { describeMachine, type Machine } from "./report/machine.ts";
import { isChosen } from "./rounds/chosen.ts";

export interface MicroOptions {
  /** How long each function is measured at least. */
  readonly seconds: number;
  /** Parts of names; none: all of them. */
  readonly only: readonly string[];
  readonly onProgress: (text: string) => void;
}

export interface MicroRow {
  readonly name: string;
  readonly on: string;
  /** Of one call; medians and tails over batches of calls. */
  readonly p50Ns: number;
  readonly p99Ns: number;
  readonly minNs: number;
}

export interface Micro {
  readonly kind: "micro";
  /** ISO 8601. */
  readonly at: string;
  readonly machine: Machine;
  /** A function is measured against nobody, so nothing makes a run void. */
  readonly void: null;
  readonly rows: readonly MicroRow[];
}

const NS_OF_SECOND = 1e9;

/** All functions that are measured. */
export function allSubjects(): Subject[] {
  return [...wireSubjects(), ...recordSubjects(), ...ringSubjects()];
}

export async function runMicro({ work }: Ground, options: MicroOptions): Promise<Micro> {
  const rows: MicroRow[] = [];
  for (const { name, on, run } of allSubjects().filter((subject) => isChosen(subject.name, options.only))) {
    options.onProgress(`${name}: ${on}`);
    const found = await measure(() => do_not_optimize(run()), {
      min_cpu_time: options.seconds * NS_OF_SECOND,
    });
    rows.push({ name, on, p50Ns: found.p50, p99Ns: found.p99, minNs: found.min });
  }
  return {
    kind: "micro",
    at: new Date().toISOString(),
    machine: describeMachine(work),
    void: null,
    rows,
  };
}
