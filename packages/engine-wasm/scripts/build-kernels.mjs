// Compiles assembly/ and the table of kernels to wasm/kernels*.wasm (plain and relaxed SIMD, each for memory of one
// thread or shared), unless what made them is unchanged. Several processes may do so at once: each writes its own files
// and renames them, so nobody ever reads half a file.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { tilesSource } from './generate-tiles.mjs';

const root = new URL('../', import.meta.url);
const path = (/** @type {string} */ name) => fileURLToPath(new URL(name, root));
const builds = [false, true].flatMap((relaxed) =>
  [false, true].map((shared) => ({
    relaxed,
    shared,
    file: path(`wasm/kernels${relaxed ? '-relaxed' : ''}${shared ? '-shared' : ''}.wasm`),
  })),
);
const stampFile = path('wasm/stamp.txt');
const table = 'src/kernel-table.ts';

/** Identifies the sources and the compiler that make the kernels. */
function sourceHash() {
  const hash = createHash('sha256');
  hash.update(createRequire(import.meta.url)('assemblyscript/package.json').version);
  for (const folder of ['assembly', 'scripts']) {
    const names = readdirSync(path(folder)).filter((name) => /\.m?[jt]s$/.test(name));
    for (const name of names.sort()) hash.update(name).update(readFileSync(path(`${folder}/${name}`)));
  }
  hash.update(table).update(readFileSync(path(table)));
  return hash.digest('hex');
}

/**
 * @param {string} file
 * @param {(temporary: string) => void | Promise<void>} write
 */
async function replaceFile(file, write) {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await write(temporary);
    renameSync(temporary, file);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Writes assembly/generated/. */
async function generateSources() {
  mkdirSync(path('assembly/generated'), { recursive: true });
  // TypeScript, which Node 20 does not read by itself; most runs of this script have nothing to generate.
  const { tsImport } = await import('tsx/esm/api');
  const { kernelTable, tableFingerprint } = await tsImport(`../${table}`, import.meta.url);
  const { choicesSource, dispatchSource } = await tsImport('./generate-dispatch.ts', import.meta.url);
  const readSource = (/** @type {string} */ name) => readFileSync(path(`assembly/${name}.ts`), 'utf8');
  const sources = {
    tiles: tilesSource(),
    choices: choicesSource(kernelTable),
    dispatch: dispatchSource(kernelTable, tableFingerprint, readSource),
  };
  for (const [name, source] of Object.entries(sources)) {
    await replaceFile(path(`assembly/generated/${name}.ts`), (file) => writeFileSync(file, source));
  }
}

/**
 * @param {string} outFile
 * @param {{ relaxed: boolean, shared: boolean }} build
 */
async function compile(outFile, { relaxed, shared }) {
  const options = [
    path('assembly/index.ts'),
    ...['--outFile', outFile],
    ...['-O3', '--noAssert', '--runtime', 'stub', '--importMemory'],
    ...['--initialMemory', '1', '--maximumMemory', '65536'],
    ...['--enable', 'simd', '--enable', 'bulk-memory'],
    ...(relaxed ? ['--enable', 'relaxed-simd'] : []),
    ...(shared ? ['--enable', 'threads', '--sharedMemory'] : []),
  ];
  const { error, stderr } = await asc.main(options);
  if (error) throw new Error(`build-kernels: the AssemblyScript compiler failed\n${stderr.toString()}`);
}

const hash = sourceHash();
const current =
  builds.every(({ file }) => existsSync(file)) &&
  existsSync(stampFile) &&
  readFileSync(stampFile, 'utf8') === hash;
if (!current) {
  mkdirSync(path('wasm'), { recursive: true });
  await generateSources();
  for (const build of builds) await replaceFile(build.file, (file) => compile(file, build));
  await replaceFile(stampFile, (file) => writeFileSync(file, hash));
}
