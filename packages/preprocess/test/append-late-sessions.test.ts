import { join } from 'node:path';
import { readDataset } from '@gru4rec/sessions';
import { describe, expect, it } from 'vitest';
import { prepare } from '../src/index.ts';
import { day, useTwoDays } from './two-days.ts';

const { folder, output, first, second, write, made, appended, refusal } = useTwoDays();

describe('append', () => {
  it('refuses sessions that start before the last one of the dataset, such as the same file twice', async () => {
    await made();
    await appended(second);
    expect(await refusal(second)).toBe(
      'append: "inputs" expected sessions that start at 2014-04-02T11:19:36.940Z or later, the start of the last session of the dataset, ' +
        'got 1 session that starts earlier, at 2014-04-02T11:19:26.940Z, at FOLDER/second.tsv. ' +
        'Prepare the dataset again from all files, or keep or drop them ("lateSessions").',
    );
    expect(await refusal(write('early.tsv', day(1, 'xy', 'yx')))).toContain(
      'got 2 sessions that start earlier, the first at 2014-04-02T11:17:47.940Z, at FOLDER/early.tsv.',
    );
  });

  it('detects late sessions before it rewrites anything', async () => {
    await made();
    await appended(second);
    const stages: string[] = [];
    const onProgress = ({ stage }: { stage: string }) => void stages.push(stage);
    await expect(appended(second, { onProgress })).rejects.toThrow('"lateSessions"');
    expect(stages).not.toContain('write');
  });

  const late = write('late.tsv', [
    ...day(5, 'xq').map((event) => ({ ...event, session: 'late' })),
    ...day(200, 'zw').map((event) => ({ ...event, session: 'next' })),
  ]);

  it('inserts late sessions by time with lateSessions keep, and counts them', async () => {
    await made();
    const { funnel, added } = await appended(late, { lateSessions: 'keep' });
    expect(added).toEqual({ sessions: 2, events: 4, items: 2 });
    expect(funnel.map(({ step, sessions }) => [step, sessions])).toContainEqual(['late sessions kept: 1', 2]);
    const { train, manifest } = await readDataset(output);
    expect(train.sessionIds).toEqual(['a', 'late', 'b', 'next']);
    expect(manifest.preparation).toMatchObject({ appended: [{ options: { lateSessions: 'keep' } }] });
    const all = join(folder, 'all');
    await prepare({ inputs: [first, late], output: all, overwrite: true });
    expect((await readDataset(all)).train.sessionIds).toEqual(train.sessionIds);
  });

  it('drops late sessions before any filter with lateSessions drop, and counts them', async () => {
    await made();
    const { funnel, added } = await appended(late, { lateSessions: 'drop' });
    expect(added).toEqual({ sessions: 1, events: 2, items: 1 });
    expect(funnel).toContainEqual({
      ...{ split: 'all', step: 'late sessions', events: 2, sessions: 1, items: 2, removedEvents: 2 },
    });
    const { train, itemIds } = await readDataset(output);
    expect(train.sessionIds).toEqual(['a', 'b', 'next']);
    expect(itemIds.slice()).toEqual(['x', 'y', 'z', 'w']);
  });
});
