import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { makeFolder, runHere } from '../run-trainer.ts';

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
    expect(await complete('prepare', '--te')).toEqual(['--test']);
    const options = await complete('train', 'data', '--output', 'model', '--');
    expect(options).toEqual(expect.arrayContaining(['--config', '--set', '--help']));
    expect(options).not.toContain('--output');
  });

  it('completes values where an option has a list of them, and leaves the rest to files', async () => {
    expect(await complete('train', '--engine', 'c')).toEqual(['cuda']);
    expect(await complete('prepare', '--on-bad-row', 's')).toEqual(['skip']);
    expect(await complete('train', '--config', '')).toEqual([]);
    expect(await complete('trian', '--d')).toEqual([]);
    expect(await complete('setup', '')).toEqual(['tensorflow', 'kernels']);
    expect(await complete('completion', 'z')).toEqual(['zsh']);
    expect(await complete('prepare', '')).toEqual([]);
  });

  /** How each shell reports what its script completes for the words `trainer comp`, called by a path. */
  const asked = {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an array of bash.
    bash: 'COMP_WORDS=($P comp); COMP_CWORD=1; _trainer_completion $P; printf "%s\\n" "${COMPREPLY[@]}"',
    zsh: 'compadd() { print -l $replies }; words=($P comp) CURRENT=2; _trainer_completion',
    fish: 'complete -C "$P comp"',
  };

  it.for(Object.entries(asked))('works in %s with the script that it prints', async ([shell, ask], ctx) => {
    const found = spawnSync(shell, ['-c', 'exit 0']);
    if (process.platform === 'win32' || found.status !== 0) return ctx.skip(`no ${shell}`);
    const { stdout: script } = await runHere(makeFolder(), 'completion', shell);
    const folder = makeFolder();
    const tsx = createRequire(import.meta.url).resolve('tsx/cli');
    const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
    const trainer = join(folder, 'trainer');
    writeFileSync(
      trainer,
      `#!/bin/sh\nexec "${process.execPath}" "${tsx}" --conditions=@gru4rec/source "${main}" "$@"\n`,
    );
    chmodSync(trainer, 0o755);
    const { stdout, stderr } = spawnSync(shell, ['-c', `${script}\n${ask}`], {
      encoding: 'utf8',
      env: { ...process.env, HOME: folder, P: trainer },
    });
    expect({ stdout, stderr }).toEqual({ stdout: 'compare\ncompletion\n', stderr: '' });
  });

  it('prints the script of the shell that is named, else of $SHELL, else of bash', async () => {
    const firstLine = async (...argv: string[]) =>
      (await runHere(makeFolder(), 'completion', ...argv)).stdout.split('\n')[0];
    vi.stubEnv('SHELL', '/usr/bin/fish');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await firstLine('zsh')).toBe('#compdef trainer');
    expect(await firstLine()).toBe('function __trainer_completion');
    vi.stubEnv('SHELL', undefined);
    expect(await firstLine()).toBe('_trainer_completion() {');
    expect(await runHere(makeFolder(), 'completion', 'csh')).toMatchObject({ code: 2, stdout: '' });
  });
});
