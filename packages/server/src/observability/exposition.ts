/** The text that Prometheus reads. prom-client writes it; it is given what was counted elsewhere, only when asked. */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Family } from "./family.ts";
import { BUCKET_SECONDS, type BucketCounts } from "./fixed-histogram.ts";

export interface HistogramRow {
  readonly labels: Readonly<Record<string, string>>;
  readonly counts: BucketCounts;
}

export interface HistogramFamily {
  readonly name: string;
  readonly help: string;
  readonly rows: readonly HistogramRow[];
}

export const EXPOSITION_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

interface CountedValues {
  readonly name: string;
  readonly help: string;
  readonly type: "histogram";
  readonly values: readonly {
    readonly metricName: string;
    readonly labels: Readonly<Record<string, string | number>>;
    readonly value: number;
  }[];
}

/** A histogram whose buckets have been counted already. */
class CountedHistogram extends Histogram {
  readonly #family: HistogramFamily;

  constructor(family: HistogramFamily) {
    super({ name: family.name, help: family.help, buckets: [...BUCKET_SECONDS], registers: [] });
    this.#family = family;
  }

  /** What the registry writes as it is. */
  async getForPromString(): Promise<CountedValues> {
    const { name, help, rows } = this.#family;
    const values = rows.flatMap(({ labels, counts }) => [
      ...counts.cumulative.map((value, index) => ({
        metricName: `${name}_bucket`,
        labels: { ...labels, le: BUCKET_SECONDS[index] ?? 0 },
        value,
      })),
      { metricName: `${name}_bucket`, labels: { ...labels, le: "+Inf" }, value: counts.count },
      { metricName: `${name}_sum`, labels, value: counts.sumSeconds },
      { metricName: `${name}_count`, labels, value: counts.count },
    ]);
    return { name, help, type: "histogram", values };
  }
}

/** Families without samples are left out. Of two families with one name the first is told: a page without one number is better than no page. */
export function exposition(
  families: readonly Family[],
  histograms: readonly HistogramFamily[],
): Promise<string> {
  const registry = new Registry();
  for (const { name, help, kind, samples } of families) {
    if (samples.length === 0 || registry.getSingleMetric(name) !== undefined) continue;
    const labelNames = [...new Set(samples.flatMap(({ labels }) => Object.keys(labels)))];
    const parts = { name, help, labelNames, registers: [registry] };
    const metric = kind === "counter" ? new Counter(parts) : new Gauge(parts);
    for (const { labels, value } of samples) metric.inc(labels, value);
  }
  for (const family of histograms) registry.registerMetric(new CountedHistogram(family));
  return registry.metrics();
}
