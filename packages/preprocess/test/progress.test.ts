import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type PrepareProgress, prepare } from '../src/index.ts';
import { testFolder } from './folder.ts';

const folder = testFolder();

describe('prepare, progress and report', () => {
  it('reports every stage and every step of the funnel', async () => {
    const file = join(folder, 'log.csv');
    const rows = [
      '1,a,0',
      '1,a,1',
      '1,b,2',
      '2,b,3',
      '2,a,4',
      '3,z,90000',
      '3,a,90001',
      '3,b,90002',
      '4,a,5',
    ];
    writeFileSync(file, `SessionId,ItemId,Time\n${rows.join('\n')}\n`);
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
    expect([...new Set(seen.map(({ stage }) => stage))]).toEqual([
      'read',
      'sort',
      'filter',
      'split',
      'write',
    ]);
    expect(seen.every(({ fraction }) => fraction >= 0 && fraction <= 1)).toBe(true);
    const totals = seen.map(({ total }) => total);
    expect(totals).toEqual(totals.toSorted((a, b) => a - b));
    expect(totals[0]).toBe(0);
    expect(totals.at(-1)).toBeCloseTo(1, 9);
    expect(report.timeUnit).toBe('s');
    const row = (
      split: string,
      step: string,
      events: number,
      sessions: number,
      items: number,
      removed = 0,
    ) => ({
      split,
      step,
      events,
      sessions,
      items,
      removedEvents: removed,
    });
    expect(report.funnel).toEqual([
      row('all', 'rows read', 9, 4, 3),
      row('all', 'repeats of the item before', 8, 4, 3, 1),
      row('all', 'sessions of more than 3 events', 8, 4, 3),
      row('all', 'sessions of fewer than 2 events', 7, 3, 3, 1),
      row('train', 'split by time', 4, 2, 2),
      row('test', 'split by time', 3, 1, 3),
      row('test', 'items unknown to training', 2, 1, 2, 1),
      row('test', 'repeats of the item before', 2, 1, 2),
      row('test', 'sessions of more than 3 events', 2, 1, 2),
      row('test', 'sessions of fewer than 2 events', 2, 1, 2),
    ]);
    expect(report.manifest.preparation).toMatchObject({
      options: { testDays: 1, collapseRepeats: true },
      inputs: [{ file: 'log.csv', format: 'csv', rows: 9 }],
      funnel: report.funnel,
    });
    expect(JSON.stringify(report.manifest)).not.toContain(folder);
  });

  it('never decreases when filters need more rounds', async () => {
    const file = join(folder, 'rounds.csv');
    const rows = ['1,a,0', '1,b,1', '2,b,2', '2,c,3', '3,c,4', '3,d,5', '4,e,6', '4,f,7', '5,e,8', '5,f,9'];
    writeFileSync(file, `SessionId,ItemId,Time\n${rows.join('\n')}\n`);
    const seen: PrepareProgress[] = [];
    await prepare({
      inputs: [file],
      output: join(folder, 'rounds'),
      minItemSupport: 2,
      filterUntilStable: true,
      onProgress: (progress) => seen.push(progress),
    });
    expect(seen.some(({ detail }) => detail.endsWith('(round 3)'))).toBe(true);
    const totals = seen.map(({ total }) => total);
    expect(totals).toEqual(totals.toSorted((a, b) => a - b));
    expect(totals.at(-1)).toBeCloseTo(1, 9);
  });
});
