import { buildKernels } from '../lib/kernels.mjs';

/**
 * Brings the kernels up to date before any test, so that none runs against stale ones.
 * A failure leaves the other packages' tests to run; the exit status and the last line tell of it.
 */
export default async function bringKernelsUpToDate(): Promise<void> {
  const status = await buildKernels();
  if (status === 0) return;
  process.stderr.write(`build:kernels of engine-wasm ended with status ${status}; its messages are above.\n`);
  process.exitCode = 1;
}
