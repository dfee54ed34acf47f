import { describe, expect, it } from 'vitest';
import { createMedianPruner } from '../src/pruner.ts';
import { complete, pruned, reportsOf, running } from './trials.ts';

const curve = (number: number, values: readonly number[]) => ({
  ...complete(number, {}, values.at(-1) ?? 0),
  reports: reportsOf(values),
});
// Means up to step 1: 0.15, 0.25, 0.35.
const trials = [curve(0, [0.1, 0.2]), curve(1, [0.2, 0.3]), curve(2, [0.3, 0.4])];

function isPruned(
  values: readonly number[],
  { others = trials, direction = 'maximize', ...settings }: Record<string, unknown> = {},
): boolean {
  const pruner = createMedianPruner({ startupTrials: 3, ...settings });
  const reports = reportsOf(values);
  return pruner.prune({ direction, reports, trials: others } as Parameters<typeof pruner.prune>[0]);
}

describe('createMedianPruner', () => {
  it('prunes a trial whose best value is worse than the median of the means', () => {
    expect([0.24, 0.26, 0.2].map((best) => isPruned([best, 0.2]))).toEqual([true, false, true]);
    expect(isPruned([0.2, (0.2 + 0.3) / 2])).toBe(false);
    const minimize = { direction: 'minimize' };
    expect([0.24, 0.26].map((best) => isPruned([best, 0.3], minimize))).toEqual([false, true]);
    const four = { others: [...trials, curve(3, [0.4, 0.5])] };
    expect([0.29, 0.31].map((best) => isPruned([best, 0], four))).toEqual([true, false]);
  });

  it('compares only with complete trials that reported at the same step', () => {
    const short = { others: [...trials.slice(0, 2), curve(2, [0.3])] };
    expect([isPruned([0, 0], short), isPruned([0], short)]).toEqual([false, true]);
    const ended = [pruned(2, {}, [0.3, 0.4]), { ...running(3, {}), reports: reportsOf([1, 1]) }];
    expect(isPruned([0, 0], { others: [...trials.slice(0, 2), ...ended] })).toBe(false);
  });

  it('waits for five trials by default, and prunes nothing during the warm-up', () => {
    const many = (count: number) => Array.from({ length: count }, (_, number) => curve(number, [1]));
    const byDefault = { startupTrials: undefined };
    expect(isPruned([0], { ...byDefault, others: many(4) })).toBe(false);
    expect(isPruned([0], { ...byDefault, others: many(5) })).toBe(true);
    const patient = { startupTrials: 1, warmupSteps: 1 };
    expect([isPruned([0], patient), isPruned([0, 0], patient)]).toEqual([false, true]);
  });
});
