import { checkGradient } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';

describe('checkGradient', () => {
  it('accepts a correct gradient, dense and by rows', () => {
    checkGradient(
      (b, table, weights) => {
        const rows = b.gather(table, b.input('items', { dtype: 'i32', rows: 3, cols: 1 }));
        return b.sum(b.sum(b.tanh(b.matmul(rows, weights)), 1), 0);
      },
      [
        { rows: 4, cols: 3 },
        { rows: 3, cols: 2 },
      ],
      { inputs: { items: Int32Array.of(2, 0, 2) } },
    );
  });

  it('refuses a wrong gradient', () => {
    const build = (b: Parameters<Parameters<typeof checkGradient>[0]>[0], x: Parameters<typeof b.exp>[0]) =>
      b.multiply(b.stopGradient(x), x);
    expect(() => checkGradient(build, [{ rows: 1, cols: 1 }])).toThrow('gradient of parameter 0[0]');
  });
});
