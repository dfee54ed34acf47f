import { checkGradient } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { builder, weightedSum } from '../fixtures.ts';

/** Two places of two columns: item 3 in both, an item of no row, and −1. */
const history = { dtype: 'i32', rows: 2, cols: 3 } as const;
const historyValues = Int32Array.of(3, 0, -1, 9, 3, 3);
const items = { dtype: 'i32', rows: 5, cols: 1 } as const;
const itemValues = Int32Array.of(0, 3, -1, 3, 5);

describe('add-repeats', () => {
  it.each([1, 2])('has its gradient with items, for %i rows of values', (rows) => {
    checkGradient(
      (b, x, values) => {
        const added = b.addRepeats(x, values, b.input('history', history), b.input('items', items));
        return weightedSum(b, b.tanh(added));
      },
      [
        { rows: 5, cols: 2 },
        { rows, cols: 3 },
      ],
      { inputs: { history: historyValues, items: itemValues } },
    );
  });

  it('has its gradient without items, where row i is item i', () => {
    checkGradient(
      (b, x, values) => weightedSum(b, b.tanh(b.addRepeats(x, values, b.input('history', history)))),
      [
        { rows: 10, cols: 2 },
        { rows: 2, cols: 3 },
      ],
      { inputs: { history: historyValues } },
    );
  });

  it('keeps the shape of the scores, and refuses values, histories and items that do not fit', () => {
    const { b, f32, i32 } = builder();
    const past = b.input('history', history);
    expect(b.addRepeats(f32(5, 2), f32(2, 3), past, i32(5))).toMatchObject({ rows: 5, cols: 2 });
    const expected =
      'add-repeats: expected f32 [n, b], f32 [b, k] or [1, k] values, i32 [b, k] history and, if any, i32 [n, 1] items, got';
    expect(() => b.addRepeats(f32(5, 3), f32(2, 3), past)).toThrow(
      `${expected} f32 [5, 3] and f32 [2, 3] and i32 [2, 3]`,
    );
    expect(() => b.addRepeats(f32(5, 2), f32(2, 4), past)).toThrow(expected);
    expect(() => b.addRepeats(f32(5, 2), f32(3, 3), past)).toThrow(expected);
    expect(() => b.addRepeats(f32(5, 2), f32(2, 1), f32(2, 1))).toThrow(expected);
    expect(() => b.addRepeats(f32(5, 2), f32(2, 3), past, i32(4))).toThrow(expected);
    expect(() => b.addRepeats(f32(5, 2), f32(2, 3), past, f32(5, 1))).toThrow(expected);
  });
});

describe('sum-repeats', () => {
  it.each([true, false])('has its gradient, with items: %s', (withItems) => {
    checkGradient(
      (b, x) => {
        const past = b.input('history', history);
        const sums = b.sumRepeats(x, past, withItems ? b.input('items', items) : undefined);
        return weightedSum(b, b.tanh(sums));
      },
      [{ rows: withItems ? 5 : 10, cols: 2 }],
      { inputs: { history: historyValues, ...(withItems && { items: itemValues }) } },
    );
  });

  it('has a value per place of the history, and refuses histories and items that do not fit', () => {
    const { b, f32, i32 } = builder();
    const past = b.input('history', history);
    expect(b.sumRepeats(f32(5, 2), past)).toMatchObject({ dtype: 'f32', rows: 2, cols: 3 });
    const expected =
      'sum-repeats: expected f32 [n, b], i32 [b, k] history and, if any, i32 [n, 1] items, got';
    expect(() => b.sumRepeats(f32(5, 3), past)).toThrow(`${expected} f32 [5, 3] and i32 [2, 3]`);
    expect(() => b.sumRepeats(f32(5, 2), past, i32(6))).toThrow(expected);
  });
});
