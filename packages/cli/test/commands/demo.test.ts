import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFolder, runHere } from '../run-trainer.ts';

const small = ['demo', '--events', '3000', '--directory', 'shop'];

const readJson = (path: string | URL) => JSON.parse(readFileSync(path, 'utf8'));

describe('trainer demo', () => {
  it('trains by configs/demo.json, shows a command that works and init, and runs again', async () => {
    const folder = makeFolder();
    const first = await runHere(folder, ...small);
    expect(first.code, first.stderr).toBe(0);
    const { $schema, ...shown } = readJson(new URL('../../configs/demo.json', import.meta.url));
    expect($schema).toContain('configuration.json');
    expect(readJson(join(folder, 'shop', 'model', 'model.json')).config).toMatchObject({ ...shown, seed: 1 });
    expect(first.stdout).toContain('\n  trainer init clicks.csv\n  trainer prepare\n  trainer train\n');
    const [, line = ''] = /^ {2}trainer (recommend shop\/model .*)$/m.exec(first.stdout) ?? [];
    const answer = await runHere(folder, ...line.split(' '));
    expect(answer).toMatchObject({ code: 0, stdout: expect.stringContaining('│ 5 │') });
    expect((await runHere(folder, ...small)).stdout).toBe(first.stdout);
  });
});
