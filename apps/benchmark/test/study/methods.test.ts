import { baselineNames, createBaseline } from '@gru4rec/baselines';
import { parseConfig } from '@gru4rec/model';
import type { Parameter } from '@gru4rec/tuning';
import { describe, expect, it } from 'vitest';
import { methods } from '../../src/study/methods.ts';

const two = {
  itemIds: ['a', 'b'],
  support: Int32Array.of(2, 2),
  train: {
    sessionOffsets: Int32Array.of(0, 2, 4),
    items: Int32Array.of(0, 1, 0, 1),
    sessionStartTimes: Float64Array.of(0, 1000),
  },
};

/** Both ends of a parameter, or all of its options. */
function valuesOf(parameter: Parameter): unknown[] {
  if (parameter.type === 'constant') return [parameter.value];
  return parameter.type === 'choice' ? [...parameter.options] : [parameter.low, parameter.high];
}

describe('the methods of the study', () => {
  it('are all baselines, and each loss without and with a repeat bias', () => {
    const ids = methods.map(({ id }) => id);
    expect(ids).toEqual([
      ...baselineNames,
      'gru4rec-cross-entropy',
      'gru4rec-cross-entropy-repeats',
      'gru4rec-bpr-max',
      'gru4rec-bpr-max-repeats',
    ]);
  });

  it('have a repeat bias in no other space', () => {
    const biased = methods.filter(({ space = {} }) => 'repeatBias' in space || 'repeatLength' in space);
    expect(biased.map(({ id }) => id)).toEqual(['gru4rec-cross-entropy-repeats', 'gru4rec-bpr-max-repeats']);
  });

  it.each(methods.map((method) => [method.id, method] as const))('has valid values for %s', (_id, method) => {
    const accept = (values: Record<string, unknown>) =>
      method.family === 'baseline'
        ? createBaseline(method.name, two, values)
        : parseConfig({ ...method.defaults, ...values });
    expect(accept({})).toBeDefined();
    for (const [name, parameter] of Object.entries(method.space ?? {})) {
      for (const value of valuesOf(parameter)) expect(accept({ [name]: value }), name).toBeDefined();
    }
  });
});
