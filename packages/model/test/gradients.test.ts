import type { ProgramBuilder, Tensor } from '@gru4rec/program';
import { checkGradient } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { activate, parseActivation } from '../src/activations.ts';
import { gruResetAfter, gruResetBefore } from '../src/cells/gru.ts';
import { bprMax } from '../src/losses/bpr-max.ts';
import { crossEntropy } from '../src/losses/cross-entropy.ts';
import type { LossInputs } from '../src/losses/loss.ts';

/** Slots and columns of the losses below; the last slot has run out. */
const slots = 3;
const columns = 7;

function lossInputs(b: ProgramBuilder, scores: Tensor): LossInputs {
  const live = b.input('live', { dtype: 'f32', rows: 1, cols: slots });
  const weight = b.input('weight', { dtype: 'f32', rows: columns, cols: 1 });
  return { scores, live, weight };
}

const inputs = {
  live: Float32Array.of(1, 1, 0),
  weight: Float32Array.of(1, 1, 0, 1, 1, 3, 1),
};
const scores = [{ rows: columns, cols: slots }];

describe('losses have the gradient of their value', () => {
  it.each([0, 0.2])('cross-entropy, smoothing %d', (smoothing) => {
    const check = () =>
      checkGradient(
        (b, x) => crossEntropy(b, lossInputs(b, x as Tensor), { batchSize: 4, smoothing }),
        scores,
        { inputs },
      );
    expect(check).not.toThrow();
  });

  it.each(['linear', 'elu-0.5', 'tanh', 'relu', 'leaky-0.2', 'selu-1.05-1.67'])(
    'BPR-max behind %s',
    (act) => {
      const options = { batchSize: 4, bpreg: 1.3, finalAct: parseActivation(act) };
      const check = () =>
        checkGradient((b, x) => bprMax(b, lossInputs(b, x as Tensor), options), scores, { inputs });
      expect(check).not.toThrow();
    },
  );
});

describe('cells have the gradient of their value', () => {
  const [batch, width, units] = [2, 3, 4];
  it.each([
    ['reset-before', gruResetBefore],
    ['reset-after', gruResetAfter],
  ] as const)('gru %s', (_name, cell) => {
    const names = [...cell.gates.map((g) => `W${g}`), ...cell.recurrent, ...cell.biases];
    const shapes = [
      { rows: batch, cols: width },
      { rows: batch, cols: units },
      ...cell.gates.map(() => ({ rows: width, cols: units })),
      ...cell.recurrent.map(() => ({ rows: units, cols: units })),
      ...cell.biases.map(() => ({ rows: 1, cols: units })),
    ];
    const check = () =>
      checkGradient((b, x, state, ...parameters) => {
        const parameter = (name: string): Tensor => parameters[names.indexOf(name)] as Tensor;
        const next = cell.forward(b, {
          project: (weight) => b.matmul(x as Tensor, parameter(weight)),
          state: state as Tensor,
          parameter,
          hiddenAct: parseActivation('tanh'),
        });
        return b.sum(b.sum(activate(b, b.multiply(next, next), parseActivation('tanh')), 0), 1);
      }, shapes);
    expect(check).not.toThrow();
  });
});
