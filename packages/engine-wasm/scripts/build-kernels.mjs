// Compiles c/ to wasm/kernels*.wasm (plain and relaxed SIMD, each for unshared and shared memory), unless the sources are
// unchanged. The files are in the repository, so that only who changes a kernel needs the compiler: clang as WebAssembly, 105 MB,
// which npm fetches. Several processes may compile at once: each writes its own files and renames them.
//   --output FOLDER   compiles in any case, to this folder
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { areKernelsCurrent, builds, compiler, sourceFolder, sourceHash, stampFile } from './kernel-stamp.mjs';

const flags = [
  ...['--target=wasm32', '-isystem', '/usr/include/wasm32-wasip1', '-nostdlib', '-msimd128', '-mbulk-memory'],
  ...['-std=gnu11', '-O3', '-Wall', '-Wextra', '-Werror', '-fvisibility=hidden'],
  // As build-native.mjs. Address 0 is memory.
  ...['-fno-math-errno', '-fno-trapping-math', '-ffp-contract=fast', '-fno-strict-aliasing'],
  '-fno-delete-null-pointer-checks',
  // The first thread's stack is below all data, so that overflowing it traps.
  ...[
    '-Wl,--no-entry',
    '-Wl,--import-memory',
    '-Wl,--max-memory=4294967296',
    '-Wl,--strip-all',
    '-Wl,--stack-first',
  ],
  '-Wl,--export=__stack_pointer',
];

/**
 * Fetches the compiler, once per version.
 *
 * @returns {Promise<(args: readonly string[], files: object, options: object) => Promise<Record<string, Uint8Array>>>}
 */
async function fetchCompiler() {
  const folder = fileURLToPath(new URL(`../node_modules/.cache/clang-${compiler.version}`, import.meta.url));
  const main = pathToFileURL(join(folder, 'node_modules', compiler.name, 'gen', 'bundle.js')).href;
  const load = () => import(main).then(({ runClang }) => runClang);
  return load().catch(() => {
    process.stderr.write(`The kernels have changed. Fetching their compiler, ${compiler.name}, 105 MB …\n`);
    mkdirSync(folder, { recursive: true });
    const args = ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
    const { status } = spawnSync('npm', [...args, `${compiler.name}@${compiler.version}`], {
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: process.platform === 'win32',
    });
    if (status === 0) return load();
    throw new Error(`build-kernels: npm could not fetch ${compiler.name}@${compiler.version}, see above`);
  });
}

/** The C sources, and the headers that are generated from the kernel table. */
async function sources() {
  // Loaded only here, because Node 20 needs tsx for TypeScript and most runs have nothing to generate.
  const { tsImport } = await import('tsx/esm/api');
  const { headers } = await tsImport('./generate-headers.ts', import.meta.url);
  const names = readdirSync(sourceFolder);
  const texts = names.map((name) => [name, readFileSync(join(sourceFolder, name), 'utf8')]);
  return {
    tree: { ...Object.fromEntries(texts), generated: headers.sources },
    stackBytes: headers.stackBytes,
  };
}

/** @param {string} folder */
async function compileTo(folder) {
  const runClang = await fetchCompiler();
  const { tree, stackBytes } = await sources();
  mkdirSync(folder, { recursive: true });
  for (const { relaxed, shared, file } of builds) {
    const own = [
      ...(relaxed ? ['-mrelaxed-simd'] : []),
      ...(shared ? ['-matomics', '-Wl,--shared-memory'] : []),
      `-Wl,-z,stack-size=${stackBytes}`,
    ];
    let messages = '';
    const stderr = (/** @type {Uint8Array | null} */ bytes) => {
      if (bytes) messages += Buffer.from(bytes).toString();
    };
    const options = { stderr, stdout: null, fetchProgress: () => {} };
    const made = await runClang(
      ['clang', ...flags, ...own, 'kernels.c', '-o', 'out.wasm'],
      tree,
      options,
    ).catch((/** @type {Error} */ cause) => {
      throw new Error(`build-kernels: clang failed for ${file}\n${messages}`, { cause });
    });
    replaceFile(join(folder, file), made['out.wasm'] ?? new Uint8Array());
  }
}

/**
 * @param {string} file
 * @param {Uint8Array | string} content
 */
function replaceFile(file, content) {
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, content);
  renameSync(temporary, file);
}

const { output } = parseArgs({ options: { output: { type: 'string' } } }).values;
if (output !== undefined) await compileTo(output);
else if (!areKernelsCurrent()) {
  const hash = sourceHash();
  await compileTo(join(stampFile, '..'));
  replaceFile(stampFile, hash);
}
