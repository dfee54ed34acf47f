import type { Metric } from './metric.ts';

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
