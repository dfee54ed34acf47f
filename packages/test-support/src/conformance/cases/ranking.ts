import type { Tensor } from '@gru4rec/program';
import { shapes, type Trial } from '../trial.ts';
import type { OpCase } from './activations.ts';

const sizes = [...shapes, { rows: 130, cols: 5 }, { rows: 700, cols: 34 }];

/** Values with many ties, and both infinities. */
function tied(trial: Trial, rows: number, cols: number): Tensor {
  const values = Float32Array.from({ length: rows * cols }, (_, i) => (i * 7919) % 5);
  values[0] = Number.NEGATIVE_INFINITY;
  values[values.length - 1] = Number.POSITIVE_INFINITY;
  return trial.input({ dtype: 'f32', rows, cols }, values);
}

export const rankCounts: OpCase = (trial) => {
  const b = trial.builder;
  for (const { rows, cols } of sizes) {
    const label = `[${rows}, ${cols}]`;
    trial.check(label, b.rankCounts(trial.uniform(rows, cols), trial.indices(cols, rows)));
    trial.check(`ties of ${label}`, b.rankCounts(tied(trial, rows, cols), trial.indices(cols, rows)));
  }
  const none = trial.input({ dtype: 'i32', rows: 3, cols: 1 }, Int32Array.of(-1, -1, -1));
  trial.check('only −1', b.rankCounts(trial.uniform(4, 3), none));
};

export const topIndices: OpCase = (trial) => {
  const b = trial.builder;
  for (const { rows, cols } of sizes) {
    const [x, ties] = [trial.uniform(rows, cols), tied(trial, rows, cols)];
    for (const k of [1, 5, 40]) {
      trial.check(`${k} of [${rows}, ${cols}]`, b.topIndices(x, k));
      trial.check(`${k} of [${rows}, ${cols}] with ties`, b.topIndices(ties, k));
      trial.check(`${k} of [${rows}, ${cols}] by indices`, b.topIndices(ties, k, trial.indices(cols, rows)));
    }
  }
};

export const topAllowed: OpCase = (trial) => {
  for (const { rows, cols } of sizes) {
    const words = Math.ceil(rows / 32);
    for (const bits of [0, 0x11111111, 0xfffffffe, 0xffffffff]) {
      const allowed = trial.input({ dtype: 'i32', rows: words, cols: 1 }, new Int32Array(words).fill(bits));
      for (const k of [1, 40]) {
        const list = trial.builder.topAllowed(tied(trial, rows, cols), k, allowed);
        trial.check(`${k} of [${rows}, ${cols}], bits ${bits}`, list);
      }
    }
  }
};
