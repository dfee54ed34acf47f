import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);
const path = (/** @type {string} */ name) => fileURLToPath(new URL(name, root));

/** The builds of the kernels: plain and relaxed SIMD, each for unshared and shared memory. */
export const builds = [false, true].flatMap((relaxed) =>
  [false, true].map((shared) => ({
    relaxed,
    shared,
    file: path(`wasm/kernels${relaxed ? '-relaxed' : ''}${shared ? '-shared' : ''}.wasm`),
  })),
);

/** The file with the `sourceHash` of the kernels beside it. */
export const stampFile = path('wasm/stamp.txt');

/** The kernel table, which both the engine and the generator read. */
export const table = 'src/kernel-table.ts';

/** Identifies the sources and the compiler of the kernels. */
export function sourceHash() {
  const hash = createHash('sha256');
  hash.update(createRequire(import.meta.url)('assemblyscript/package.json').version);
  for (const folder of ['assembly', 'scripts']) {
    const names = readdirSync(path(folder)).filter((name) => /\.m?[jt]s$/.test(name));
    for (const name of names.sort()) hash.update(name).update(readFileSync(path(`${folder}/${name}`)));
  }
  hash.update(table).update(readFileSync(path(table)));
  return hash.digest('hex');
}

/** Whether the kernels were built from the current sources. */
export function areKernelsCurrent() {
  const made = builds.every(({ file }) => existsSync(file)) && existsSync(stampFile);
  return made && readFileSync(stampFile, 'utf8') === sourceHash();
}
