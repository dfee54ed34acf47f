// Checks how long the kernels' files and functions are. Code that the builds generate is exempt.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findLongKernels } from './lib/kernel-sizes.mjs';
import { repositoryRoot } from './lib/repository.mjs';

const folders = ['packages/engine-wasm/c', 'packages/engine-wasm/addon'];
const files = folders.flatMap((folder) =>
  readdirSync(join(repositoryRoot, folder))
    .filter((name) => /\.(c|h)$/.test(name))
    .map((name) => `${folder}/${name}`),
);
const problems = files.flatMap((file) =>
  findLongKernels(file, readFileSync(join(repositoryRoot, file), 'utf8')),
);
for (const problem of problems) console.error(problem);
console.log(`${files.length} files of kernels linted, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
