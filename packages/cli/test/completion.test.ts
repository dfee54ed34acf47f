import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { makeFolder, runHere } from './run-trainer.ts';

/** What a shell gets for these words; the last one is incomplete. */
async function complete(...words: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await runHere(
    makeFolder(),
    '--get-yargs-completions',
    'trainer',
    ...words,
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.split('\n').filter(Boolean);
}

describe('completion', () => {
  it('completes commands', async () => {
    expect(await complete('tr')).toEqual(['train']);
    expect(await complete('')).toEqual(
      expect.arrayContaining(['prepare', 'completion', '--help', '--version']),
    );
    expect(await complete('--v')).toEqual(['--version']);
  });

  it('completes options that are not there yet', async () => {
    expect(await complete('prepare', '--test-d')).toEqual(['--test-days']);
    expect(await complete('train', '--parameter-s')).toEqual(['--parameter-string']);
    expect(await complete('train', '--ps')).toEqual(['--ps']);
    const options = await complete('train', '--data', 'data', '--');
    expect(options).toEqual(expect.arrayContaining(['--config', '--output', '--help']));
    expect(options).not.toContain('--data');
  });

  it('completes values where an option has a list of them, and leaves the rest to files', async () => {
    expect(await complete('train', '--engine', '')).toEqual([
      'auto',
      'wasm',
      'tensorflow',
      'cuda',
      'reference',
    ]);
    expect(await complete('train', '--engine', 'c')).toEqual(['cuda']);
    expect(await complete('prepare', '--on-bad-row', 's')).toEqual(['skip']);
    expect(await complete('train', '--data', '')).toEqual([]);
    expect(await complete('trian', '--d')).toEqual([]);
  });

  it('works in bash with the script that it prints', async (ctx) => {
    if (process.platform === 'win32') return ctx.skip('no bash');
    const { stdout: script } = await runHere(makeFolder(), 'completion');
    const folder = makeFolder();
    const tsx = createRequire(import.meta.url).resolve('tsx/cli');
    const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
    const trainer = join(folder, 'trainer');
    writeFileSync(
      trainer,
      `#!/bin/sh\nexec "${process.execPath}" "${tsx}" --conditions=@gru4rec/source "${main}" "$@"\n`,
    );
    chmodSync(trainer, 0o755);
    const call =
      // biome-ignore lint/suspicious/noTemplateCurlyInString: an array of bash.
      'COMP_WORDS=(trainer comp); COMP_CWORD=1; _trainer_yargs_completions; printf "%s\\n" "${COMPREPLY[@]}"';
    const { stdout, stderr } = spawnSync('bash', ['-c', `${script}\n${call}`], {
      encoding: 'utf8',
      env: { ...process.env, SHELL: '/bin/bash', PATH: `${folder}${delimiter}${process.env['PATH']}` },
    });
    expect({ stdout, stderr }).toEqual({ stdout: 'compare\ncompletion\n', stderr: '' });
  });
});
