/** What became of the requests of a run, by phase and by second: each belongs to when it was to start. */
import { Latencies, type LatencySummary } from "./latencies.ts";

export interface PhaseReport extends LatencySummary {
  readonly name: string;
  readonly seconds: number;
  readonly errors: number;
  /** How many errors had each code. */
  readonly codes: Readonly<Record<string, number>>;
}

export interface SecondReport {
  /** From the start of the run. */
  readonly second: number;
  readonly answered: number;
  readonly errors: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface DriverReport {
  readonly phases: readonly PhaseReport[];
  readonly seconds: readonly SecondReport[];
  /** How late requests were sent: what of their latency is the driver's own. */
  readonly lateness: LatencySummary;
}

/** Whether what the driver's process has sent is such a report. */
export function isDriverReport(report: unknown): report is DriverReport {
  if (typeof report !== "object" || report === null) return false;
  return "phases" in report && Array.isArray(report.phases) && "seconds" in report && "lateness" in report;
}

class Phase {
  readonly name: string;
  readonly startMs: number;
  readonly latencies = new Latencies();
  readonly codes = new Map<string, number>();

  constructor(name: string, startMs: number) {
    this.name = name;
    this.startMs = startMs;
  }
}

interface Second {
  readonly latencies: Latencies;
  errors: number;
}

export class Recorder {
  readonly #startMs: number;
  readonly #phases: [Phase, ...Phase[]];
  readonly #seconds: Second[] = [];
  readonly #lateness = new Latencies();

  constructor(startMs: number, phase: string) {
    this.#startMs = startMs;
    this.#phases = [new Phase(phase, startMs)];
  }

  /** Requests that are to start from now on belong to this phase. */
  beginPhase(name: string, nowMs: number): void {
    this.#phases.push(new Phase(name, nowMs));
  }

  sent(dueMs: number, nowMs: number): void {
    this.#lateness.record(nowMs - dueMs);
  }

  answered(dueMs: number, nowMs: number): void {
    const latencyMs = nowMs - dueMs;
    this.#phaseAt(dueMs).latencies.record(latencyMs);
    this.#secondAt(dueMs).latencies.record(latencyMs);
  }

  failed(dueMs: number, code: string): void {
    const { codes } = this.#phaseAt(dueMs);
    codes.set(code, (codes.get(code) ?? 0) + 1);
    this.#secondAt(dueMs).errors++;
  }

  report(endMs: number): DriverReport {
    return {
      phases: this.#phases.map((phase, index) => {
        const until = this.#phases[index + 1]?.startMs ?? endMs;
        return {
          name: phase.name,
          seconds: (until - phase.startMs) / 1000,
          ...phase.latencies.summary(),
          errors: [...phase.codes.values()].reduce((sum, count) => sum + count, 0),
          codes: Object.fromEntries(phase.codes),
        };
      }),
      seconds: this.#seconds.map(({ latencies, errors }, second) => {
        const { count, p99Ms, maxMs } = latencies.summary();
        return { second, answered: count, errors, p99Ms, maxMs };
      }),
      lateness: this.#lateness.summary(),
    };
  }

  #phaseAt(dueMs: number): Phase {
    for (let at = this.#phases.length - 1; at > 0; at--) {
      const phase = this.#phases[at];
      if (phase !== undefined && phase.startMs <= dueMs) return phase;
    }
    return this.#phases[0];
  }

  #secondAt(dueMs: number): Second {
    const index = Math.max(0, Math.floor((dueMs - this.#startMs) / 1000));
    while (this.#seconds.length <= index) this.#seconds.push({ latencies: new Latencies(), errors: 0 });
    const second = this.#seconds[index];
    if (second === undefined) throw new RangeError(`there is no second ${index}`);
    return second;
  }
}
