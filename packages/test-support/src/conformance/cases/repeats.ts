import type { Tensor } from '@gru4rec/program';
import { shapes, type Trial } from '../trial.ts';
import type { OpCase } from './activations.ts';

const lengths = [1, 3, 10];

/** Checks an op for all extents: with items, of which some occur twice, some are in no history and some are −1, and without. */
function eachShape(trial: Trial, check: (label: string, shape: Shape) => void): void {
  for (const [i, { rows, cols }] of shapes.entries()) {
    const k = lengths[i % lengths.length] ?? 1;
    const history = historyOf(trial, cols, k, rows);
    check(`[${rows}, ${cols}], ${k} per column`, { rows, cols, k, history });
    const items = trial.indices(rows, Math.ceil(rows / 2));
    check(`[${rows}, ${cols}], ${k} per column, items`, { rows, cols, k, history, items });
  }
  const none = trial.input({ dtype: 'i32', rows: 3, cols: 2 }, new Int32Array(6).fill(-1));
  const unknown = trial.input({ dtype: 'i32', rows: 4, cols: 1 }, Int32Array.of(-1, 0, -1, 1));
  check('only −1', { rows: 4, cols: 3, k: 2, history: none, items: unknown });
  const far = trial.input({ dtype: 'i32', rows: 2, cols: 2 }, Int32Array.of(2 ** 31 - 1, 7, 2 ** 30, -1));
  const items = trial.input({ dtype: 'i32', rows: 3, cols: 1 }, Int32Array.of(2 ** 30, 2 ** 31 - 1, 7));
  check('far items', { rows: 3, cols: 2, k: 2, history: far, items });
}

interface Shape {
  readonly rows: number;
  readonly cols: number;
  readonly k: number;
  readonly history: Tensor;
  readonly items?: Tensor;
}

/** An input [cols, k] of items below `below`, with −1 at the end of each row but the first, and duplicates. */
function historyOf(trial: Trial, cols: number, k: number, below: number): Tensor {
  const values = Int32Array.from({ length: cols * k }, (_, at) => {
    const [column, place] = [Math.floor(at / k), at % k];
    return column > 0 && place > 0 && place === k - 1 ? -1 : (7 * column + 3 * place) % below;
  });
  return trial.input({ dtype: 'i32', rows: cols, cols: k }, values);
}

export const addRepeats: OpCase = (trial) => {
  const b = trial.builder;
  eachShape(trial, (label, { rows, cols, k, history, items }) => {
    const x = trial.uniform(rows, cols);
    trial.check(label, b.addRepeats(x, trial.uniform(cols, k), history, items));
    if (cols > 1)
      trial.check(`${label}, one row of values`, b.addRepeats(x, trial.uniform(1, k), history, items));
  });
};

export const sumRepeats: OpCase = (trial) => {
  eachShape(trial, (label, { rows, cols, history, items }) => {
    trial.check(label, trial.builder.sumRepeats(trial.uniform(rows, cols), history, items));
  });
};
