import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { Failure, UsageError } from '../command-line.ts';

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

const KERNELS = join('packages', 'engine-wasm', 'wasm');
const ROWS = join('apps', 'benchmark', 'src');

/** Without its output. `signal` ends it and its children. @throws Failure with the output if it fails; the signal's reason. */
export async function runProgram(
  [file, ...args]: readonly [string, ...string[]],
  { cwd, signal }: { readonly cwd: string; readonly signal: AbortSignal },
): Promise<void> {
  signal.throwIfAborted();
  // In its own process group, it can be ended with its children. Windows has no process groups.
  const grouped = process.platform !== 'win32';
  const child = spawn(file, args, { cwd, detached: grouped, stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = () => {
    try {
      if (child.pid !== undefined) process.kill(grouped ? -child.pid : child.pid, 'SIGKILL');
    } catch {
      // The program has just ended.
    }
  };
  signal.addEventListener('abort', kill);
  try {
    const ended = [once(child, 'close'), text(child.stdout), text(child.stderr)] as const;
    const [[code], ...written] = await Promise.all(ended);
    signal.throwIfAborted();
    if (code !== 0) throw new Failure(`ci: ${[file, ...args].join(' ')} failed\n${written.join('').trim()}`);
  } finally {
    signal.removeEventListener('abort', kill);
  }
}

/** In a temporary worktree, which is removed even after a failure. @throws Failure if git fails, or what `use` throws. */
export async function withTreeOf<T>(
  { root, commit, signal }: { root: string; commit: string; signal: AbortSignal },
  use: (tree: string) => Promise<T>,
): Promise<T> {
  const tree = mkdtempSync(join(tmpdir(), 'gru4rec-before-'));
  try {
    await runProgram(['git', 'worktree', 'add', '--quiet', '--detach', tree, commit], { cwd: root, signal });
    return await use(tree);
  } finally {
    rmSync(tree, { recursive: true, force: true });
    try {
      // Forced twice, because git locks a worktree while it creates it.
      const remove = ['worktree', 'remove', '--force', '--force', tree];
      execFileSync('git', remove, { cwd: root, stdio: 'ignore' });
    } catch {
      // Git had not registered it yet.
    }
  }
}

/** Installs modules, builds kernels and copies this benchmark, whose rows the tree is to run. @throws Failure if that fails. */
export async function buildTree(
  tree: string,
  { root, signal }: { root: string; signal: AbortSignal },
): Promise<void> {
  const commands = pathToFileURL(join(root, 'scripts', 'lib', 'commands.mjs')).href;
  const { file, args } = (await import(commands)).pnpmCommand();
  const install = ['install', '--frozen-lockfile', '--prefer-offline', '--ignore-scripts'];
  await runProgram([file, ...args, ...install, '--filter', '@gru4rec/benchmark...'], { cwd: tree, signal });
  // Kernels are not rebuilt if their sources are the same.
  if (existsSync(join(root, KERNELS))) cpSync(join(root, KERNELS), join(tree, KERNELS), { recursive: true });
  const build = join('packages', 'engine-wasm', 'scripts', 'build-kernels.mjs');
  await runProgram([process.execPath, build], { cwd: tree, signal });
  rmSync(join(tree, ROWS), { recursive: true, force: true });
  cpSync(join(root, ROWS), join(tree, ROWS), { recursive: true });
}
