import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDataset } from '@gru4rec/dataset';
import { describe, expect, it } from 'vitest';
import { forget } from '../src/index.ts';
import { day, useTwoDays } from './two-days.ts';

const { folder, output, first, second, write, made, appended } = useTwoDays();
const forgotten = (...ids: string[]) => forget({ directory: output, ids: new Set(ids) });
const manifestText = () => readFileSync(join(output, 'dataset.json'), 'utf8');

describe('forget', () => {
  it('removes sessions from every split, keeps the item index, and names the checksums before', async () => {
    await made({ testInputs: [write('test.tsv', day(500, 'xy', 'yx'))] });
    const { checksum: first } = (await readDataset(output)).manifest;
    await appended(second);
    const { checksum: before } = (await readDataset(output)).manifest;
    const report = await forgotten('a', 'nobody');
    const { manifest, itemIds, support, train, test } = await readDataset(output);
    expect(report).toEqual({
      removed: { train: 2, test: 1 },
      found: new Set(['a']),
      checksum: manifest.checksum,
      earlier: [first, before],
    });
    expect([train.sessionIds, test?.sessionIds]).toEqual([['b', 'b'], ['b']]);
    expect(itemIds.slice()).toEqual(['x', 'y', 'z', 'w', 'v']);
    expect([...support]).toEqual([2, 1, 0, 0, 1]);
    expect(manifest.preparation).toMatchObject({
      options: { minSessionLength: 2 },
      appended: [{ checksumBefore: first }],
      forgotten: [{ removed: { train: 2, test: 1 }, events: 3 + 2 + 2, checksumBefore: before }],
    });
    // Days are appended as before.
    expect((await appended(write('third.tsv', day(1000, 'xz')))).added.sessions).toBe(1);
  });

  it('changes nothing without such a session, and still names the checksums before', async () => {
    await made();
    const { earlier } = await forgotten('a');
    const before = manifestText();
    expect(await forgotten('a')).toMatchObject({ removed: {}, found: new Set(), earlier });
    expect(manifestText()).toBe(before);
  });

  it('removes all sessions of a user, u#1 and so on, only if the dataset was made of users', async () => {
    const events = [...day(0, 'xyz', 'xy'), ...day(5000, 'xz', 'yx')];
    const names: Record<string, string> = { a: 'u', b: 'u#1' };
    const users = write(
      'users.tsv',
      events.map((event) => ({ ...event, session: names[event.session] ?? '' })),
    );
    await made({ inputs: [users], userColumn: 'SessionId' });
    expect((await readDataset(output)).train.sessionIds).toEqual(['u#1', 'u#1#1', 'u#2', 'u#1#2']);
    expect((await forgotten('u')).removed).toEqual({ train: 2 });
    expect((await readDataset(output)).train.sessionIds).toEqual(['u#1#1', 'u#1#2']);
    await made({ inputs: [users] });
    expect((await forgotten('u')).found).toEqual(new Set(['u']));
    expect((await readDataset(output)).train.sessionIds).toEqual(['u#1']);
  });

  it('deletes the list of bad rows, whether sessions leave or not', async () => {
    const bad = join(folder, 'bad.tsv');
    writeFileSync(bad, `${readFileSync(first, 'utf8')}bob\t\t1396437466941\n`);
    for (const id of ['a', 'nobody']) {
      await made({ inputs: [bad], onBadRow: 'skip' });
      expect(existsSync(join(output, 'bad-rows.tsv'))).toBe(true);
      await forgotten(id);
      expect(existsSync(join(output, 'bad-rows.tsv'))).toBe(false);
    }
  });

  it('leaves a dataset without sessions if all leave, and a damaged one as it is', async () => {
    await made();
    await forgotten('a', 'b');
    expect((await readDataset(output)).train.sessionIds).toEqual([]);
    await made();
    const file = join(output, 'train.arrow');
    writeFileSync(file, readFileSync(file).subarray(0, -10));
    await expect(forgotten('a')).rejects.toThrow(`at ${file}.`);
    expect(manifestText()).not.toContain('"forgotten"');
  });
});
