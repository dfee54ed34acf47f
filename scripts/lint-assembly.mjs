// Checks how long the kernels' files and functions are. What the build writes to assembly/generated is exempt.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findLongAssembly } from './lib/assembly-sizes.mjs';
import { repositoryRoot } from './lib/repository.mjs';

const folder = 'packages/engine-wasm/assembly';
const files = readdirSync(join(repositoryRoot, folder)).filter((name) => name.endsWith('.ts'));
const problems = files.flatMap((name) => {
  const file = `${folder}/${name}`;
  return findLongAssembly(file, readFileSync(join(repositoryRoot, file), 'utf8'));
});
for (const problem of problems) console.error(problem);
console.log(`${files.length} files of assembly linted, ${problems.length} problems`);
process.exitCode = files.length > 0 && problems.length === 0 ? 0 : 1;
