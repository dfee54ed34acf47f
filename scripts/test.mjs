// npm test [-- arguments of vitest]: set-up, then every test, the slow ones too.
import { join } from 'node:path';
import { repositoryRoot } from './lib/repository.mjs';
import { run } from './lib/run.mjs';
import { setUp } from './lib/set-up.mjs';

await setUp();
const vitest = {
  file: process.execPath,
  args: [join(repositoryRoot, 'node_modules', 'vitest', 'vitest.mjs')],
};
process.exitCode = await run(vitest, ['run', ...process.argv.slice(2)], {
  cwd: repositoryRoot,
  stdio: 'inherit',
});
