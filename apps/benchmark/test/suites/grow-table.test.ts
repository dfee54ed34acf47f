import { RandomStream } from '@gru4rec/random';
import { expect, it } from 'vitest';
import { growTable } from '../../src/suites/grow-table.ts';

it('adds differences of neighbours to rows of a table', () => {
  const random = new RandomStream(3, 'grow-table-test');
  const [trained, cols, rows] = [40, 5, 1000];
  const given = Float32Array.from({ length: trained * cols }, () => random.nextFloat());
  const { values, from } = growTable(given, cols, rows, 1);
  expect(values.subarray(0, given.length)).toEqual(given);
  expect(from.subarray(0, trained)).toEqual(Int32Array.from({ length: trained }, (_, row) => row));
  const spread = (table: Float32Array) => {
    const mean = table.reduce((sum, x) => sum + x, 0) / table.length;
    return Math.sqrt(table.reduce((sum, x) => sum + (x - mean) ** 2, 0) / table.length);
  };
  expect(values).toHaveLength(rows * cols);
  expect(from.every((row) => row >= 0 && row < trained)).toBe(true);
  // Neighbours are nearer than other rows, so a grown row is nearer to its own than that is to others.
  expect(spread(values) / spread(given)).toBeGreaterThan(1);
  expect(spread(values) / spread(given)).toBeLessThan(1.2);
  expect(growTable(given, cols, rows, 1)).toEqual({ values, from });
  expect(growTable(given, cols, rows, 2).values).not.toEqual(values);
});

it('repeats the row of a table that has one', () => {
  expect(growTable(Float32Array.of(1, 2), 2, 3, 1).values).toEqual(Float32Array.of(1, 2, 1, 2, 1, 2));
});
