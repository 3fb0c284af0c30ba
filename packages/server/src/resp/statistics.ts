/**
 * What INFO counts: since the start, or since CONFIG RESETSTAT. The counters themselves only go up, for Prometheus
 * reads the same; what they were at the reset is taken off here.
 */
import type { BucketCounts } from "../observability/fixed-histogram.ts";
import type { CommandCounts, CommandMeter } from "./command-meter.ts";
import type { FaceStats } from "./session.ts";

export class Statistics {
  readonly #meter: Pick<CommandMeter, "read">;
  readonly #stats: Readonly<FaceStats>;
  #commandsThen: ReadonlyMap<string, CommandCounts> = new Map();
  #statsThen: Readonly<FaceStats> | null = null;

  constructor(meter: Pick<CommandMeter, "read">, stats: Readonly<FaceStats>) {
    this.#meter = meter;
    this.#stats = stats;
  }

  reset(): void {
    this.#commandsThen = new Map(this.#meter.read().map((counts) => [counts.command, counts]));
    this.#statsThen = { ...this.#stats };
  }

  /** Of every command that has been answered since, in order of name. */
  commands(): CommandCounts[] {
    const all = this.#meter.read().map((now) => {
      const then = this.#commandsThen.get(now.command);
      return then === undefined ? now : countsSince(now, then);
    });
    return all.filter(({ latency }) => latency.count > 0);
  }

  /** `connections` are those that are open now. */
  face(): FaceStats {
    const { connections, ...now } = this.#stats;
    const then = this.#statsThen;
    if (then === null) return { connections, ...now };
    return {
      connections,
      connectionsReceived: now.connectionsReceived - then.connectionsReceived,
      connectionsRefused: now.connectionsRefused - then.connectionsRefused,
      connectionsClosed: now.connectionsClosed - then.connectionsClosed,
      commandsShed: now.commandsShed - then.commandsShed,
      commands: now.commands - then.commands,
      bytesIn: now.bytesIn - then.bytesIn,
      bytesOut: now.bytesOut - then.bytesOut,
    };
  }
}

function countsSince(now: CommandCounts, then: CommandCounts): CommandCounts {
  const before = new Map(then.outcomes.map(({ outcome, count }) => [outcome, count]));
  return {
    command: now.command,
    outcomes: now.outcomes
      .map(({ outcome, count }) => ({ outcome, count: count - (before.get(outcome) ?? 0) }))
      .filter(({ count }) => count > 0),
    rejected: now.rejected - then.rejected,
    latency: bucketsSince(now.latency, then.latency),
  };
}

function bucketsSince(now: BucketCounts, then: BucketCounts): BucketCounts {
  return {
    cumulative: now.cumulative.map((count, bucket) => count - (then.cumulative[bucket] ?? 0)),
    count: now.count - then.count,
    sumSeconds: now.sumSeconds - then.sumSeconds,
  };
}
