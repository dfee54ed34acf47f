import type { Metric } from './metric.ts';

/** Reciprocal rank of the best placed relevant item, 0 beyond k: its mean over predictions is MRR@k. */
export const mrr: Metric = {
  label: 'MRR',
  of(ranks, cutoff) {
    let best = Number.POSITIVE_INFINITY;
    for (let index = 0; index < ranks.length; index++) best = Math.min(best, ranks[index]);
    return best <= cutoff ? 1 / best : 0;
  },
};
