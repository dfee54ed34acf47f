import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folders whose code the figures depend on, from the root of the repository. */
const folders = [
  ...[
    'baselines',
    'batcher',
    'metrics',
    'model',
    'preprocess',
    'program',
    'random',
    'sampler',
    'synthetic',
  ].map((name) => `packages/${name}/src`),
  ...['engine-wasm/src', 'engine-wasm/c', 'kernels-native/src', 'tuning/src'].map(
    (name) => `packages/${name}`,
  ),
];
const files = ['data-sets', 'final-runs', 'fit', 'methods', 'spaces', 'tune-method'].map(
  (name) => `apps/benchmark/src/study/${name}.ts`,
);

const root = fileURLToPath(new URL('../../../../', import.meta.url));

/** SHA-256 of the code that the figures depend on. Reports and command lines are not part of it. */
export function codeVersion(): string {
  const hash = createHash('sha256');
  const add = (path: string) => hash.update(`${path}\0`).update(readFileSync(join(root, path)));
  for (const folder of folders) {
    const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
    const paths = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length));
    for (const path of paths.sort()) add(path);
  }
  for (const path of files) add(path);
  return hash.digest('hex');
}
