import { chmodSync, cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { asOrdinaryUser } from './permissions.ts';
import { contentsOf, type Outcome, ok, runHere } from './run-trainer.ts';
import { trainTiny, useTinyModel } from './tiny-shop.ts';

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

const run = (...argv: string[]) => runHere(folder(), ...argv);
const tuneInto = (output: string) => run('tune', 'validated', '--space', 'space.json', '--output', output);
const compareInto = (output: string) => run('compare', 'data', '--models', 'pop', '--output', output);

const locked = /^The output .* cannot be locked: no permission to write in .*locked: EACCES/m;
const writers: [string, () => Promise<Outcome>, RegExp][] = [
  ['prepare', () => run('prepare', '--input', 'clicks.tsv', '--output', 'locked/new'), locked],
  ['train --overwrite', () => trainTiny(folder(), 'locked/model', '--overwrite'), locked],
  ['compare', () => compareInto('locked/report'), /^The report cannot be written in .*locked.*: EACCES/],
  ['tune', () => tuneInto('locked/study'), /^The study cannot be written in .*locked.*: EACCES/],
];

describe('trainer without permission', () => {
  it.for(writers)(
    '%s reports in one line what cannot be written, and where',
    async ([, command, message], ctx) => {
      const before = contentsOf(join(folder(), 'locked'));
      const { code, stdout, stderr } = await asOrdinaryUser(ctx, command);
      expect({ code, stdout, stderr }).toEqual({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(message),
      });
      expect(stderr.trimEnd()).not.toContain('\n');
      expect(contentsOf(join(folder(), 'locked'))).toEqual(before);
    },
  );

  const readers: [string, string, string[], RegExp][] = [
    ['a log', 'secret.tsv', ['prepare', '--input', 'secret.tsv', '--output', 'open/new'], /secret\.tsv/],
    ['a model', 'secret-model', ['evaluate', 'secret-model', '--data', 'data'], /secret-model/],
  ];

  it.for(readers)('names %s without read permission', async ([, name, argv, message], ctx) => {
    const path = join(folder(), name);
    cpSync(join(folder(), name === 'secret-model' ? 'model' : 'clicks.tsv'), path, { recursive: true });
    const files = name === 'secret-model' ? readdirSync(path).map((file) => join(path, file)) : [path];
    for (const file of files) chmodSync(file, 0o000);
    const { code, stderr } = await asOrdinaryUser(ctx, () => run(...argv));
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(message) });
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/EACCES|permission|cannot be read/i);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
