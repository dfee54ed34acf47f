import { describe, expect, it } from 'vitest';
import { indices, matrix, runOp } from '../run-op.ts';

const table = matrix([1, 2], [3, 4], [5, 6]);

describe('gather', () => {
  it('gathers rows, some twice, and zeros for −1', () => {
    const rows = runOp((b, t, i) => b.gather(t, i), table, indices(2, -1, 0, 2));
    expect(rows).toEqual([
      [5, 6],
      [0, 0],
      [1, 2],
      [5, 6],
    ]);
  });

  it('gathers from a table of indices', () => {
    expect(runOp((b, t, i) => b.gather(t, i), indices(9, 8, 7), indices(1, 2))).toEqual([[8], [7]]);
  });

  it('names an index outside the table and its rows', () => {
    for (const index of [3, -2]) {
      const act = (): unknown => runOp((b, t, i) => b.gather(t, i), table, indices(0, index));
      expect(act).toThrow(
        new RangeError(`gather: index expected -1 to 2, got ${index}. The table has 3 rows.`),
      );
    }
  });
});
