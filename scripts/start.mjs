// npm start [-- arguments]: set-up, then the trainer. The trainer's own `prestart` builds the kernels.
import { repositoryRoot } from './lib/repository.mjs';
import { run } from './lib/run.mjs';
import { setUp } from './lib/set-up.mjs';

const pnpm = await setUp();
const filter = ['--silent', '--dir', repositoryRoot, '--fail-if-no-match', '--filter', 'trainer'];
// pnpm hands its own working directory on as INIT_CWD: that of the user, whose relative paths the trainer reads.
process.exitCode = await run(pnpm, [...filter, 'start', ...process.argv.slice(2)], {
  cwd: process.env.INIT_CWD || process.cwd(),
  stdio: 'inherit',
});
