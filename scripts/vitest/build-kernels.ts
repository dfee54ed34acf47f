import { join } from 'node:path';
import { currentSurroundings, npmToolCommand } from '../lib/commands.mjs';
import { repositoryRoot } from '../lib/repository.mjs';
import { run } from '../lib/run.mjs';

/**
 * Brings the kernels up to date before any test, so that none runs against stale ones.
 * A failure leaves the other packages' tests to run; the exit status and the last line tell of it.
 */
export default async function buildKernels(): Promise<void> {
  // npm, not pnpm: it starts in 0.2 s where pnpm through npx takes 0.8 s, and runs the same script.
  const npm = npmToolCommand('npm', currentSurroundings());
  const status = await run(npm, ['--silent', 'run', '--if-present', 'build:kernels'], {
    cwd: join(repositoryRoot, 'packages', 'engine-wasm'),
    stdio: ['ignore', process.stderr.fd, process.stderr.fd],
  });
  if (status === 0) return;
  process.stderr.write(`build:kernels of engine-wasm ended with status ${status}; its messages are above.\n`);
  process.exitCode = 1;
}
