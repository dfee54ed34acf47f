import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDataset } from '@gru4rec/dataset';
import { beforeAll, describe, expect, it } from 'vitest';
import { ok } from '../run-trainer.ts';
import { useTinyModel } from '../tiny-shop.ts';

const folder = useTinyModel();
const run = (line: string) => ok(folder(), `forget ${line}`);
let ids: readonly string[] = [];

beforeAll(async () => {
  ids = (await readDataset(join(folder(), 'data'))).train.sessionIds.slice(0, 2);
  mkdirSync(join(folder(), 'events'));
  writeFileSync(join(folder(), 'events', '2026-05-01.jsonl'), `{"SessionId":"${ids[0]}"}\n{"Sess`);
  writeFileSync(join(folder(), 'events', 'notes'), '');
  writeFileSync(join(folder(), 'ids.txt'), `${ids[1]}\r\n\nnobody\n`);
}, 60_000);

describe('trainer forget', () => {
  it('removes sessions from data and log; again, it changes nothing', async () => {
    const line = `${ids[0]} --file ids.txt --data data --events events`;
    const about = [
      'events/2026-05-01.jsonl: 1 line without a session that can be read stayed',
      'events: not read, as they are no files of the log: "notes"',
    ];
    expect((await run(line)).stdout.split('\n')).toEqual([
      'events: removed 1 click from 1 file',
      ...about,
      'data: removed 2 sessions of train',
      'No session has the id "nobody"',
      '',
    ]);
    expect((await readDataset(join(folder(), 'data'))).train.sessionIds).not.toContain(ids[0]);
    expect((await run(line)).stdout.split('\n')).toEqual([
      'events: removed 0 clicks from 0 files',
      ...about,
      'data: removed no session',
      `No session has one of the ids "${ids[0]}", "${ids[1]}", "nobody"`,
      '',
    ]);
  });
});
