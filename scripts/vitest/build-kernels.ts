import { buildKernels } from '../lib/kernels.mjs';

/**
 * Brings the kernels up to date before any test, so that no test runs with stale ones. After a failure, the tests of
 * other packages still run, and the exit status and the last line show the failure.
 */
export default async function bringKernelsUpToDate(): Promise<void> {
  const status = await buildKernels();
  if (status === 0) return;
  process.stderr.write(`build:kernels of engine-wasm ended with status ${status}; its messages are above.\n`);
  process.exitCode = 1;
}
