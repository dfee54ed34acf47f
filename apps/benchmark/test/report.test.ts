import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ComparisonRow } from '../src/contest.ts';
import { summarize } from '../src/measure.ts';
import { describeWork, formatReport, type Report, recordRun } from '../src/report.ts';

/** A row in which ours is half as fast again as asked for, and another peer is missing. */
const comparison: ComparisonRow = {
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
const emptyRun: Report = {
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

describe('describeWork', () => {
  it('puts counts before their name and shares after it', () => {
    expect(describeWork({ correctness: { loss: 8.0307, stepsPerSecond: 183.57, events: 34_320 } })).toBe(
      'loss 8.031, steps per second 183.6, 34,320 events',
    );
  });

  it('adds time and memory if the contestant had its own process', () => {
    const { ours } = comparison;
    expect(describeWork({ ...ours, process: { seconds: 71.26, peakMiB: 4300.4 } })).toBe(
      'loss 8.030, recall 0.1400, 34,320 events; in 71.3 s, 4,300 MiB',
    );
  });
});

describe('formatReport', () => {
  const lines = (report: Parameters<typeof formatReport>[0]) =>
    formatReport(report)
      .split('\n')
      .map((line) => line.replace(/[ |]+/g, ' ').trim());

  it('has the environment, a line per row, a line per contestant, and who is missing', () => {
    const text = lines({ ...emptyRun, comparisons: [comparison] });
    expect(text[0]).toBe(
      'AMD EPYC, 2 cores, linux x64, Node v20.19.0, commit abcdef0, 2026-01-02, load 0.25',
    );
    for (const line of [
      'epoch cross-entropy, 100 units events/s 30.0 (28.0–33.0) 10.0 (9.00–11.0) cornac, 1 thread **3.00** (2.90–3.10) ≥ 2×: reached',
      'cross-entropy, 100 units ours, 2 threads, SIMD 30.0 28.0 33.0 16.7 % 3 loss 8.030, recall 0.1400, 34,320 events 300',
      'cross-entropy, 100 units cornac, 2 threads 9.00 8.00 9.00 11.1 % 3 loss 8.060',
      '- pandas (epoch): not installed',
    ])
      expect(text).toContain(line);
  });
});

describe('recordRun', () => {
  it('adds runs to the section of their day and machine, the newest section first', () => {
    const folder = mkdtempSync(join(tmpdir(), 'benchmark-record-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const page = join(folder, 'RESULTS.md');
    writeFileSync(page, '# Results\n\n### Other\n\n## Speed\n\nMedians.\n\n### 2026-01-01-amd\n\nOld.\n');
    const run = (command: string) => recordRun({ ...emptyRun, command, comparisons: [comparison] }, page);
    expect(run('one')).toBe('recorded in 2026-01-02-amd-epyc-2-cores of RESULTS.md');
    run('two');
    const lines = readFileSync(page, 'utf8').split('\n');
    expect(lines.filter((line) => /^(#|`|[A-Z])/.test(line) && !line.startsWith('Peers'))).toEqual([
      ...['# Results', '### Other', '## Speed', 'Medians.', '### 2026-01-02-amd-epyc-2-cores', '`one`'],
      'AMD EPYC, 2 cores, linux x64, Node v20.19.0, commit abcdef0, 2026-01-02, load 0.25',
      '`two`',
      'AMD EPYC, 2 cores, linux x64, Node v20.19.0, commit abcdef0, 2026-01-02, load 0.25',
      ...['### 2026-01-01-amd', 'Old.'],
    ]);
    expect(lines.map((line) => line.replace(/ +/g, ' '))).toContain(
      '| epoch | cross-entropy, 100 units | events/s | 30.0 (28.0–33.0) | 10.0 (9.00–11.0) cornac, 1 thread | **3.00** (2.90–3.10) | ≥ 2×: reached |',
    );
  });
});
