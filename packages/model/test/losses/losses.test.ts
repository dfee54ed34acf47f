import { ProgramBuilder } from '@gru4rec/program';
import { describe, expect, it } from 'vitest';
import { type LossName, losses } from '../../src/losses/registry.ts';
import { reference } from '../tiny-data.ts';
import { type AppendLoss, lossInputs, lossWith } from './loss-cases.ts';

interface Case {
  /** scores[n][b]: column n of slot b. */
  scores: number[][];
  weight: number[];
  live: number[];
  correction?: number[];
  /** own[n][b]: whether column n is slot b's own target. */
  own?: number[][];
}

function lossOf(given: Case, loss: AppendLoss): number {
  const b = new ProgramBuilder('loss');
  const shape = { rows: given.scores.length, cols: given.live.length };
  const scores = b.input('scores', { dtype: 'f32', ...shape });
  b.output('loss', loss(b, { scores, ...lossInputs(b, shape, Object.keys(given)) }));
  const values = Object.fromEntries(
    Object.entries(given).map(([name, v]) => [name, Float32Array.from((v as (number | number[])[]).flat())]),
  );
  return reference.load([b.build()]).run('loss', values).loss?.[0] ?? Number.NaN;
}

const { exp, log, tanh } = Math;
const sigmoid = (x: number): number => 1 / (1 + exp(-x));

/** Rows, which need a line each in a literal. */
const list = (...rows: number[][]): number[][] => rows;

const twoSlots: Case = { scores: list([2, 0], [1, 3], [0, 1]), weight: [1, 1, 1], live: [1, 1] };

describe('crossEntropy', () => {
  it('is −log softmax of its own column, summed and divided by the batch size', () => {
    const first = -2 + log(exp(2) + exp(1) + exp(0));
    const second = -3 + log(exp(0) + exp(3) + exp(1));
    expect(lossOf(twoSlots, lossWith('cross-entropy', { batchSize: 4 }))).toBeCloseTo(
      (first + second) / 4,
      12,
    );
  });

  it('leaves out a finished slot and its column', () => {
    const dead = { ...twoSlots, weight: [1, 0, 1], live: [1, 0] };
    const loss = lossOf(dead, lossWith('cross-entropy', { batchSize: 2 }));
    expect(loss).toBeCloseTo((-2 + log(exp(2) + exp(0))) / 2, 12);
  });

  it('counts a merged column with its weight', () => {
    const merged = { scores: [[2], [1]], weight: [1, 3], live: [1] };
    const loss = lossOf(merged, lossWith('cross-entropy'));
    expect(loss).toBeCloseTo(-2 + log(exp(2) + 3 * exp(1)), 12);
  });

  it('subtracts the logQ correction from the scores', () => {
    const corrected = { scores: [[2], [1]], weight: [1, 1], live: [1], correction: [1, 3] };
    const loss = lossOf(corrected, lossWith('cross-entropy'));
    expect(loss).toBeCloseTo(-1 + log(exp(1) + exp(-2)), 12);
  });

  it('divides the scores by the temperature, but not the correction', () => {
    const corrected = { scores: [[2], [1]], weight: [1, 1], live: [1], correction: [1, 3] };
    const loss = lossOf(corrected, lossWith('cross-entropy', { temperature: 0.5 }));
    expect(loss).toBeCloseTo(-3 + log(exp(3) + exp(-1)), 12);
  });

  it('compares the target with only the hardest negatives', () => {
    const given = { scores: [[0], [3], [-1], [2], [9]], weight: [1, 1, 1, 2, 0], live: [1] };
    const of = (hardNegatives: number) => lossOf(given, lossWith('cross-entropy', { hardNegatives }));
    expect(of(1)).toBeCloseTo(log(exp(0) + exp(3)), 12);
    expect(of(2)).toBeCloseTo(log(exp(0) + exp(3) + 2 * exp(2)), 12);
    for (const all of [0, 3, 4, 5, 9]) {
      expect(of(all)).toBeCloseTo(log(exp(0) + exp(3) + exp(-1) + 2 * exp(2)), 12);
    }
  });

  it('chooses them per slot, among the targets of other slots too, with all that equal the last', () => {
    const given = { scores: list([5, 1], [1, -7], [2, 1], [2, 0]), weight: [1, 1, 1, 1], live: [1, 1] };
    const loss = lossOf(given, lossWith('cross-entropy', { batchSize: 1, hardNegatives: 1 }));
    const [first, second] = [-5 + log(exp(5) + 2 * exp(2)), 7 + log(exp(-7) + 2 * exp(1))];
    expect(loss).toBeCloseTo(first + second, 12);
  });

  it('spreads ε/(N − 1) over all columns with smoothing', () => {
    const [epsilon, n] = [0.3, 3];
    const total = log(exp(2) + exp(1) + exp(0));
    const logs = [2 - total, 1 - total, 0 - total];
    const all = logs.reduce((sum, x) => sum + x, 0);
    const expected = -(
      (1 - (n / (n - 1)) * Math.fround(epsilon)) * (logs[0] ?? 0) +
      (epsilon / (n - 1)) * all
    );
    const smooth = { scores: [[2], [1], [0]], weight: [1, 1, 1], live: [1] };
    const loss = lossOf(smooth, lossWith('cross-entropy', { smoothing: epsilon }));
    expect(loss).toBeCloseTo(expected, 6);
  });
});

describe('bpr', () => {
  it('is the sum of −log σ(d − s) over all columns, including its own', () => {
    const first = -log(sigmoid(2 - 2)) - log(sigmoid(2 - 1)) - log(sigmoid(2 - 0));
    const second = -log(sigmoid(3 - 0)) - log(sigmoid(3 - 3)) - log(sigmoid(3 - 1));
    const options = { batchSize: 4 };
    expect(lossOf(twoSlots, lossWith('bpr', options))).toBeCloseTo((first + second) / 4, 12);
  });

  it('compares scores after the final activation', () => {
    const given = { scores: [[0.5], [-1]], weight: [1, 3], live: [1] };
    const expected = log(2) - 3 * log(sigmoid(tanh(0.5) - tanh(-1)));
    const options = { finalAct: 'tanh' };
    expect(lossOf(given, lossWith('bpr', options))).toBeCloseTo(expected, 12);
  });
});

describe('top1', () => {
  it('is the mean of σ(s − d) + σ(s²) over all columns, without σ(d²)', () => {
    const first = sigmoid(0) + (sigmoid(1 - 2) + sigmoid(1)) + (sigmoid(0 - 2) + sigmoid(0));
    const second = sigmoid(0 - 3) + sigmoid(0) + sigmoid(0) + (sigmoid(1 - 3) + sigmoid(1));
    const options = { batchSize: 4 };
    expect(lossOf(twoSlots, lossWith('top1', options))).toBeCloseTo((first + second) / 3 / 4, 12);
  });

  it('averages the columns with weight', () => {
    const dead = { ...twoSlots, weight: [1, 0, 2], live: [1, 0] };
    const expected = (sigmoid(0) + 2 * (sigmoid(0 - 2) + sigmoid(0))) / 3;
    const options = { batchSize: 1 };
    expect(lossOf(dead, lossWith('top1', options))).toBeCloseTo(expected, 12);
  });
});

describe('top1Max', () => {
  it('weights σ(s − d) + σ(s²) by the softmax without its own column', () => {
    const [d, s1, s2] = [2, 1, 0.5];
    const [e1, e2] = [exp(s1), exp(s2)];
    const ahead = (s: number): number => sigmoid(s - d) + sigmoid(s ** 2);
    const expected = (e1 * ahead(s1) + e2 * ahead(s2)) / (e1 + e2);
    const given = { scores: [[d], [s1], [s2]], weight: [1, 1, 1], live: [1] };
    const options = { batchSize: 1 };
    expect(lossOf(given, lossWith('top1-max', options))).toBeCloseTo(expected, 12);
  });
});

describe('bprMax', () => {
  it('weights σ(d − s) and s² by the softmax without its own column', () => {
    const [d, s1, s2] = [2, 1, 0.5];
    const [e1, e2] = [exp(s1), exp(s2)];
    const [w1, w2] = [e1 / (e1 + e2), e2 / (e1 + e2)];
    const wins = w1 * sigmoid(d - s1) + w2 * sigmoid(d - s2);
    const expected = -log(wins + 1e-24) + 1.5 * (w1 * s1 ** 2 + w2 * s2 ** 2);
    const options = { bpreg: 1.5 };
    const given = { scores: [[d], [s1], [s2]], weight: [1, 1, 1], live: [1] };
    expect(lossOf(given, lossWith('bpr-max', options))).toBeCloseTo(expected, 12);
  });
});

describe('over every item', () => {
  // Two slots, three items: targets with weight 0, then items. The first slot's target is the last item,
  // the second's the first one.
  const everyItem: Case = {
    scores: list([2, 1], [0.5, 3], [0.5, 3], [1, 0], [2, 1]),
    weight: [0, 0, 1, 1, 1],
    live: [1, 1],
    own: list([1, 0], [0, 1], [0, 1], [0, 0], [1, 0]),
  };
  const options = { batchSize: 1, bpreg: 1.5, smoothing: 0.1 };
  const all = (Object.keys(losses) as LossName[]).map((name) => [name, lossWith(name, options)] as const);

  it.each(all)('%s equals the loss with all other items as samples', (_name, loss) => {
    const first = { scores: [[2], [0.5], [1]], weight: [1, 1, 1], live: [1] };
    const second = { scores: [[3], [0], [1]], weight: [1, 1, 1], live: [1] };
    expect(lossOf(everyItem, loss)).toBeCloseTo(lossOf(first, loss) + lossOf(second, loss), 12);
  });

  it.each(all)('%s leaves out a finished slot', (_name, loss) => {
    // No item is its target; its scores are those of no row.
    const own = list([1, 0], [0, 1], [0, 0], [0, 0], [1, 0]);
    const first = { scores: [[2], [0.5], [1]], weight: [1, 1, 1], live: [1] };
    expect(lossOf({ ...everyItem, own, live: [1, 0] }, loss)).toBeCloseTo(lossOf(first, loss), 12);
  });
});
