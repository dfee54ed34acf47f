import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testFolder } from '@gru4rec/test-support/folder';
import { expect, it } from 'vitest';
import { chooseReference, withTreeOf } from '../../src/ci/tree-before.ts';

/** A repository with two commits of one file on `main`, and nothing of the user's configuration. */
const folder = realpathSync(testFolder());
git('init', '--quiet', '--initial-branch=main');
const [before, head] = [commit('before'), commit('now')];

function git(...words: string[]): string {
  const who = ['-c', 'user.name=t', '-c', 'user.email=t@localhost', '-c', 'commit.gpgsign=false'];
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '', GIT_CONFIG_NOSYSTEM: '1' };
  return execFileSync('git', [...who, ...words], { cwd: folder, encoding: 'utf8', env }).trim();
}

function commit(text: string): string {
  writeFileSync(join(folder, 'file.txt'), text);
  git('add', '.');
  git('commit', '--quiet', '-m', text);
  return git('rev-parse', 'HEAD');
}

const worktrees = () => git('worktree', 'list', '--porcelain').match(/^worktree /gm)?.length;

it('compares with where HEAD left main, on main with the commit before, or HEAD where files differ', () => {
  expect(chooseReference(folder)).toEqual({ commit: before, reason: 'the commit before HEAD' });
  writeFileSync(join(folder, 'file.txt'), 'three');
  expect(chooseReference(folder)).toEqual({ commit: head, reason: 'HEAD, which the files differ from' });
  git('checkout', '--quiet', '-b', 'work');
  commit('work');
  expect(chooseReference(folder)).toEqual({ commit: head, reason: 'where HEAD left main' });
  // As in a checkout of CI.
  git('branch', '--quiet', '-D', 'main');
  git('update-ref', 'refs/remotes/origin/main', head);
  expect(chooseReference(folder)).toEqual({ commit: head, reason: 'where HEAD left origin/main' });
  const refusal = 'ci: --against expected a commit, branch or tag of this repository, got "--all"';
  expect(() => chooseReference(folder, '--all')).toThrow(refusal);
});

it('lends the files of the commit, and removes them, also after a failure', async () => {
  let tree = '';
  const options = { root: folder, commit: before, signal: new AbortController().signal };
  const failing = withTreeOf(options, async (lent) => {
    tree = lent;
    throw new Error(readFileSync(join(tree, 'file.txt'), 'utf8'));
  });
  await expect(failing).rejects.toThrow('before');
  expect([existsSync(tree), worktrees()]).toEqual([false, 1]);
});

/** Starts another process that holds the output open: the program ends only if both do. */
const waiting = `require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' })
  .on('spawn', () => require('node:fs').writeFileSync('started', ''));`;
const program = `
  import { existsSync } from 'node:fs';
  import { runProgram, withTreeOf } from '${new URL('../../src/ci/tree-before.ts', import.meta.url)}';
  import { untilSignal } from '${new URL('../../src/command-line.ts', import.meta.url)}';
  const [root, commit, code] = process.argv.slice(1);
  await untilSignal((signal) =>
    withTreeOf({ root, commit, signal }, async (tree) => {
      setInterval(() => existsSync(tree + '/started') && console.log(tree), 50).unref();
      await runProgram([process.execPath, '-e', code], { cwd: tree, signal });
    }),
  );`;

it.skipIf(process.platform === 'win32')('ends its processes and removes the tree on a signal', async () => {
  const flags = ['--import', 'tsx', '--conditions=@gru4rec/source', '--input-type=module', '-e', program];
  const child = spawn(process.execPath, [...flags, folder, before, waiting]);
  const [line] = await once(child.stdout, 'data');
  const tree = `${line}`.split('\n')[0] ?? '';
  expect([existsSync(tree), worktrees()]).toEqual([true, 2]);
  // Twice, as by a terminal and by pnpm.
  child.kill('SIGINT');
  child.kill('SIGINT');
  expect(await once(child, 'close')).toEqual([null, 'SIGINT']);
  expect([existsSync(tree), worktrees()]).toEqual([false, 1]);
});
