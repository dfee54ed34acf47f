import { describe, expect, it } from 'vitest';
import type { PrepareProgress } from '../src/options.ts';
import { ProgressReporter, type Step } from '../src/progress.ts';

async function progressOf(stepsOf: (progress: ProgressReporter) => readonly Step[]): Promise<string[]> {
  const seen: PrepareProgress[] = [];
  const progress = new ProgressReporter((report) => seen.push(report));
  await progress.run(stepsOf(progress), () => 0);
  return seen.map(({ stage, detail, fraction, total }) => `${stage} ${detail} ${fraction} ${total}`);
}

const filter = (name: string, cost = 1, more?: readonly Step[]): Step => ({
  ...{ stage: 'filter', name, cost },
  apply: async () => more,
});

describe('ProgressReporter', () => {
  it('does each step, and reports its progress and that of all steps', async () => {
    const done: string[] = [];
    const step = (stage: Step['stage'], name: string, cost: number, report?: () => void): Step => ({
      ...{ stage, name, cost },
      apply: async () => {
        report?.();
        done.push(name);
        return undefined;
      },
    });
    const seen = await progressOf((progress) => [
      step('read', 'log', 4),
      step('sort', 'sort', 3),
      step('sort', 'count', 1, () => progress.report('counted', 1)),
    ]);
    expect(done).toEqual(['log', 'sort', 'count']);
    expect(seen).toEqual(['read log 0 0', 'sort sort 0 0.5', `sort count 0 ${7 / 8}`, 'sort counted 1 1']);
  });

  it('reports progress within a step', async () => {
    const seen = await progressOf((progress) => [
      {
        ...{ stage: 'read', name: 'a.csv', cost: 1 },
        apply: async () => {
          progress.part('b.csv', 0.5, 0.5);
          return undefined;
        },
      },
    ]);
    expect(seen).toEqual(['read a.csv 0 0', 'read b.csv 0.5 0.5']);
  });

  it('does the steps that a step returns next, and progress never decreases', async () => {
    const more = [filter('more'), filter('more')];
    expect(await progressOf(() => [filter('first', 1, more), filter('last')])).toEqual([
      'filter first 0 0',
      'filter more 0 0.25',
      'filter more 0 0.5',
      'filter last 0 0.75',
    ]);
    expect(await progressOf(() => [filter('one'), filter('late', 0, more)])).toEqual([
      'filter one 0 0',
      'filter late 0 1',
      'filter more 0 1',
      'filter more 0 1',
    ]);
  });
});
