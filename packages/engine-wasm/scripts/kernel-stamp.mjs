import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = (/** @type {string} */ name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** The compiler, a package of npm. */
export const compiler = { name: '@yowasp/clang', version: '22.0.0-git20542-10' };

/** The folder of the C sources. */
export const sourceFolder = path('c');

/** The builds of the kernels: plain and relaxed SIMD, each for unshared and shared memory; their files in wasm/. */
export const builds = [false, true].flatMap((relaxed) =>
  [false, true].map((shared) => ({
    relaxed,
    shared,
    file: `kernels${relaxed ? '-relaxed' : ''}${shared ? '-shared' : ''}.wasm`,
  })),
);

/** The file with the `sourceHash` of the kernels beside it. */
export const stampFile = path('wasm/stamp.txt');

/** The files that the kernels are made from. */
export const sourceFiles = [
  ...readdirSync(sourceFolder)
    .sort()
    .map((name) => path(`c/${name}`)),
  path('src/kernel-table.ts'),
  path('scripts/generate-headers.ts'),
];

/**
 * The SHA-256 of files, without the line ends of the checkout.
 *
 * @param {readonly string[]} files
 * @param {string} [before] - a text before them
 */
export function hashOf(files, before = '') {
  const hash = createHash('sha256').update(before);
  for (const file of files) hash.update(readFileSync(file, 'utf8').replaceAll('\r\n', '\n'));
  return hash.digest('hex');
}

/** Identifies the sources and the compiler of the kernels. */
export function sourceHash() {
  return hashOf([...sourceFiles, path('scripts/build-kernels.mjs')], compiler.version);
}

/** Whether the kernels were built from the current sources. */
export function areKernelsCurrent() {
  const made = builds.every(({ file }) => existsSync(path(`wasm/${file}`))) && existsSync(stampFile);
  return made && readFileSync(stampFile, 'utf8') === sourceHash();
}
