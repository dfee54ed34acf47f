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

/** One value per metric. */
export type PerMetric<T> = Readonly<Record<MetricName, T>>;

/** The keys of all metrics, in the order of tables. */
export const metricNames: readonly MetricName[] = Object.keys(metrics) as MetricName[];

/** One value per metric, keys in the order of the registry. */
export function mapMetrics<T>(of: (name: MetricName) => T): Record<MetricName, T> {
  return Object.fromEntries(metricNames.map((name) => [name, of(name)])) as Record<MetricName, T>;
}
