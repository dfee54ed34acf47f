import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runProgram } from './run-program.ts';

const KERNELS = join('packages', 'engine-wasm', 'wasm');
const ROWS = join('apps', 'benchmark', 'src');

/** Where a commit is built. */
export interface TreeOptions {
  /** The root of the current code. */
  readonly root: string;
  readonly commit: string;
  readonly signal: AbortSignal;
}

/**
 * Checks out a commit into a temporary worktree, calls `use` and removes the worktree, even after a failure.
 *
 * @returns what `use` returned.
 * @throws Failure if git fails, or what `use` throws.
 */
export async function withTreeOf<T>(
  { root, commit, signal }: TreeOptions,
  use: (tree: string) => Promise<T>,
): Promise<T> {
  const tree = mkdtempSync(join(tmpdir(), 'gru4rec-before-'));
  try {
    await runProgram(['git', 'worktree', 'add', '--quiet', '--detach', tree, commit], { cwd: root, signal });
    return await use(tree);
  } finally {
    remove(root, tree);
  }
}

function remove(root: string, tree: string): void {
  rmSync(tree, { recursive: true, force: true });
  try {
    // Forced twice, because git locks a worktree while it creates it.
    execFileSync('git', ['worktree', 'remove', '--force', '--force', tree], { cwd: root, stdio: 'ignore' });
  } catch {
    // Git had not registered it yet.
  }
}

/**
 * Prepares a tree to run the current rows with its own packages: installs modules, builds kernels and copies this
 * benchmark.
 * @throws Failure if modules or kernels cannot be installed or built.
 */
export async function buildTree(tree: string, { root, signal }: Omit<TreeOptions, 'commit'>): Promise<void> {
  const install = ['install', '--frozen-lockfile', '--prefer-offline', '--ignore-scripts'];
  const pnpm = await pnpmOf(root);
  await runProgram([...pnpm, ...install, '--filter', '@gru4rec/benchmark...'], { cwd: tree, signal });
  // Kernels are not rebuilt if their sources are the same.
  if (existsSync(join(root, KERNELS))) cpSync(join(root, KERNELS), join(tree, KERNELS), { recursive: true });
  const build = join('packages', 'engine-wasm', 'scripts', 'build-kernels.mjs');
  await runProgram([process.execPath, build], { cwd: tree, signal });
  rmSync(join(tree, ROWS), { recursive: true, force: true });
  cpSync(join(root, ROWS), join(tree, ROWS), { recursive: true });
}

async function pnpmOf(root: string): Promise<[string, ...string[]]> {
  const load = (name: string) => import(pathToFileURL(join(root, 'scripts', 'lib', name)).href);
  const [{ readPins }, { pnpmCommand, currentSurroundings }] = await Promise.all([
    load('repository.mjs'),
    load('commands.mjs'),
  ]);
  const { file, args } = pnpmCommand(readPins().pnpmVersion, currentSurroundings());
  return [file, ...args];
}
