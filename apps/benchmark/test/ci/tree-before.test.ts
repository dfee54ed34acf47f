import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
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

const choose = (against?: string) => chooseReference(folder, against);

describe('chooseReference', () => {
  it('is the merge base with main, with any later commits on either', () => {
    const base = commit('base');
    git('checkout', '--quiet', '-b', 'work');
    commit('work');
    git('checkout', '--quiet', 'main');
    commit('later');
    git('checkout', '--quiet', 'work');
    writeFileSync(join(folder, 'file.txt'), 'uncommitted');
    expect(choose()).toEqual({ commit: base, reason: 'where HEAD left main' });
  });

  it('is the commit before on main itself', () => {
    const before = commit('one');
    commit('two');
    expect(choose()).toEqual({ commit: before, reason: 'the commit before HEAD' });
  });

  it('is HEAD on main where files differ from it', () => {
    commit('one');
    const head = commit('two');
    writeFileSync(join(folder, 'file.txt'), 'three');
    expect(choose()).toEqual({ commit: head, reason: 'HEAD, which the files differ from' });
  });

  it('uses origin’s main if there is no other, as in a checkout of CI', () => {
    const base = commit('base');
    git('update-ref', 'refs/remotes/origin/main', base);
    git('checkout', '--quiet', '--detach');
    git('branch', '--quiet', '-D', 'main');
    commit('merged');
    expect(choose()).toEqual({ commit: base, reason: 'where HEAD left origin/main' });
  });

  it('is the previous commit without a main', () => {
    git('checkout', '--quiet', '-b', 'trunk');
    const before = commit('one');
    commit('two');
    expect(choose().commit).toBe(before);
  });

  it('accepts a commit, a branch or a tag', () => {
    const one = commit('one');
    git('tag', '-a', 'v1', '-m', 'v1');
    const two = commit('two');
    for (const name of [one, 'v1', 'HEAD~1']) expect(choose(name).commit).toBe(one);
    expect(choose('main')).toEqual({ commit: two, reason: '--against main' });
  });

  it('refuses a name that is no commit, an option of git included', () => {
    commit('one');
    for (const name of ['nowhere', '--all', '']) {
      expect(() => choose(name)).toThrow(
        `ci: --against expected a commit, branch or tag of this repository, got "${name}"`,
      );
    }
  });

  it('says what to do about the first commit, or a clone without history', () => {
    commit('one');
    expect(() => choose()).toThrow('there is no commit before HEAD here. Fetch the history, or name one');
  });
});

describe('withTreeOf', () => {
  let before: string;
  beforeEach(() => {
    before = commit('before');
    commit('now');
  });
  const worktrees = () => git('worktree', 'list', '--porcelain').match(/^worktree /gm)?.length;
  const options = (signal = new AbortController().signal) => ({ root: folder, commit: before, signal });

  it('lends the files of the commit, and removes them', async () => {
    const tree = await withTreeOf(options(), async (tree) => {
      expect(readFileSync(join(tree, 'file.txt'), 'utf8')).toBe('before');
      expect(worktrees()).toBe(2);
      return tree;
    });
    expect([existsSync(tree), worktrees()]).toEqual([false, 1]);
  });

  it('removes them after a failure', async () => {
    let tree = '';
    const failing = withTreeOf(options(), async (made) => {
      tree = made;
      throw new Error('of the work');
    });
    await expect(failing).rejects.toThrow('of the work');
    expect([existsSync(tree), worktrees()]).toEqual([false, 1]);
  });

  it('says what git said of a commit that is not there, and leaves nothing', async () => {
    const failing = withTreeOf({ ...options(), commit: 'nowhere' }, async () => {});
    await expect(failing).rejects.toThrow(/git worktree add .* failed\nfatal: .*nowhere/);
    expect(worktrees()).toBe(1);
  });

  it.skipIf(process.platform === 'win32').each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'ends its processes and removes the tree on %s, then ends by it',
    async (signal) => {
      const entry = fileURLToPath(new URL('./wait-in-tree.ts', import.meta.url));
      const child = fork(entry, [folder, before], {
        execArgv: ['--import', 'tsx', '--conditions=@gru4rec/source'],
      });
      const [tree] = await once(child, 'message');
      expect([existsSync(tree), worktrees()]).toEqual([true, 2]);
      // Twice, as by a terminal and by pnpm.
      child.kill(signal);
      child.kill(signal);
      expect(await once(child, 'close')).toEqual([null, signal]);
      expect([existsSync(tree), worktrees()]).toEqual([false, 1]);
    },
  );
});
