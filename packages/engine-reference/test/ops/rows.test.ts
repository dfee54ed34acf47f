import { describe, expect, it } from 'vitest';
import { indices, matrix, runOp } from '../run-op.ts';

const rows = matrix([1, 2], [10, 20], [3, 4], [100, 200]);

describe('scatter-rows', () => {
  it('sums the rows of equal indices and skips −1', () => {
    expect(runOp((b, x, i) => b.scatterRows(x, i, 4), rows, indices(2, 0, 2, -1))).toEqual([
      [10, 20],
      [0, 0],
      [1 + 3, 2 + 4],
      [0, 0],
    ]);
  });

  it('names an index outside its rows', () => {
    for (const index of [4, -2]) {
      const act = (): unknown => runOp((b, x, i) => b.scatterRows(x, i, 4), rows, indices(0, 1, index, 0));
      expect(act).toThrow(`scatter-rows: index expected -1 to 3, got ${index}. The table has 4 rows.`);
    }
  });
});

describe('merge-rows', () => {
  it('gives sums in the order in which indices first appear, then zeros', () => {
    expect(runOp((b, x, i) => b.mergeRows(x, i), rows, indices(7, 5, 7, -1))).toEqual([
      [1 + 3, 2 + 4],
      [10, 20],
      [0, 0],
      [0, 0],
    ]);
    expect(runOp((b, x, i) => b.mergeRows(x, i), rows, indices(-1, 9, 0, 9))).toEqual([
      [10 + 100, 20 + 200],
      [3, 4],
      [0, 0],
      [0, 0],
    ]);
  });
});
