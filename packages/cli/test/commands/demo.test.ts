import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFolder, runHere } from '../run-trainer.ts';

const small = ['demo', '--events', '3000', '--directory', 'shop'];

const readJson = (path: string | URL) => JSON.parse(readFileSync(path, 'utf8'));

describe('trainer demo', () => {
  it('prints the same table twice, replacing the files of the earlier run', async () => {
    const folder = makeFolder();
    const first = await runHere(folder, ...small);
    expect(first.code, first.stderr).toBe(0);
    const again = await runHere(folder, ...small);
    expect(again.stdout).toBe(first.stdout);
  });

  it('trains with the configuration of configs/demo.json, which it leaves for a run of one’s own', async () => {
    const folder = makeFolder();
    const { stdout } = await runHere(folder, ...small);
    const [, file = ''] = /train data --config (\S+) --output model/.exec(stdout) ?? [];
    const { $schema, ...shown } = readJson(new URL('../../configs/demo.json', import.meta.url));
    expect($schema).toContain('configuration.json');
    expect(file).toBe('shop/config.json');
    expect(readJson(join(folder, file))).toEqual(shown);
    expect(readJson(join(folder, 'shop', 'model', 'model.json')).config).toMatchObject({ ...shown, seed: 1 });
  });

  it('shows a command that works', async () => {
    const folder = makeFolder();
    const { stdout } = await runHere(folder, ...small);
    const [, line = ''] = /^ {2}trainer (recommend shop\/model .*)$/m.exec(stdout) ?? [];
    const { code, stdout: answer } = await runHere(folder, ...line.split(' '));
    expect(code).toBe(0);
    expect(answer).toContain('│ 5 │');
  });
});
