// Runs turbo with the pinned pnpm. Only an environment variable can disable its telemetry.
import { currentSurroundings, pnpmCommand } from './lib/commands.mjs';
import { readPins, repositoryRoot } from './lib/repository.mjs';
import { run } from './lib/run.mjs';

const pnpm = pnpmCommand(readPins().pnpmVersion, currentSurroundings());
process.exitCode = await run(pnpm, ['exec', 'turbo', ...process.argv.slice(2)], {
  cwd: repositoryRoot,
  stdio: 'inherit',
  env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
});
