import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chooseReference, withTreeOf } from '../../src/ci/tree-before.ts';

/** A repository of one file per test, on the branch `main`, with nothing of the user's configuration. */
let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'benchmark-git-')));
  git('init', '--quiet', '--initial-branch=main');
});
afterEach(() => rmSync(folder, { recursive: true }));

function git(...words: string[]): string {
  const who = ['-c', 'user.name=t', '-c', 'user.email=t@localhost', '-c', 'commit.gpgsign=false'];
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '', GIT_CONFIG_NOSYSTEM: '1' };
  return execFileSync('git', [...who, ...words], { cwd: folder, encoding: 'utf8', env }).trim();
}

/** @returns the new commit. */
function commit(text: string): string {
  writeFileSync(join(folder, 'file.txt'), text);
  git('add', '.');
  git('commit', '--quiet', '-m', text);
  return git('rev-parse', 'HEAD');
}

it('compares with where HEAD left main, on main with the commit before, or HEAD where files differ', () => {
  const before = commit('one');
  const base = commit('two');
  expect(chooseReference(folder)).toEqual({ commit: before, reason: 'the commit before HEAD' });
  writeFileSync(join(folder, 'file.txt'), 'three');
  expect(chooseReference(folder)).toEqual({ commit: base, reason: 'HEAD, which the files differ from' });
  git('checkout', '--quiet', '-b', 'work');
  commit('work');
  expect(chooseReference(folder)).toEqual({ commit: base, reason: 'where HEAD left main' });
  // As in a checkout of CI.
  git('update-ref', 'refs/remotes/origin/main', base);
  git('branch', '--quiet', '-D', 'main');
  expect(chooseReference(folder)).toEqual({ commit: base, reason: 'where HEAD left origin/main' });
  const refusal = 'ci: --against expected a commit, branch or tag of this repository, got "--all"';
  expect(() => chooseReference(folder, '--all')).toThrow(refusal);
});

describe('withTreeOf', () => {
  const worktrees = () => git('worktree', 'list', '--porcelain').match(/^worktree /gm)?.length;

  it('lends the files of the commit, and removes them, also after a failure', async () => {
    const before = commit('before');
    commit('now');
    let tree = '';
    const options = { root: folder, commit: before, signal: new AbortController().signal };
    const failing = withTreeOf(options, async (lent) => {
      tree = lent;
      expect(readFileSync(join(tree, 'file.txt'), 'utf8')).toBe('before');
      throw new Error('of the work');
    });
    await expect(failing).rejects.toThrow('of the work');
    expect([existsSync(tree), worktrees()]).toEqual([false, 1]);
  });

  /** Starts another process that holds the output open: the program ends only if both do. */
  const waiting = `
    const { spawn } = require('node:child_process');
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
    child.on('spawn', () => require('node:fs').writeFileSync('started', ''));`;
  const program = `
    import { existsSync } from 'node:fs';
    import { runProgram, withTreeOf } from '${new URL('../../src/ci/tree-before.ts', import.meta.url)}';
    import { untilSignal } from '${new URL('../../src/command-line.ts', import.meta.url)}';
    const [root, commit, code] = process.argv.slice(1);
    await untilSignal((signal) =>
      withTreeOf({ root, commit, signal }, async (tree) => {
        setInterval(() => existsSync(tree + '/started') && process.stdout.write(tree + '\\n'), 50).unref();
        await runProgram([process.execPath, '-e', code], { cwd: tree, signal });
      }),
    );`;

  it.skipIf(process.platform === 'win32')('ends its processes and removes the tree on a signal', async () => {
    const flags = ['--import', 'tsx', '--conditions=@gru4rec/source', '--input-type=module', '-e', program];
    const child = spawn(process.execPath, [...flags, folder, commit('before'), waiting]);
    const tree = String((await once(child.stdout, 'data'))[0]).split('\n')[0] ?? '';
    expect([existsSync(tree), worktrees()]).toEqual([true, 2]);
    // Twice, as by a terminal and by pnpm.
    child.kill('SIGINT');
    child.kill('SIGINT');
    expect(await once(child, 'close')).toEqual([null, 'SIGINT']);
    expect([existsSync(tree), worktrees()]).toEqual([false, 1]);
  });
});
