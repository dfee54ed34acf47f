import type { Tensor } from '@gru4rec/program';
import { shapes, type Trial } from '../trial.ts';

/** Adds the values of one op to compare to a trial. */
export type OpCase = (trial: Trial) => void;

const aroundZero = [-1e-3, -1e-5, -1e-7, -0, 0, 1e-7, 1e-5, 1e-3];
const large = [-1e4, -100, -88, -20, -5, 5, 20, 88, 100, 1e4];

function elementWise(
  apply: (trial: Trial, x: Tensor) => Tensor,
  { low = -3, high = 3, extremes = [] as readonly number[] } = {},
): OpCase {
  return (trial) => {
    for (const { rows, cols } of shapes) {
      trial.check(`[${rows}, ${cols}]`, apply(trial, trial.uniform(rows, cols, low, high)));
    }
    if (extremes.length > 0) trial.check('extremes', apply(trial, trial.row(extremes)));
  };
}

export const sigmoid: OpCase = elementWise((t, x) => t.builder.sigmoid(x), { extremes: large });

export const tanh: OpCase = (trial) => {
  elementWise((t, x) => t.builder.tanh(x), { extremes: large })(trial);
  // 1.2e-7 is the float32 spacing at 1, the accuracy near zero of a formula that uses e^2x.
  trial.check('near zero', trial.builder.tanh(trial.row(aroundZero)), { absolute: 1.2e-7, relative: 1e-6 });
};

export const step: OpCase = elementWise((t, x) => t.builder.step(x), { extremes: [...aroundZero, ...large] });
export const relu: OpCase = elementWise((t, x) => t.builder.relu(x), { extremes: [...aroundZero, ...large] });

export const leakyRelu: OpCase = (trial) => {
  for (const alpha of [0, 0.2, 1]) {
    for (const { rows, cols } of shapes) {
      const x = trial.uniform(rows, cols, -3, 3);
      trial.check(`[${rows}, ${cols}], alpha ${alpha}`, trial.builder.leakyRelu(x, alpha));
    }
  }
};

export const elu: OpCase = (trial) => {
  for (const alpha of [0.5, 1, 1.67]) {
    for (const { rows, cols } of shapes) {
      const x = trial.uniform(rows, cols, -3, 3);
      trial.check(`[${rows}, ${cols}], alpha ${alpha}`, trial.builder.elu(x, alpha));
    }
    trial.check(`extremes, alpha ${alpha}`, trial.builder.elu(trial.row([...aroundZero, ...large]), alpha));
  }
};

export const exp: OpCase = elementWise((t, x) => t.builder.exp(x), {
  extremes: [...aroundZero, -1e4, -100, -88, -20, 20, 80, 88],
});
export const log: OpCase = elementWise((t, x) => t.builder.log(x), {
  low: 0.01,
  high: 4,
  extremes: [1e-30, 1e-24, 1e-6, 0.999, 1, 1.001, 1e6, 1e30],
});
export const sqrt: OpCase = elementWise((t, x) => t.builder.sqrt(x), {
  low: 0,
  high: 4,
  extremes: [0, 1e-30, 1e-6, 1, 1e6, 1e30],
});
