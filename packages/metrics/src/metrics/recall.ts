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
