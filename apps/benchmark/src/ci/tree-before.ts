import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { Failure } from '../command-line.ts';

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
