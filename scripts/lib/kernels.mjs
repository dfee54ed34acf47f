import { join } from 'node:path';
import { areKernelsCurrent } from '../../packages/engine-wasm/scripts/kernel-stamp.mjs';
import { repositoryRoot } from './repository.mjs';
import { run } from './run.mjs';

/**
 * Brings the WebAssembly kernels up to date, and the native ones where there is a C compiler, each in a process of its
 * own, so that the compiler's memory is freed. Its output goes to standard error.
 *
 * @returns {Promise<number>} exit status of the WebAssembly kernels; native kernels are optional
 */
export async function buildKernels() {
  const status = areKernelsCurrent() ? 0 : await runScript('build-kernels.mjs');
  // This file is imported before the packages that native-build.mjs needs are installed.
  const { isAddonCurrent } = await import('../../packages/engine-wasm/scripts/native-build.mjs');
  if (status === 0 && !isAddonCurrent()) await runScript('build-native.mjs', '--quiet');
  return status;
}

/** @param {string} file @param {string[]} args */
function runScript(file, ...args) {
  const script = join(repositoryRoot, 'packages', 'engine-wasm', 'scripts', file);
  const { fd } = process.stderr;
  return run({ file: process.execPath, args: [script] }, args, { stdio: ['ignore', fd, fd] });
}
