// Runs turbo with the pinned pnpm. Only an environment variable can disable its telemetry.
import { pnpmCommand } from './lib/commands.mjs';
import { repositoryRoot } from './lib/repository.mjs';
import { run } from './lib/run.mjs';

process.exitCode = await run(pnpmCommand(), ['exec', 'turbo', ...process.argv.slice(2)], {
  cwd: repositoryRoot,
  stdio: 'inherit',
  env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
});
