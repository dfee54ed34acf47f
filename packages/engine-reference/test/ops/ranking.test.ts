import { describe, expect, it } from 'vitest';
import { indices, matrix, runOp } from '../run-op.ts';

describe('rank-counts', () => {
  it('counts greater and equal rows, the row itself included', () => {
    const x = matrix([3, 1], [1, 1], [2, 1], [1, 1]);
    expect(runOp((b, v, t) => b.rankCounts(v, t), x, indices(1, 0))).toEqual([
      [2, 0],
      [2, 4],
    ]);
  });

  it('counts nothing for −1, not even NaN', () => {
    const x = matrix([1, Number.NaN], [2, 0]);
    expect(runOp((b, v, t) => b.rankCounts(v, t), x, indices(-1, -1))).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  it('names the first NaN row', () => {
    const x = matrix([1], [2], [Number.NaN], [Number.NaN]);
    expect(runOp((b, v, t) => b.rankCounts(v, t), x, indices(0))).toEqual([[Number.NaN], [2]]);
  });

  it('names an index outside the rows', () => {
    expect(() => runOp((b, v, t) => b.rankCounts(v, t), matrix([1], [2]), indices(2))).toThrow(
      new RangeError('rank-counts: index expected -1 to 1, got 2. The table has 2 rows.'),
    );
  });
});

describe('top-indices', () => {
  it('lists the greatest first, equal ones by row, then −1', () => {
    const x = matrix([1, -Infinity], [2, Infinity], [2, Infinity]);
    expect(runOp((b, v) => b.topIndices(v, 4), x)).toEqual([
      [1, 1],
      [2, 2],
      [0, 0],
      [-1, -1],
    ]);
  });

  it('lists nothing in a column whose index is −1', () => {
    const x = matrix([1, 2], [3, 4]);
    expect(runOp((b, v, t) => b.topIndices(v, 2, t), x, indices(-1, 0))).toEqual([
      [-1, 1],
      [-1, 0],
    ]);
  });

  it('lists at most k', () => {
    expect(runOp((b, v) => b.topIndices(v, 1), matrix([1], [3], [2]))).toEqual([[1]]);
  });
});
