import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { asOrdinaryUser } from './permissions.ts';
import { contentsOf, failing, ok } from './run-trainer.ts';
import { tinyTraining, useTinyModel } from './tiny-shop.ts';

const folder = useTinyModel();
beforeAll(async () => {
  chmodSync(folder(), 0o755);
  writeFileSync(
    join(folder(), 'space.json'),
    JSON.stringify({ learningRate: { type: 'uniform', low: 0.1, high: 0.2 } }),
  );
  await ok(folder(), 'prepare --input clicks.tsv --output validated --test 2d --validation 2d');
  mkdirSync(join(folder(), 'open'));
  chmodSync(join(folder(), 'open'), 0o777);
  mkdirSync(join(folder(), 'locked'));
  cpSync(join(folder(), 'model'), join(folder(), 'locked', 'model'), { recursive: true });
  chmodSync(join(folder(), 'locked'), 0o555);
});

const locked = /^The output .* cannot be locked: no permission to write in .*locked: EACCES/m;
const writers: [line: string, message: RegExp][] = [
  ['prepare --input clicks.tsv --output locked/new', locked],
  [tinyTraining('locked/model', '--overwrite'), locked],
  ['compare data --models pop --output locked/report', /^The report cannot be written in .*locked.*: EACCES/],
  [
    'tune validated --space space.json --output locked/study',
    /^The study cannot be written in .*locked.*: EACCES/,
  ],
];

describe('trainer without permission', () => {
  it.for(writers)(
    '%s reports in one line what cannot be written, and where',
    async ([line, message], ctx) => {
      const before = contentsOf(join(folder(), 'locked'));
      const stderr = await asOrdinaryUser(ctx, () => failing(folder(), line));
      expect(stderr).toMatch(message);
      expect(stderr.trimEnd()).not.toContain('\n');
      expect(contentsOf(join(folder(), 'locked'))).toEqual(before);
    },
  );

  it.for([
    ['clicks.tsv', 'clicks.tsv', 'prepare --input secret/clicks.tsv --output open/new'],
    ['model/model.json', 'model', 'evaluate secret/model --data data'],
  ] as const)('names %s without read permission', async ([file, from, line], ctx) => {
    const path = join(folder(), 'secret', from);
    cpSync(join(folder(), from), path, { recursive: true });
    chmodSync(join(folder(), 'secret', file), 0o000);
    const stderr = await asOrdinaryUser(ctx, () => failing(folder(), line));
    expect(stderr).toContain(join('secret', from));
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/EACCES|permission|cannot be read/i);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
