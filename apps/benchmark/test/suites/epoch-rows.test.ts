import { parseConfig } from '@gru4rec/model';
import { describe, expect, it } from 'vitest';
import { epochRows, goalOf } from '../../src/suites/epoch-rows.ts';

describe('epochRows', () => {
  it.each(epochRows.map((row) => [row.name, row] as const))('%s is a valid configuration', (_, row) => {
    const config = parseConfig(row.config);
    expect([config.gru, config.sessionOrder, config.nEpochs]).toEqual(['reset-after', 'shuffled', 1]);
  });

  it('has different names', () => {
    expect(new Set(epochRows.map(({ name }) => name)).size).toBe(epochRows.length);
  });
});

describe('goalOf', () => {
  it('asks for less without relaxed SIMD', () => {
    const [row] = epochRows;
    const bounds = [{}, { relaxed: true }, { relaxed: false }].map(
      (engine) => row && goalOf(row, engine)?.bound,
    );
    expect(bounds).toEqual([5.4, 5.4, 4]);
  });

  it('asks for something else of TensorFlow, and for nothing of a GPU', () => {
    const bounds = (name: 'tensorflow' | 'cuda') =>
      epochRows.slice(0, 3).map((row) => goalOf(row, { name })?.bound);
    expect([bounds('tensorflow'), bounds('cuda')]).toEqual([
      [3, 1.2, undefined],
      [undefined, undefined, undefined],
    ]);
  });
});
