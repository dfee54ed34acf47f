import { mapMetrics, metrics, type PerMetric } from '../src/metrics/registry.ts';

/** The mean of every metric over predictions of one item, by the ranks of the items. */
export function measured(ranks: readonly number[], cutoff: number): PerMetric<number> {
  return mapMetrics((name) => {
    const sum = ranks.reduce((total, rank) => total + metrics[name].of([rank], cutoff), 0);
    return sum / ranks.length;
  });
}
