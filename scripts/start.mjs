// npm start [-- arguments]: setup, then the trainer in this process, `demo` without arguments. `pnpm start` in apps/trainer
// does the same.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { bundleTrainer } from './lib/bundle.mjs';
import { buildKernels } from './lib/kernels.mjs';
import { repositoryRoot } from './lib/repository.mjs';
import { setUp } from './lib/set-up.mjs';

// npm and pnpm run a script in the folder of its package, and pass on the user's folder. If that is inherited from the
// environment of another script, it is not the user's.
const { npm_package_json: manifest, npm_lifecycle_event: event } = process.env;
endWithLauncher();
const ours = [repositoryRoot, join(repositoryRoot, 'apps', 'trainer')].map((folder) =>
  join(folder, 'package.json'),
);
if (event !== 'start' || !ours.includes(manifest ?? '')) delete process.env.INIT_CWD;
// pnpm passes `--` on, npm does not.
if (process.argv[2] === '--') process.argv.splice(2, 1);
if (process.argv.length === 2) process.argv.push('demo');
// The site's modules would double the time of an installation.
const stamp = await setUp(['apps/docs']);
const status = await buildKernels();
if (status !== 0) process.exit(status);
await import(pathToFileURL(await bundleTrainer(repositoryRoot, stamp)).href);

/**
 * Sends this process SIGHUP once the npm or pnpm that started it has ended. A thread checks, because the main thread
 * may compute for minutes without returning to its event loop.
 */
function endWithLauncher() {
  if (event !== 'start' || process.platform === 'win32') return;
  const watch = `
    const { workerData: launcher } = require('node:worker_threads');
    const timer = setInterval(() => {
      if (process.ppid === launcher) return;
      clearInterval(timer);
      process.kill(process.pid, 'SIGHUP');
    }, 250);`;
  new Worker(watch, { eval: true, workerData: process.ppid }).unref();
}
