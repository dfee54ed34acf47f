import type { Tensor } from '@gru4rec/program';
import { heights, type Trial, widths } from '../trial.ts';
import type { OpCase } from './activations.ts';

const lengths = [1, 5, 33, 130];

function none(trial: Trial): Tensor {
  return trial.input({ dtype: 'i32', rows: 3, cols: 1 }, Int32Array.of(-1, -1, -1));
}

export const scatterRows: OpCase = (trial) => {
  const b = trial.builder;
  for (const cols of widths) {
    for (const count of heights) {
      for (const length of lengths) {
        const rows = trial.uniform(length, cols);
        const sums = b.scatterRows(rows, trial.indices(length, count), count);
        trial.check(`${length} to [${count}, ${cols}]`, sums);
      }
    }
    trial.check(`only −1, ${cols}`, b.scatterRows(trial.uniform(3, cols), none(trial), 4));
  }
  const indices = b.concat(trial.indices(5, 9), trial.indices(4, 9));
  trial.check('by joined indices', b.scatterRows(trial.uniform(9, 6), indices, 9));
};

export const mergeRows: OpCase = (trial) => {
  const b = trial.builder;
  for (const cols of widths) {
    for (const length of lengths) {
      // A single index, many duplicates, and a range so large that nearly all indices differ.
      for (const below of [1, 2 + length, 2 ** 31 - 1]) {
        const merged = b.mergeRows(trial.uniform(length, cols), trial.indices(length, below));
        trial.check(`${length} of ${cols}, indices below ${below}`, merged);
      }
    }
    trial.check(`only −1, ${cols}`, b.mergeRows(trial.uniform(3, cols), none(trial)));
  }
  const joined = b.concat(trial.indices(5, 9), trial.indices(4, 9));
  const shared = trial.uniform(9, 6);
  trial.check('by joined indices', b.mergeRows(shared, joined));
  const table = trial.variable('table', 'table', 9, 6);
  trial.check('of gathered rows', b.mergeRows(b.gather(table, joined), joined));
};
