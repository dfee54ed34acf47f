import { execFileSync } from 'node:child_process';
import { UsageError } from '../command-line.ts';

export interface Reference {
  readonly commit: string;
  readonly reason: string;
}

/** `against`, else where HEAD left main; on main HEAD if files differ from it, else the commit before. @throws UsageError */
export function chooseReference(cwd: string, against?: string): Reference {
  const git = (...words: string[]): string | undefined => {
    try {
      return execFileSync('git', words, {
        cwd,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim();
    } catch {
      return undefined;
    }
  };
  const commitOf = (name: string) =>
    git('rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`);
  if (against !== undefined) {
    const commit = commitOf(against);
    if (commit !== undefined) return { commit, reason: `--against ${against}` };
    const expected = 'a commit, branch or tag of this repository';
    throw new UsageError(`ci: --against expected ${expected}, got "${against}"`);
  }
  const head = commitOf('HEAD');
  const main = ['main', 'origin/main'].find((name) => commitOf(name) !== undefined);
  const base = main && git('merge-base', 'HEAD', main);
  if (base && base !== head) return { commit: base, reason: `where HEAD left ${main}` };
  if (head !== undefined && git('status', '--porcelain', '--untracked-files=no') !== '') {
    return { commit: head, reason: 'HEAD, which the files differ from' };
  }
  const parent = commitOf('HEAD~1');
  if (parent !== undefined) return { commit: parent, reason: 'the commit before HEAD' };
  const how = 'Fetch the history, or name one with --against';
  throw new UsageError(`ci: there is no commit before HEAD here. ${how}`);
}
