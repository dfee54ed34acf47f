// node scripts/check-release.mjs TAG: whether the tag is `v` and the checkout's version, and the changelog has it.
// Exits with 1 and one line per problem.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listPublicPackages } from './lib/pack.mjs';
import { repositoryRoot } from './lib/repository.mjs';

const tag = process.argv[2] ?? '';
const problems = [];
for (const { name, version } of listPublicPackages()) {
  if (tag !== `v${version}`) problems.push(`${name} expected tag v${version}, got ${tag || 'none'}`);
}
const changelog = readFileSync(join(repositoryRoot, 'CHANGELOG.md'), 'utf8');
const section = `[${tag.slice(1)}]`;
if (!changelog.includes(`\n## ${section} - `))
  problems.push(`CHANGELOG.md has no section ${section} with a date`);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
