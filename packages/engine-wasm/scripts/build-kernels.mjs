// Compiles assembly/ and the kernel table to wasm/kernels*.wasm (plain and relaxed SIMD, each for unshared and shared
// memory), unless the sources are unchanged. Several processes may do so at once: each writes its own files and renames
// them, so nobody reads an incomplete file.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { tilesSource } from './generate-tiles.mjs';
import { areKernelsCurrent, builds, sourceHash, stampFile, table } from './kernel-stamp.mjs';

const path = (/** @type {string} */ name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

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
  // Loaded only here, because Node 20 needs tsx for TypeScript and most runs have nothing to generate.
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
  // The compiler takes 0.3 s to load.
  const { default: asc } = await import('assemblyscript/asc');
  const { error, stderr } = await asc.main(options);
  if (error) throw new Error(`build-kernels: the AssemblyScript compiler failed\n${stderr.toString()}`);
}

if (!areKernelsCurrent()) {
  const hash = sourceHash();
  mkdirSync(path('wasm'), { recursive: true });
  await generateSources();
  for (const build of builds) await replaceFile(build.file, (file) => compile(file, build));
  await replaceFile(stampFile, (file) => writeFileSync(file, hash));
}
