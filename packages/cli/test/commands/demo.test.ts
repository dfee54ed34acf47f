import { describe, expect, it } from 'vitest';
import { makeFolder, runHere } from '../run-trainer.ts';

const small = ['demo', '--events', '3000', '--directory', 'shop'];

describe('trainer demo', () => {
  it('prints the same table twice, replacing the files of the earlier run', async () => {
    const folder = makeFolder();
    const first = await runHere(folder, ...small);
    expect(first.code, first.stderr).toBe(0);
    const again = await runHere(folder, ...small);
    expect(again.stdout).toBe(first.stdout);
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
