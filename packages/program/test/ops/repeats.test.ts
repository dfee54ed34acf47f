import { describe, expect, it } from 'vitest';
import { builder, weightedSum } from '../fixtures.ts';

const history = { dtype: 'i32', rows: 2, cols: 3 } as const;

describe('add-repeats', () => {
  it('keeps the shape of the scores, and refuses values and histories that do not fit', () => {
    const { b, f32 } = builder();
    const past = b.input('history', history);
    expect(b.addRepeats(f32(5, 2), f32(2, 3), past)).toMatchObject({ rows: 5, cols: 2 });
    const expected = 'add-repeats: expected f32 [n, b], f32 [b, k] values and i32 [b, k] history, got';
    expect(() => b.addRepeats(f32(5, 3), f32(2, 3), past)).toThrow(
      `${expected} f32 [5, 3] and f32 [2, 3] and i32 [2, 3]`,
    );
    expect(() => b.addRepeats(f32(5, 2), f32(2, 4), past)).toThrow(expected);
    expect(() => b.addRepeats(f32(5, 2), f32(1, 3), past)).toThrow(expected);
    expect(() => b.addRepeats(f32(5, 2), f32(2, 1), f32(2, 1))).toThrow(expected);
  });

  it('has no gradient', () => {
    const { b } = builder();
    const x = b.variable('x', 'parameter', 5, 2);
    const added = b.addRepeats(x, b.constant(1, 2, 3), b.input('history', history));
    expect(() => b.gradients(weightedSum(b, added))).toThrow(
      'differentiate: op add-repeats has no gradient. Put it under stopGradient.',
    );
  });
});

describe('sum-repeats', () => {
  it('has a value per place of the history, and refuses histories that do not fit', () => {
    const { b, f32 } = builder();
    const past = b.input('history', history);
    expect(b.sumRepeats(f32(5, 2), past)).toMatchObject({ dtype: 'f32', rows: 2, cols: 3 });
    expect(() => b.sumRepeats(f32(5, 3), past)).toThrow(
      'sum-repeats: expected f32 [n, b] and i32 [b, k] history, got f32 [5, 3] and i32 [2, 3]',
    );
  });
});
