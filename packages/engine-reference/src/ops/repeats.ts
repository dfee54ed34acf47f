import type { Kernel, Matrix } from '../matrix.ts';

/** Calls `found` for each column c, place j of its history and row i with history[c, j] = items[i]. */
function eachRepeat(
  rows: number,
  history: Matrix,
  items: Matrix | undefined,
  found: (row: number, column: number, place: number) => void,
): void {
  for (let i = 0; i < rows; i++) {
    const item = items ? items.data[i] : i;
    if (item < 0) continue;
    for (let at = 0; at < history.data.length; at++) {
      if (history.data[at] === item) found(i, Math.floor(at / history.cols), at % history.cols);
    }
  }
}

/** out = x, and out[i, c] += values[c, j] where history[c, j] = items[i]. */
export const addRepeats: Kernel = (out, [x, values, history, items]) => {
  out.data.set(x.data);
  eachRepeat(x.rows, history, items, (row, column, place) => {
    const from = values.rows === 1 ? 0 : column;
    out.data[row * x.cols + column] += values.data[from * values.cols + place];
  });
};

/** out[c, j] += x[i, c] where history[c, j] = items[i]. */
export const sumRepeats: Kernel = (out, [x, history, items]) => {
  eachRepeat(x.rows, history, items, (row, column, place) => {
    out.data[column * out.cols + place] += x.data[row * x.cols + column];
  });
};
