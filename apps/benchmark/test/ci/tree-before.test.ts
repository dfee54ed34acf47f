import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withTreeOf } from '../../src/ci/tree-before.ts';
import { TemporaryRepository } from './temporary-repository.ts';

let repository: TemporaryRepository;
let commit: string;
beforeEach(() => {
  repository = new TemporaryRepository();
  commit = repository.commit('before');
  repository.commit('now');
});
afterEach(() => repository.remove());

const worktrees = () => repository.git('worktree', 'list', '--porcelain').match(/^worktree /gm)?.length;
const options = (signal = new AbortController().signal) => ({ root: repository.folder, commit, signal });

describe('withTreeOf', () => {
  it('lends the files of the commit, and removes them', async () => {
    const tree = await withTreeOf(options(), async (folder) => {
      expect(readFileSync(join(folder, 'file.txt'), 'utf8')).toBe('before');
      expect(worktrees()).toBe(2);
      return folder;
    });
    expect([existsSync(tree), worktrees()]).toEqual([false, 1]);
  });

  it('removes them after a failure', async () => {
    let tree = '';
    const failing = withTreeOf(options(), async (folder) => {
      tree = folder;
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
      const child = fork(entry, [repository.folder, commit], {
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
