// npm test [-- arguments of vitest]: setup, then the fast tests; the others with --project slow or long.
import { join } from 'node:path';
import { repositoryRoot } from './lib/repository.mjs';
import { run } from './lib/run.mjs';
import { setUp } from './lib/set-up.mjs';

await setUp();
const vitest = {
  file: process.execPath,
  args: [join(repositoryRoot, 'node_modules', 'vitest', 'vitest.mjs')],
};
const given = process.argv.slice(2);
const namesProject = given.some((argument) => /^--project(=|$)/.test(argument));
const projects = namesProject ? [] : ['--project', 'fast*'];
process.exitCode = await run(vitest, ['run', ...projects, ...given], {
  cwd: repositoryRoot,
  stdio: 'inherit',
});
