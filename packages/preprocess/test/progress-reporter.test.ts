import { describe, expect, it } from 'vitest';
import type { PrepareProgress } from '../src/options.ts';
import { ProgressReporter, type Step } from '../src/progress.ts';

async function progressOf(
  steps: readonly Step[],
  work: (progress: ProgressReporter) => void,
): Promise<string[]> {
  const seen: PrepareProgress[] = [];
  const progress = new ProgressReporter((report) => seen.push(report));
  progress.plan(steps);
  await progress.watch(
    () => 0,
    async () => work(progress),
  );
  return seen.map(({ stage, detail, fraction, total }) => `${stage} ${detail} ${fraction} ${total}`);
}

const begin =
  (...names: string[]) =>
  (progress: ProgressReporter) => {
    for (const name of names) progress.begin(name);
  };

describe('ProgressReporter', () => {
  it('reports each step with its progress and that of all steps', async () => {
    const steps: Step[] = [
      { stage: 'read', name: 'log', share: 4 },
      { stage: 'sort', name: 'sort', share: 3 },
      { stage: 'sort', name: 'count', share: 1 },
    ];
    const work = (progress: ProgressReporter) => {
      begin('log', 'sort', 'count')(progress);
      progress.report('counted', 1);
    };
    expect(await progressOf(steps, work)).toEqual([
      'read log 0 0',
      'sort sort 0 0.5',
      `sort count 0 ${7 / 8}`,
      'sort counted 1 1',
    ]);
  });

  it('reports progress within a step', async () => {
    const work = (progress: ProgressReporter) => {
      progress.begin('a.csv');
      progress.part('b.csv', 0.5, 0.5);
    };
    expect(await progressOf([{ stage: 'read', name: 'a.csv', share: 1 }], work)).toEqual([
      'read a.csv 0 0',
      'read b.csv 0.5 0.5',
    ]);
  });

  it('begins steps that are added next, and progress never decreases', async () => {
    const filter = (name: string, share = 1): Step => ({ stage: 'filter', name, share });
    const work = (progress: ProgressReporter) => {
      progress.begin('first');
      progress.plan([filter('more'), filter('more')]);
      begin('more', 'more', 'last')(progress);
    };
    expect(await progressOf([filter('first'), filter('last')], work)).toEqual([
      'filter first 0 0',
      'filter more 0 0.25',
      'filter more 0 0.5',
      'filter last 0 0.75',
    ]);
    const late = (progress: ProgressReporter) => {
      begin('one', 'late')(progress);
      progress.plan([filter('more'), filter('more')]);
      begin('more', 'more')(progress);
    };
    expect(await progressOf([filter('one'), filter('late', 0)], late)).toEqual([
      'filter one 0 0',
      'filter late 0 1',
      'filter more 0 1',
      'filter more 0 1',
    ]);
  });

  it('passes over steps that need no work, and refuses one that is not planned', async () => {
    const steps = ['judge', 'sort', 'count'].map((name): Step => ({ stage: 'sort', name, share: 1 }));
    const seen = await progressOf(steps, (progress) => {
      progress.begin('count');
      expect(() => progress.begin('filter')).toThrow('progress: no step "filter" is planned.');
    });
    expect(seen).toEqual(['sort judge 0 0', `sort sort 0 ${1 / 3}`, `sort count 0 ${2 / 3}`]);
  });
});
