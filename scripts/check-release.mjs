// node scripts/check-release.mjs TAG: whether the tag is that of the checkout's version, and the changelog has it.
// Exits with 1 and one line per problem.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listPublicPackages } from './lib/pack.mjs';
import { releaseProblems } from './lib/release.mjs';
import { repositoryRoot } from './lib/repository.mjs';

const problems = releaseProblems(process.argv[2] ?? '', {
  packages: listPublicPackages(),
  changelog: readFileSync(join(repositoryRoot, 'CHANGELOG.md'), 'utf8'),
});
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
