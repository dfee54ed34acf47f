import { checkedMetric, isMetric, type Metric } from '@gru4rec/metrics';
import { importDefault } from './import-default.ts';

/** Ranks with which the metrics of a module are tried, before the work. */
const TRIED = [1, 2, 20, 21, Number.POSITIVE_INFINITY];

/**
 * Loads the metric, or the list of metrics, that a module exports by default.
 *
 * @param path - absolute.
 * @param name - of the module, for messages, also of later errors of its metrics.
 * @throws UsageError naming the module if it cannot be loaded or exports something else; Error if a metric throws, or its
 *   value is not from 0 to 1.
 */
export async function loadMetrics(path: string, name: string): Promise<Metric[]> {
  const expected =
    'a metric { label, of(ranks, cutoff) } or a list of them, with new labels, as default export';
  const found = await importDefault(path, { option: '--metrics', name, expected }, isMetrics);
  const own = [found].flat().map((metric) => namedMetric(metric, name));
  for (const metric of own) for (const rank of TRIED) metric.of([rank], 20);
  return own;
}

function isMetrics(value: unknown): value is Metric | Metric[] {
  return Array.isArray(value) ? value.length > 0 && value.every(isMetric) : isMetric(value);
}

/** The metric, whose errors name the module. */
function namedMetric(metric: Metric, name: string): Metric {
  const { label, of } = checkedMetric(metric);
  return {
    label,
    of(ranks, cutoff) {
      try {
        return of(ranks, cutoff);
      } catch (cause) {
        throw new Error(`--metrics ${name} failed`, { cause });
      }
    },
  };
}
