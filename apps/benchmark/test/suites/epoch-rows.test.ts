import { findNativeKernels } from '@gru4rec/kernels-native';
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

  it('depends on the instruction set of native kernels', (context) => {
    const sets = ['avx512', 'avx2'] as const;
    for (const set of sets) {
      const state = findNativeKernels(set);
      if (!state.kernels) context.skip(state.reason);
    }
    const bounds = epochRows.slice(0, 4).map((row) => sets.map((kernels) => goalOf(row, { kernels })?.bound));
    expect(bounds).toEqual([
      [7, 6],
      [4, 3],
      [2.5, 2.5],
      [10, 10],
    ]);
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
