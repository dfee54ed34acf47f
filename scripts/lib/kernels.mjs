import { join } from 'node:path';
import { areKernelsCurrent } from '../../packages/engine-wasm/scripts/kernel-stamp.mjs';
import { repositoryRoot } from './repository.mjs';
import { run } from './run.mjs';

/**
 * Brings the WebAssembly kernels up to date, in a process of their own, so that the compiler's memory is freed.
 * Its output goes to standard error.
 *
 * @returns {Promise<number>} exit status
 */
export async function buildKernels() {
  if (areKernelsCurrent()) return 0;
  const script = join(repositoryRoot, 'packages', 'engine-wasm', 'scripts', 'build-kernels.mjs');
  return run({ file: process.execPath, args: [script] }, [], {
    stdio: ['ignore', process.stderr.fd, process.stderr.fd],
  });
}
