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
  for (const cols of widths) {
    trial.check(
      `three per row, ${cols}`,
      b.scatterRows(trial.uniform(10, cols), several(trial, 10, 3, 7), 7),
    );
  }
};

/** An input of k indices below `below` per row, with −1 at the start of a row, at its end, and in all of one. */
function several(trial: Trial, rows: number, k: number, below: number): Tensor {
  const values = Int32Array.from({ length: rows * k }, (_, at) => {
    const [row, place] = [Math.floor(at / k), at % k];
    return row === 1 || (row % 3 === 2 && place === (row % 2) * (k - 1)) ? -1 : (5 * row + 3 * place) % below;
  });
  return trial.input({ dtype: 'i32', rows: rows * k, cols: 1 }, values);
}

export const addRows: OpCase = (trial) => {
  const b = trial.builder;
  for (const cols of [...widths, 64, 100, 137]) {
    for (const [n, k, below] of [
      [1, 1, 1],
      [3, 2, 9],
      [37, 13, 20],
    ] as const) {
      const x = trial.uniform(n, cols);
      const added = b.addRows(x, trial.uniform(below, cols), several(trial, n, k, below));
      trial.check(`${k} of [${below}, ${cols}] per row`, added);
      if (k > 1) trial.check(`${k} of [${below}, ${cols}] per row, beside x`, b.multiply(added, x));
    }
  }
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
    trial.check(`three per row, ${cols}`, b.mergeRows(trial.uniform(10, cols), several(trial, 10, 3, 7)));
  }
  const joined = b.concat(trial.indices(5, 9), trial.indices(4, 9));
  const shared = trial.uniform(9, 6);
  trial.check('by joined indices', b.mergeRows(shared, joined));
  const table = trial.variable('table', 'table', 9, 6);
  trial.check('of gathered rows', b.mergeRows(b.gather(table, joined), joined));
};
