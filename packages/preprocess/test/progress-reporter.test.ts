import { describe, expect, it } from 'vitest';
import type { PrepareProgress } from '../src/options.ts';
import { ProgressReporter, type Stage } from '../src/progress.ts';

async function progressOf(
  stages: readonly Stage[],
  work: (progress: ProgressReporter) => void,
): Promise<string[]> {
  const seen: PrepareProgress[] = [];
  const progress = new ProgressReporter((report) => seen.push(report));
  progress.plan(stages);
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
  it('reports each step with the progress of its stage and of all stages', async () => {
    const stages: Stage[] = [
      { stage: 'read', steps: [{ name: 'log', share: 4 }] },
      {
        stage: 'sort',
        steps: [
          { name: 'sort', share: 3 },
          { name: 'count', share: 1 },
        ],
      },
    ];
    const work = (progress: ProgressReporter) => {
      begin('log', 'sort', 'count')(progress);
      progress.report('counted', 1);
    };
    expect(await progressOf(stages, work)).toEqual([
      'read log 0 0',
      'sort sort 0 0.5',
      `sort count 0.75 ${7 / 8}`,
      'sort counted 1 1',
    ]);
  });

  it('reports progress within a step', async () => {
    const work = (progress: ProgressReporter) => {
      progress.begin('a.csv');
      progress.part('b.csv', 0.5, 0.5);
    };
    expect(await progressOf([{ stage: 'read', steps: [{ name: 'a.csv', share: 1 }] }], work)).toEqual([
      'read a.csv 0 0',
      'read b.csv 0.5 0.5',
    ]);
  });

  it('begins stages that are added next, and progress never decreases', async () => {
    const filter = (name: string, share = 1): Stage => ({ stage: 'filter', steps: [{ name, share }] });
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
    const stages: Stage[] = ['judge', 'sort', 'count'].map((name) => ({
      stage: 'sort',
      steps: [{ name, share: 1 }],
    }));
    const seen = await progressOf(stages, (progress) => {
      progress.begin('count');
      expect(() => progress.begin('filter')).toThrow('progress: no step "filter" is planned.');
    });
    expect(seen).toEqual(['sort judge 0 0', `sort sort 0 ${1 / 3}`, `sort count 0 ${2 / 3}`]);
  });
});
