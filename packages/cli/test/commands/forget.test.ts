import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDataset } from '@gru4rec/sessions';
import { beforeAll, describe, expect, it } from 'vitest';
import { runHere } from '../run-trainer.ts';
import { trainTiny, useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop();
const run = (line: string) => runHere(folder(), 'forget', ...line.split(' '));
let ids: readonly string[] = [];

beforeAll(async () => {
  const { code, stderr } = await trainTiny(folder(), 'model');
  if (code !== 0) throw new Error(stderr);
  ids = (await readDataset(join(folder(), 'data'))).train.sessionIds.slice(0, 2);
  mkdirSync(join(folder(), 'events'));
  writeFileSync(join(folder(), 'events', '2026-05-01.jsonl'), `{"SessionId":"${ids[0]}"}\n{"Sess`);
  writeFileSync(join(folder(), 'events', 'notes'), '');
  writeFileSync(join(folder(), 'ids.txt'), `${ids[1]}\r\n\nnobody\n`);
  writeFileSync(join(folder(), 'empty.txt'), '\n');
}, 60_000);

describe('trainer forget', () => {
  it('removes sessions from data and log, and names models that may contain them; again, it changes nothing', async () => {
    const line = `--session ${ids[0]} --file ids.txt --data data --events events --models model`;
    const about = [
      'events/2026-05-01.jsonl: 1 line without a session that can be read stayed',
      'events: not read, as they are no files of the log: "notes"',
    ];
    const last =
      'model: was trained on this dataset before, and may contain the sessions. Train it again, without --continue';
    expect(await run(line)).toMatchObject({
      code: 0,
      stdout: [
        'events: removed 1 click from 1 file',
        ...about,
        'data: removed 2 sessions of train',
        'No session has the id "nobody"',
        last,
        '',
      ].join('\n'),
    });
    expect((await readDataset(join(folder(), 'data'))).train.sessionIds).not.toContain(ids[0]);
    expect((await run(line)).stdout).toBe(
      [
        'events: removed 0 clicks from 0 files',
        ...about,
        'data: removed no session',
        `No session has one of the ids "${ids[0]}", "${ids[1]}", "nobody"`,
        last,
        '',
      ].join('\n'),
    );
    await trainTiny(folder(), 'again');
    await runHere(folder(), 'prepare', '--input', 'clicks.tsv', '--output', 'other');
    expect((await run('--session nobody --data data --models again')).stdout).toContain(
      'again: was last trained on the dataset as it is now\n',
    );
    expect((await run('--session nobody --data other --models again')).stdout).toContain(
      'again: was trained on a dataset that the history of this one does not name\n',
    );
  });

  it.each([
    ['--data data', 2, 'forget expected ids with --session or --file, got none'],
    ['--session a', 2, 'forget expected --data or --events, or both, got none'],
    ['--session a --events events --models model', 2, '--models expected --data with it'],
    ['--file empty.txt --data data', 2, '--file expected ids, one per line, got none, at empty.txt'],
    ['--session a --data model', 2, '--data expected a dataset, got a model, at '],
    ['--session a --data data --models data', 2, '--models expected a model, got a dataset, at '],
    ['--file none.txt --data data', 1, 'none.txt'],
    ['--session a --data none', 1, 'expected a session dataset, got nothing, at '],
    ['--session a --events none', 1, 'cannot be read'],
  ])('refuses %s', async (line, code, message) => {
    const refused = await run(line);
    expect(refused).toMatchObject({ code, stdout: '' });
    expect(refused.stderr).toContain(message);
  });
});
