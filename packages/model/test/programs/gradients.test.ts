import type { ProgramBuilder, Tensor } from '@gru4rec/program';
import { checkGradient } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { gruResetAfter, gruResetBefore } from '../../src/cells/gru.ts';
import { lstm } from '../../src/cells/lstm.ts';
import { rnn } from '../../src/cells/rnn.ts';
import { bpr } from '../../src/losses/bpr.ts';
import { bprMax } from '../../src/losses/bpr-max.ts';
import { crossEntropy } from '../../src/losses/cross-entropy.ts';
import type { LossInputs } from '../../src/losses/loss.ts';
import type { PairwiseOptions } from '../../src/losses/pairwise-loss.ts';
import { top1 } from '../../src/losses/top1.ts';
import { top1Max } from '../../src/losses/top1-max.ts';
import { parseActivation } from '../../src/programs/activations.ts';

/** B slots, the last of which has run out, and N columns of the losses below. */
const [B, N] = [3, 7];

/** The columns of a loss: how often each counts and, with every item, which are the slots' own. */
interface Columns {
  readonly weight: Float32Array;
  readonly own?: Float32Array;
}

/** Targets and four samples, one of which counts three times. */
const sampled: Columns = { weight: Float32Array.of(1, 1, 0, 1, 1, 3, 1) };

/** Targets, which weigh nothing, and four items: both live slots' targets are the second, the third slot has none. */
const everyItem: Columns = {
  weight: Float32Array.of(0, 0, 0, 1, 1, 1, 1),
  own: Float32Array.from([1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0]),
};

const live = Float32Array.of(1, 1, 0);

/** Expects a loss to have the gradient of its value by the scores. */
function checkLoss(columns: Columns, loss: (b: ProgramBuilder, inputs: LossInputs) => Tensor): void {
  const build = (b: ProgramBuilder, scores?: Tensor): Tensor => {
    const input = (name: string, rows: number, cols: number): Tensor =>
      b.input(name, { dtype: 'f32', rows, cols });
    const own = columns.own ? { own: input('own', N, B) } : {};
    const given = { scores: scores as Tensor, live: input('live', 1, B), weight: input('weight', N, 1) };
    return loss(b, { ...given, ...own });
  };
  checkGradient(build, [{ rows: N, cols: B }], { inputs: { ...columns, live } });
}

const finalActs = ['linear', 'relu', 'tanh', 'sigmoid', 'leaky-0.2', 'elu-0.5', 'selu-1.05-1.67'];
const pairwise: Readonly<Record<string, (b: ProgramBuilder, i: LossInputs, o: PairwiseOptions) => Tensor>> = {
  bpr,
  top1,
  'bpr-max': (b, inputs, options) => bprMax(b, inputs, { ...options, bpreg: 1.3 }),
  'top1-max': top1Max,
};

describe('losses have the gradient of their value', () => {
  it.each([0, 0.2])('cross-entropy, smoothing %d', (smoothing) => {
    for (const columns of [sampled, { weight: everyItem.weight }]) {
      const loss = (b: ProgramBuilder, inputs: LossInputs): Tensor =>
        crossEntropy(b, inputs, { batchSize: 4, smoothing });
      expect(() => checkLoss(columns, loss)).not.toThrow();
    }
  });

  describe.each(Object.entries(pairwise))('%s', (_name, loss) => {
    it.each(finalActs)('over targets and samples, behind %s', (act) => {
      const options = { batchSize: 4, finalAct: parseActivation(act) };
      expect(() => checkLoss(sampled, (b, inputs) => loss(b, inputs, options))).not.toThrow();
    });

    it.each(finalActs)('over every item, behind %s', (act) => {
      const options = { batchSize: 4, finalAct: parseActivation(act) };
      expect(() => checkLoss(everyItem, (b, inputs) => loss(b, inputs, options))).not.toThrow();
    });
  });
});

describe('cells have the gradient of their value', () => {
  /** B slots, E inputs, H units. */
  const [B, E, H] = [2, 3, 4];

  describe.each([
    ['gru reset-before', gruResetBefore],
    ['gru reset-after', gruResetAfter],
    ['lstm', lstm],
    ['rnn', rnn],
  ] as const)('%s', (_name, cell) => {
    const names = [...cell.gates.map((g) => `W${g}`), ...cell.recurrent, ...cell.biases];
    const shapes = [
      { rows: B, cols: E },
      ...cell.states.map(() => ({ rows: B, cols: H })),
      ...cell.gates.map(() => ({ rows: E, cols: H })),
      ...cell.recurrent.map(() => ({ rows: H, cols: H })),
      ...cell.biases.map(() => ({ rows: 1, cols: H })),
    ];

    it.each(['tanh', 'relu', 'elu-0.5'])('with hiddenAct %s', (hiddenAct) => {
      const build = (b: ProgramBuilder, x?: Tensor, ...own: Tensor[]): Tensor => {
        const states = own.slice(0, cell.states.length);
        const parameters = own.slice(cell.states.length);
        const parameter = (name: string): Tensor => parameters[names.indexOf(name)] as Tensor;
        const next = cell.forward(b, {
          project: (weight) => b.matmul(x as Tensor, parameter(weight)),
          state: (name) => states[cell.states.indexOf(name)] as Tensor,
          parameter,
          hiddenAct: parseActivation(hiddenAct),
        });
        const squares = next.map((state) => b.sum(b.sum(b.tanh(b.multiply(state, state)), 0), 1));
        return squares.reduce((sum, x) => b.add(sum, x));
      };
      expect(() => checkGradient(build, shapes)).not.toThrow();
    });
  });
});
