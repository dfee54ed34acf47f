import { type Evaluation, metricNames } from '@gru4rec/metrics';
import { describe, expect, it } from 'vitest';
import { parseContenders } from '../src/contenders/contender.ts';
import { checkGates, judgeGates, parseGate } from '../src/gates.ts';
import { describeGate } from '../src/index.ts';
import type { ContenderRuns } from '../src/run-contenders.ts';

describe('parseGate', () => {
  it.each([
    ['a >= b recall@20', { left: 'a', operator: '>=', right: 'b', metric: 'recall', cutoff: 20, margin: 0 }],
    ['models/new > s-knn:neighbours=5 mrr@5 - 0.005', { right: 's-knn:neighbours=5', margin: -0.005 }],
    ['GRU4Rec new >= POP ndcg@10 + .01', { left: 'GRU4Rec new', metric: 'ndcg', margin: 0.01 }],
    ['  a >= b recall@20-0.5 ', { text: 'a >= b recall@20-0.5', margin: -0.5 }],
  ])('parses %j', (text, expected) => {
    expect(parseGate(text)).toMatchObject(expected);
  });

  it.each(['a >= b', 'a = b recall@20', 'a >= b hits@20', ''])('refuses %j', (text) => {
    expect(() => parseGate(text)).toThrow(
      `--gate expected "A >= B recall@20", "A > B mrr@20 - 0.005", with a metric of ${metricNames.join(', ')}, got ${JSON.stringify(text)}`,
    );
  });
});

describe('checkGates', () => {
  const contenders = parseContenders(['pop', 'sr:steps=3']);
  const context = { contenders, cutoffs: [5, 20], intervals: true };
  const check = (text: string, more = {}) => checkGates([parseGate(text)], { ...context, ...more });

  it('accepts texts of the command line and names in tables', () => {
    expect(() => check('sr:steps=3 > POP recall@5')).not.toThrow();
    expect(() => check('SR (steps=3) >= pop recall@20', { intervals: false })).not.toThrow();
  });

  it.each([
    [
      'sr >= pop recall@5',
      {},
      '--gate sr >= pop recall@5 expected contenders of --models (pop, sr:steps=3), got sr',
    ],
    ['pop >= pop mrr@7', {}, '--gate pop >= pop mrr@7 expected a length of --cutoffs (5, 20), got 7'],
    ['pop > pop mrr@5', { intervals: false }, 'expected intervals, which --protocol remaining'],
  ])('refuses %j', (text, more, message) => {
    expect(() => check(text, more)).toThrow(message);
  });
});

/** A contender whose targets in 400 sessions of one prediction have these ranks. */
function ranked(text: string, rankOf: (session: number) => number): ContenderRuns {
  const rank = Float64Array.from({ length: 400 }, (_, session) => rankOf(session));
  const hits = rank.filter((r) => r <= 20);
  const evaluation = {
    tieRule: 'standard',
    results: [{ cutoff: 20, recall: hits.length / 400, mrr: hits.reduce((sum, r) => sum + 1 / r, 0) / 400 }],
    ranks: {
      rank,
      equal: new Int32Array(400).fill(1),
      target: new Int32Array(400),
      position: new Int32Array(400).fill(1),
      session: Int32Array.from(rank.keys()),
      sessionLengths: new Int32Array(400).fill(2),
    },
  } as unknown as Evaluation;
  const [contender] = parseContenders([text]);
  return { contender, name: text, runs: [{ evaluation }] } as unknown as ContenderRuns;
}

describe('judgeGates', () => {
  // Hits in 200, 204 and 280 of 400 sessions.
  const contenders = [
    ranked('pop', (s) => (s % 2 === 0 ? 1 : 30)),
    ranked('sr', (s) => (s % 2 === 0 || s % 100 === 1 ? 1 : 30)),
    ranked('ar', (s) => (s % 10 < 7 ? 1 : 30)),
  ];
  const bootstrap = { resamples: 200, seed: 1 };
  const judge = (text: string) => judgeGates([parseGate(text)], contenders, bootstrap)[0];

  it.each([
    ['pop >= sr recall@20 - 0.01', true],
    ['pop >= sr recall@20 - 0.009', false],
    ['sr >= pop recall@20 + 0.01', true],
    ['sr >= pop recall@20 + 0.011', false],
    ['ar > pop recall@20 + 0.1', true],
    ['ar > pop recall@20 + 0.19', false],
    ['sr > sr recall@20 - 0.001', true],
    ['pop > sr recall@20 - 0.03', true],
    ['pop > sr recall@20 - 0.01', false],
  ])('decides %j, >= by the means and > by the interval', (text, passed) => {
    expect(judge(text)?.passed).toBe(passed);
  });

  it('describes the difference and its interval', () => {
    const found = judge('pop >= ar recall@20');
    expect(found && describeGate(found)).toMatch(
      /^pop >= ar recall@20 failed: −0\.2000, 95 % −0\.\d{4} to −0\.\d{4}$/,
    );
    const [plain] = judgeGates([parseGate('ar >= pop mrr@20')], contenders, undefined);
    expect(plain && describeGate(plain)).toBe('ar >= pop mrr@20 passed: +0.2000');
  });
});
