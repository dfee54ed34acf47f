import type { Tensor } from '@gru4rec/program';
import { shapes, type Trial } from '../trial.ts';
import type { OpCase } from './activations.ts';

const lengths = [1, 3, 10];

/** Checks an op for all extents. */
function eachShape(trial: Trial, check: (label: string, x: Tensor, history: Tensor) => void): void {
  for (const [i, { rows, cols }] of shapes.entries()) {
    const history = historyOf(trial, cols, lengths[i % lengths.length] ?? 1, rows);
    check(`[${rows}, ${cols}], ${history.cols} per column`, trial.uniform(rows, cols), history);
  }
  const none = trial.input({ dtype: 'i32', rows: 3, cols: 2 }, new Int32Array(6).fill(-1));
  check('only −1', trial.uniform(4, 3), none);
}

/** An input [cols, k] of rows below `below`, with −1 at the end of each row but the first, and duplicates. */
function historyOf(trial: Trial, cols: number, k: number, below: number): Tensor {
  const values = Int32Array.from({ length: cols * k }, (_, at) => {
    const [column, place] = [Math.floor(at / k), at % k];
    return column > 0 && place > 0 && place === k - 1 ? -1 : (7 * column + 3 * place) % below;
  });
  return trial.input({ dtype: 'i32', rows: cols, cols: k }, values);
}

export const addRepeats: OpCase = (trial) => {
  eachShape(trial, (label, x, history) => {
    trial.check(label, trial.builder.addRepeats(x, trial.uniform(history.rows, history.cols), history));
  });
};

export const sumRepeats: OpCase = (trial) => {
  eachShape(trial, (label, x, history) => trial.check(label, trial.builder.sumRepeats(x, history)));
};
