import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readManifest } from '@gru4rec/dataset';
import { testFolder } from '@gru4rec/test-support/folder';
import { describe, expect, it } from 'vitest';
import { append, type PrepareProgress, prepare } from '../src/index.ts';
import { ProgressReporter, type Step } from '../src/progress.ts';

const folder = testFolder();

describe('prepare, progress and report', () => {
  it('reports every stage and every step of the funnel', async () => {
    const file = join(folder, 'log.csv');
    const rows = '1,a,0 1,a,1 1,b,2 2,b,3 2,a,4 3,z,90000 3,a,90001 3,b,90002 4,a,5';
    writeFileSync(file, `SessionId,ItemId,Time\n${rows.replaceAll(' ', '\n')}\n`);
    const seen: PrepareProgress[] = [];
    const report = await prepare({
      inputs: [file],
      output: join(folder, 'out'),
      testDays: 1,
      collapseRepeats: true,
      maxSessionLength: 3,
      minItemSupport: 1,
      onProgress: (progress) => seen.push(progress),
    });
    expect([...new Set(seen.map(({ stage }) => stage))].join(' ')).toBe('read sort filter split write');
    expect(seen.every(({ fraction }) => fraction >= 0 && fraction <= 1)).toBe(true);
    const totals = seen.map(({ total }) => total);
    expect(totals).toEqual(totals.toSorted((a, b) => a - b));
    expect(totals[0]).toBe(0);
    expect(totals.at(-1)).toBeCloseTo(1, 9);
    expect(report.timeUnit).toBe('s');
    const names = ['split', 'step', 'events', 'sessions', 'items', 'removedEvents'];
    const rowOf = (values: readonly unknown[]) =>
      Object.fromEntries(names.map((name, at) => [name, values[at] ?? 0]));
    const funnel = [
      ['all', 'rows read', 9, 4, 3],
      ['all', 'repeats of the item before', 8, 4, 3, 1],
      ['all', 'sessions of more than 3 events', 8, 4, 3],
      ['all', 'sessions of fewer than 2 events', 7, 3, 3, 1],
      ['train', 'split by time', 4, 2, 2],
      ['test', 'split by time', 3, 1, 3],
      ['test', 'items unknown to training', 2, 1, 2, 1],
      ['test', 'repeats of the item before', 2, 1, 2],
      ['test', 'sessions of more than 3 events', 2, 1, 2],
      ['test', 'sessions of fewer than 2 events', 2, 1, 2],
    ];
    expect(report.funnel).toEqual(funnel.map(rowOf));
    expect(report.manifest.preparation).toMatchObject({
      options: { testDays: 1, collapseRepeats: true },
      inputs: [{ file: 'log.csv', format: 'csv', rows: 9 }],
      funnel: report.funnel,
    });
    expect(JSON.stringify(report.manifest)).not.toContain(folder);
  });
});

describe('signal', () => {
  it.each(['read', 'sort', 'split', 'write'])(
    'ends prepare while it is at %s, and leaves nothing',
    async (at) => {
      const file = join(folder, 'log.csv');
      writeFileSync(file, 'SessionId,ItemId,Time\n1,a,0\n1,b,1\n2,a,90000\n2,b,90001\n');
      const output = join(folder, `ended at ${at}`);
      const stop = new AbortController();
      const onProgress = ({ stage }: PrepareProgress) => stage === at && stop.abort(new Error('enough'));
      const ended = prepare({ inputs: [file], output, testDays: 1, onProgress, signal: stop.signal });
      await expect(ended).rejects.toThrow('enough');
      expect(readdirSync(folder)).not.toContain(`ended at ${at}`);
    },
  );

  it('ends append, and leaves the dataset as it was', async () => {
    const file = join(folder, 'log.csv');
    writeFileSync(file, 'SessionId,ItemId,Time\n1,a,0\n1,b,1\n');
    const output = join(folder, 'data');
    const { manifest } = await prepare({ inputs: [file], output });
    writeFileSync(file, 'SessionId,ItemId,Time\n2,a,5\n2,b,6\n');
    const ended = append({ inputs: [file], output, signal: AbortSignal.abort(new Error('enough')) });
    await expect(ended).rejects.toThrow('enough');
    expect(await readManifest(output)).toEqual(manifest);
  });
});

async function progressOf(stepsOf: (progress: ProgressReporter) => readonly Step[]): Promise<string[]> {
  const seen: PrepareProgress[] = [];
  const progress = new ProgressReporter({ onProgress: (report) => seen.push(report) });
  await progress.run(stepsOf(progress), () => 0);
  return seen.map(({ stage, detail, fraction, total }) => `${stage} ${detail} ${fraction} ${total}`);
}

describe('ProgressReporter', () => {
  it('does each step, and reports its progress and that of all steps', async () => {
    const done: string[] = [];
    const step = (stage: Step['stage'], name: string, cost: number, report?: () => void): Step => ({
      ...{ stage, name, cost },
      apply: async () => {
        report?.();
        done.push(name);
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
        },
      },
    ]);
    expect(seen).toEqual(['read a.csv 0 0', 'read b.csv 0.5 0.5']);
  });
});
