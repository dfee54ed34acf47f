import { describe, expect, it } from 'vitest';
import { createMedianPruner } from '../src/pruner.ts';
import { complete, pruned, reportsOf, running } from './trials.ts';

const curve = (number: number, values: readonly number[]) => ({
  ...complete(number, {}, values.at(-1) ?? 0),
  reports: reportsOf(values),
});
// Means up to step 1: 0.15, 0.25, 0.35.
const trials = [curve(0, [0.1, 0.2]), curve(1, [0.2, 0.3]), curve(2, [0.3, 0.4])];

describe('createMedianPruner', () => {
  const pruner = createMedianPruner({ startupTrials: 3 });

  it('prunes a trial whose best value is worse than the median of the means', () => {
    const below = { direction: 'maximize', reports: reportsOf([0.24, 0.2]), trials } as const;
    expect(pruner.prune(below)).toBe(true);
    expect(pruner.prune({ ...below, reports: reportsOf([0.26, 0.2]) })).toBe(false);
    expect(pruner.prune({ ...below, reports: reportsOf([0.2, (0.2 + 0.3) / 2]) })).toBe(false);
  });

  it('minimises if asked to', () => {
    const request = { direction: 'minimize', reports: reportsOf([0.26, 0.3]), trials } as const;
    expect(pruner.prune(request)).toBe(true);
    expect(pruner.prune({ ...request, reports: reportsOf([0.24, 0.3]) })).toBe(false);
  });

  it('averages the two middle means of an even number', () => {
    const four = [...trials, curve(3, [0.4, 0.5])];
    const at = (value: number) =>
      pruner.prune({ direction: 'maximize', reports: reportsOf([value, 0]), trials: four });
    expect([at(0.29), at(0.31)]).toEqual([true, false]);
  });

  it('compares only with trials that reported at the same step', () => {
    const short = [...trials.slice(0, 2), curve(2, [0.3])];
    expect(pruner.prune({ direction: 'maximize', reports: reportsOf([0, 0]), trials: short })).toBe(false);
    expect(pruner.prune({ direction: 'maximize', reports: reportsOf([0]), trials: short })).toBe(true);
  });

  it('counts only complete trials', () => {
    const others = [
      ...trials.slice(0, 2),
      pruned(2, {}, [0.3, 0.4]),
      { ...running(3, {}), reports: reportsOf([1, 1]) },
    ];
    expect(pruner.prune({ direction: 'maximize', reports: reportsOf([0, 0]), trials: others })).toBe(false);
  });

  it('waits for five trials by default', () => {
    const many = (count: number) => Array.from({ length: count }, (_, number) => curve(number, [1]));
    const reports = reportsOf([0]);
    expect(createMedianPruner().prune({ direction: 'maximize', reports, trials: many(4) })).toBe(false);
    expect(createMedianPruner().prune({ direction: 'maximize', reports, trials: many(5) })).toBe(true);
  });

  it('prunes nothing during the warm-up', () => {
    const patient = createMedianPruner({ startupTrials: 1, warmupSteps: 1 });
    expect(patient.prune({ direction: 'maximize', reports: reportsOf([0]), trials })).toBe(false);
    expect(patient.prune({ direction: 'maximize', reports: reportsOf([0, 0]), trials })).toBe(true);
  });

  it('exposes its settings', () => {
    expect(createMedianPruner().settings).toEqual({ name: 'median', startupTrials: 5, warmupSteps: 0 });
  });
});
