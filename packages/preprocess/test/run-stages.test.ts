import { describe, expect, it } from 'vitest';
import type { PrepareProgress } from '../src/options.ts';
import { type Stage, StageRunner } from '../src/run-stages.ts';

async function progressOf(stages: readonly Stage[]): Promise<string[]> {
  const seen: PrepareProgress[] = [];
  await new StageRunner((progress) => seen.push(progress)).run(stages);
  return seen.map(({ stage, detail, fraction, total }) => `${stage} ${detail} ${fraction} ${total}`);
}

const idle = async () => undefined;

describe('StageRunner', () => {
  it('reports each step with the progress of its stage and of all stages', async () => {
    const stages: Stage[] = [
      { stage: 'read', steps: [{ name: 'log', share: 4, run: idle }] },
      {
        stage: 'sort',
        steps: [
          { name: 'sort', share: 3, run: idle },
          { name: 'count', share: 1, run: async (runner) => runner.report('counted', 1) },
        ],
      },
    ];
    expect(await progressOf(stages)).toEqual([
      'read log 0 0',
      'sort sort 0 0.5',
      `sort count 0.75 ${7 / 8}`,
      'sort counted 1 1',
    ]);
  });

  it('reports progress within a step', async () => {
    const run: Stage['steps'][number]['run'] = async (runner) => runner.part('b.csv', 0.5, 0.5);
    expect(await progressOf([{ stage: 'read', steps: [{ name: 'a.csv', share: 1, run }] }])).toEqual([
      'read a.csv 0 0',
      'read b.csv 0.5 0.5',
    ]);
  });

  it('runs inserted stages next, and progress never decreases', async () => {
    const filter = (name: string, run = idle): Stage => ({
      stage: 'filter',
      steps: [{ name, share: 1, run }],
    });
    const first: Stage = {
      stage: 'filter',
      steps: [
        { name: 'first', share: 1, run: async (runner) => runner.insert([filter('more'), filter('more')]) },
      ],
    };
    expect(await progressOf([first, filter('last')])).toEqual([
      'filter first 0 0',
      'filter more 0 0.25',
      'filter more 0 0.5',
      'filter last 0 0.75',
    ]);
    const late: Stage = {
      stage: 'filter',
      steps: [{ name: 'late', share: 0, run: first.steps[0]?.run ?? idle }],
    };
    expect(await progressOf([filter('one'), late])).toEqual([
      'filter one 0 0',
      'filter late 0 1',
      'filter more 0 1',
      'filter more 0 1',
    ]);
  });

  it('lets a step start the next one, which does no work itself', async () => {
    const stages: Stage[] = [
      { stage: 'write', steps: [{ name: 'order', share: 1, run: async (runner) => void runner.next() }] },
      { stage: 'write', steps: [{ name: 'train', share: 1 }] },
    ];
    expect(await progressOf(stages)).toEqual(['write order 0 0', 'write train 0 0.5']);
  });
});
