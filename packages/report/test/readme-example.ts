import assert from 'node:assert/strict';
import { mapMetrics } from '@gru4rec/metrics';
import { type ComparisonReport, comparisonJson, formatComparison } from '@gru4rec/report';
import { comparisonHtml } from '@gru4rec/report/pages';

const model = (name: string, mrr: number) => ({
  name,
  options: { k: 100 },
  runs: 1,
  results: [
    {
      cutoff: 20,
      ...mapMetrics(() => ({ mean: 1.3 * mrr })),
      recall: { mean: 2 * mrr },
      mrr: { mean: mrr, interval: [mrr - 0.01, mrr + 0.01] as const, ...(mrr < 0.2 ? { p: 0.002 } : {}) },
      coverage: 0.4,
      popularityBias: 1.5,
    },
  ],
  fitSeconds: 1,
  evaluateSeconds: 2,
  memoryMiB: 30,
  byPosition: [{ label: '1', predictions: 900, recall: 0.3, mrr: 0.1 }],
  byPopularity: [],
  byLength: [],
  curves: [],
});
const report: ComparisonReport = {
  title: 'Two models on a small shop',
  origin: { split: 'last day', predictions: 900, seeds: '1' },
  warnings: ['900 predictions are few: figures may change by chance.'],
  breakdownCutoff: 20,
  models: [model('POP', 0.05), model('item-KNN', 0.2)],
};

const text = formatComparison(report, { columns: 100 });
assert.ok(
  text.includes('item-KNN wins: its MRR@20 of 0.2000 is 300.0 % above that of POP, the second, and too'),
);
assert.ok(text.includes('Warning: 900 predictions are few'));

assert.equal(JSON.parse(comparisonJson(report)).formatVersion, 1);
assert.match(comparisonHtml(report), /^<!doctype html>/);
