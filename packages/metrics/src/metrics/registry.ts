import type { OptionChecks } from '@gru4rec/checks';
import type { Metric } from './metric.ts';

/** Recall@k: the share of the relevant items among the first k. */
export const recall: Metric = {
  label: 'recall',
  of(ranks, cutoff) {
    let found = 0;
    for (let index = 0; index < ranks.length; index++) if (ranks[index] <= cutoff) found++;
    return found / ranks.length;
  },
};

/** Reciprocal rank of the best placed relevant item, 0 beyond k: its mean over predictions is MRR@k. */
export const mrr: Metric = {
  label: 'MRR',
  of(ranks, cutoff) {
    let best = Number.POSITIVE_INFINITY;
    for (let index = 0; index < ranks.length; index++) best = Math.min(best, ranks[index]);
    return best <= cutoff ? 1 / best : 0;
  },
};

/**
 * nDCG@k, each relevant item of gain 1; with one relevant item the ideal gain is 1.
 *
 * nDCG = Σ 1 / log₂(rank + 1) / Σᵢ 1 / log₂(i + 1), i from 1 to min(k, items)          (Järvelin, Kekäläinen 2002)
 */
export const ndcg: Metric = {
  label: 'nDCG',
  secondary: true,
  of(ranks, cutoff) {
    let gain = 0;
    let ideal = 0;
    for (let index = 0; index < ranks.length; index++) {
      gain += gainAt(ranks[index], cutoff);
      ideal += gainAt(index + 1, cutoff);
    }
    return gain / ideal;
  },
};

function gainAt(rank: number, cutoff: number): number {
  return rank <= cutoff ? 1 / Math.log2(rank + 1) : 0;
}

/** The metrics by their key in results, in the order of tables. */
export const metrics = {
  recall: recall as Metric,
  mrr: mrr as Metric,
  ndcg: ndcg as Metric,
};

/** Key of a metric in results. */
export type MetricName = keyof typeof metrics;

/** One value per metric: those of the registry, and by label those of the caller. */
export type PerMetric<T> = Readonly<Record<MetricName, T>> & {
  /** Absent without metrics of the caller. */
  readonly own?: Readonly<Record<string, T>> | undefined;
};

/** The keys of all metrics, in the order of tables. */
export const metricNames: readonly MetricName[] = Object.keys(metrics) as MetricName[];

/** One value per metric, keys in the order of the registry. */
export function mapMetrics<T>(of: (name: MetricName) => T): Record<MetricName, T> {
  return Object.fromEntries(metricNames.map((name) => [name, of(name)])) as Record<MetricName, T>;
}

/** The value of a metric by its key, or by its label if it is one of the caller's. */
export function metricAt<T>(values: PerMetric<T>, name: string): T {
  return (values.own && Object.hasOwn(values.own, name) ? values.own[name] : values[name as MetricName]) as T;
}

/** One value per metric, from a list in the order of the registry, then of the caller's metrics. */
export function perMetric<T>(values: readonly T[], own: readonly Metric[] = []): PerMetric<T> {
  const ofRegistry = mapMetrics((name) => values[metricNames.indexOf(name)]);
  if (own.length === 0) return ofRegistry;
  const labelled = own.map(({ label }, index) => [label, values[metricNames.length + index]]);
  return { ...ofRegistry, own: Object.fromEntries(labelled) };
}

/** Metrics of the caller, beside those of the registry. */
export interface MetricOptions {
  /** Metrics of one target per prediction, each with its own label. Their values are in `own`, by label. */
  readonly metrics?: readonly Metric[] | undefined;
}

const taken: readonly string[] = metricNames.flatMap((name) => [name, metrics[name].label.toLowerCase()]);

export const metricChecks: OptionChecks<MetricOptions> = {
  metrics: {
    expected: `array of metrics, each with a function "of" and its own "label", not ${metricNames.join(', ')}`,
    fits: (value) => Array.isArray(value) && value.every(isMetric) && distinct(value),
  },
};

/** Safe in every kind of report. */
const LABEL = /^[\p{L}\p{N}][\p{L}\p{N} .+_-]{0,39}$/u;

/** Whether a value is a metric, with a label of letters, digits and ` .+-_`, that is not in the registry. */
export function isMetric(value: unknown): value is Metric {
  const { label, of } = (value ?? {}) as Partial<Metric>;
  const named = typeof label === 'string' && LABEL.test(label) && !taken.includes(label.toLowerCase());
  return named && typeof of === 'function';
}

function distinct(own: readonly Metric[]): boolean {
  return new Set(own.map(({ label }) => label)).size === own.length;
}

/** The metrics of the registry, then those of the caller, whose values are checked. */
export function allMetrics(own: readonly Metric[] = []): Metric[] {
  return [...metricNames.map((name) => metrics[name]), ...own.map(checkedMetric)];
}

/** A metric of the caller that throws a RangeError for values that are not from 0 to 1. */
export function checkedMetric(metric: Metric): Metric {
  const { label } = metric;
  return {
    label,
    of(ranks, cutoff) {
      const value = metric.of(ranks, cutoff);
      if (value >= 0 && value <= 1) return value;
      throw new RangeError(
        `metrics: "${label}" expected a number from 0 to 1, got ${value} for rank ${ranks[0]} and cutoff ${cutoff}.`,
      );
    },
  };
}
