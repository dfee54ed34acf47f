import { heights, type Trial, widths } from '../trial.ts';
import type { OpCase } from './activations.ts';

export const gather: OpCase = (trial) => {
  for (const cols of widths) {
    for (const tableRows of heights) {
      for (const length of [1, 5, 33]) {
        const table = trial.uniform(tableRows, cols);
        const rows = trial.builder.gather(table, trial.indices(length, tableRows));
        trial.check(`${length} of [${tableRows}, ${cols}]`, rows);
      }
    }
  }
  const none = trial.input({ dtype: 'i32', rows: 3, cols: 1 }, Int32Array.of(-1, -1, -1));
  trial.check('only −1', trial.builder.gather(trial.variable('only-missing', 'table', 4, 5), none));
  gatherIndices(trial);
  gatherThenMatmul(trial);
};

function gatherIndices(trial: Trial): void {
  const table = trial.input({ dtype: 'i32', rows: 4, cols: 1 }, Int32Array.of(9, 8, 7, 6));
  trial.check('an index table', trial.builder.gather(table, trial.indices(6, 4)));
}

/** Products of gathered rows, which engines may fuse with the gather. */
function gatherThenMatmul(trial: Trial): void {
  const b = trial.builder;
  for (const [rows, inner, cols] of [
    [7, 10, 5],
    [33, 100, 18],
    [4, 18, 70],
  ] as const) {
    const table = trial.variable(`table ${rows}`, 'table', 40, inner);
    const gathered = b.gather(table, trial.indices(rows, 40));
    const label = `[${rows}, ${inner}], ${cols}`;
    trial.check(`rows · x ${label}`, b.matmul(gathered, trial.uniform(inner, cols, -0.5, 0.5)));
    trial.check(
      `rows · xᵀ ${label}`,
      b.matmul(gathered, trial.uniform(cols, inner, -0.5, 0.5), { transposeB: true }),
    );
    trial.check(
      `x · rowsᵀ ${label}`,
      b.matmul(trial.uniform(cols, inner, -0.5, 0.5), gathered, { transposeB: true }),
    );
    trial.check(`x · rows ${label}`, b.matmul(trial.uniform(cols, rows, -0.5, 0.5), gathered));
    trial.check(
      `rowsᵀ · x ${label}`,
      b.matmul(gathered, trial.uniform(rows, cols, -0.5, 0.5), { transposeA: true }),
    );
    const others = b.gather(table, trial.indices(cols, 40));
    trial.check(`rows · rowsᵀ ${label}`, b.matmul(gathered, others, { transposeB: true }));
  }
}
