import type { ComparisonRow } from '../src/contest.ts';
import { summarize } from '../src/measure.ts';
import type { Report } from '../src/report.ts';

/** A row in which ours is half as fast again as asked for, and another peer is missing. */
export const comparison: ComparisonRow = {
  suite: 'epoch',
  name: 'cross-entropy, 100 units',
  unit: 'events/s',
  better: 'more',
  leastRatio: 2,
  engine: '2 threads, SIMD',
  ours: {
    name: 'ours',
    figure: summarize([28, 30, 33]),
    correctness: { loss: 8.03, recall: 0.14, events: 34_320 },
  },
  peers: [
    { name: 'cornac, 1 thread', figure: summarize([9, 10, 11]), correctness: { loss: 8.05 } },
    { name: 'cornac, 2 threads', figure: summarize([8, 9, 9]), correctness: { loss: 8.06 } },
  ],
  missing: [{ name: 'pandas', problem: 'not installed' }],
  best: 'cornac, 1 thread',
  ratio: summarize([2.9, 3, 3.1]),
  peakMiB: 300,
};

/** A run with nothing in it. */
export const emptyRun: Report = {
  environment: {
    cpu: 'AMD EPYC',
    cores: 2,
    platform: 'linux x64',
    node: 'v20.19.0',
    commit: 'abcdef0',
    date: '2026-01-02',
    load: 0.25,
  },
  comparisons: [],
  command: 'pnpm --filter benchmark start --suite epoch',
};
