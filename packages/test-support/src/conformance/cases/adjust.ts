import type { Tensor } from '@gru4rec/program';
import { shapes, type Trial } from '../trial.ts';
import type { OpCase } from './activations.ts';

const lengths = [1, 3, 10];

export const adjust: OpCase = (trial) => {
  const check = (label: string, x: Tensor, rows: Tensor): void => {
    const values = () => trial.uniform(rows.rows, rows.cols);
    trial.check(label, trial.builder.adjust(x, rows, values(), values()));
  };
  for (const [i, { rows, cols }] of shapes.entries()) {
    const adjusted = rowsBelow(trial, cols, lengths[i % lengths.length] ?? 1, rows);
    check(`[${rows}, ${cols}], ${adjusted.cols} per column`, trial.uniform(rows, cols), adjusted);
  }
  const none = trial.input({ dtype: 'i32', rows: 3, cols: 2 }, new Int32Array(6).fill(-1));
  check('only −1', trial.uniform(4, 3), none);
};

/** An input [cols, k] of rows below `below`, different ones per column, with −1 for the rest and between them. */
function rowsBelow(trial: Trial, cols: number, k: number, below: number): Tensor {
  const values = Int32Array.from({ length: cols * k }, (_, at) => {
    const [column, place] = [Math.floor(at / k), at % k];
    return place > below ? -1 : ((7 * column + place) % (below + 1)) - 1;
  });
  return trial.input({ dtype: 'i32', rows: cols, cols: k }, values);
}
