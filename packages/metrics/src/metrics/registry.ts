import type { Metric } from './metric.ts';
import { mrr } from './mrr.ts';
import { ndcg } from './ndcg.ts';
import { recall } from './recall.ts';

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
  readonly own?: Readonly<Record<string, T>>;
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
