import { describe, expect, it } from 'vitest';
import type { ComparisonRow } from '../../src/comparison.ts';
import { summarize } from '../../src/measure.ts';
import { resultsMarkdown } from '../../src/results/markdown.ts';
import { comparison, emptyRun, point } from './rows.ts';

const pageOf = (...comparisons: ComparisonRow[]): string =>
  resultsMarkdown([{ format: 1, name: '2026-01-02-amd', runs: [{ ...emptyRun, comparisons }] }]);

describe('resultsMarkdown', () => {
  it('says where figures come from and how to repeat them', () => {
    const page = pageOf(comparison);
    expect(page).toContain('### 2026-01-02-amd');
    expect(page).toContain('`pnpm --filter benchmark start --suite epoch`');
    expect(page).toContain(
      'AMD EPYC, 2 cores, linux x64, Node v20.19.0, commit abcdef0, 2026-01-02, load 0.25.',
    );
  });

  it('shows goals next to figures, every contestant with its correctness, and missing peers', () => {
    const page = pageOf(comparison);
    expect(page).toContain(
      '| epoch | cross-entropy, 100 units | events/s | 30.0 (28.0–33.0) | 10.0 (9.00–11.0) cornac, 1 thread ' +
        '| **3.00** (2.90–3.10) | ≥ 2×: reached |',
    );
    expect(page).toContain(
      '| cornac, 2 threads | 9.00 | 8.00 | 9.00 | 11.1 % | 3 | loss 8.060 | 700 → 690 |  |',
    );
    expect(page).toContain('loss 8.030, recall 0.1400, 34,320 events');
    expect(page).toContain('- recbole (epoch): could not be installed: no wheel');
  });

  it('shows the engines of a row side by side, the last run of each', () => {
    const other = { ...comparison, engine: '2 threads, avx2 kernels' };
    const again = { ...other, ratio: summarize([6]) };
    const page = pageOf(comparison, other, again);
    expect(page).toContain('| row | 2 threads, SIMD | 2 threads, avx2 kernels |');
    expect(page).toContain(
      '| epoch: cross-entropy, 100 units | 30.0 events/s, **3.00×**, ≥ 2×: reached ' +
        '| 30.0 events/s, **6.00×**, ≥ 2×: reached |',
    );
    expect(pageOf(comparison)).not.toContain('Engines side by side');
    const days = [other, comparison].map((row, day) => {
      const runs = [{ ...emptyRun, comparisons: [row] }];
      return { format: 1 as const, name: `2026-01-0${2 - day}-amd`, runs };
    });
    expect(resultsMarkdown(days).split('Engines side by side')).toHaveLength(2);
  });

  it('shows the memory of processes', () => {
    const process = { seconds: 8, peakMiB: 4_300 };
    const [peer] = comparison.peers;
    const page = pageOf({ ...comparison, peers: peer ? [{ ...peer, process }] : [] });
    expect(page).toContain('loss 8.050; in 8.0 s, 4,300 MiB | 700 → 690 | 4,300 |');
  });

  it('shows worse figures too', () => {
    const ratio = { median: 0.5, min: 0.4, max: 0.6, spread: 0.4, samples: 3 };
    expect(pageOf({ ...comparison, ratio })).toContain('| **0.500** (0.400–0.600) | ≥ 2×: missed |');
  });

  it('puts the remarks of a file above its runs', () => {
    const page = resultsMarkdown([{ format: 1, name: 'x', runs: [emptyRun], remarks: 'What was tried.' }]);
    expect(page).toContain('## x\n\nWhat was tried.\n\n');
  });

  it('shows a row without any peer', () => {
    const { best: _, ratio: __, ...withoutRatio } = comparison;
    expect(pageOf({ ...withoutRatio, peers: [] })).toContain('| none took part | – | ≥ 2×: not measured |');
  });

  it('shows sweeps with their plot, and the text of rows of an earlier form', () => {
    const runs = [{ ...emptyRun, sweep: [point('items', 1_000, 400)] }];
    const page = resultsMarkdown([{ format: 1, name: 'day-machine', runs }]);
    expect(page).toContain('![Time per step for each size](results/day-machine.svg)');
    expect(page).toContain('| items | 1,000 | 400 | 400 | 400 | 0.0 % | 80,000 | 33 | 11.500 | 1 thread |');
    const earlier = [{ ...emptyRun, text: 'sampler, 9 of 99: draws/s' }];
    expect(resultsMarkdown([{ format: 1, name: 'x', runs: earlier }])).toContain(
      'load 0.25.\n\n```\nsampler, 9 of 99: draws/s\n```\n',
    );
  });

  it('says that nothing is recorded', () => {
    expect(resultsMarkdown([])).toContain('No run has been recorded yet.');
  });
});
