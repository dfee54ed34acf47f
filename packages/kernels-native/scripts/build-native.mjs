// Compiles c/ to build/PLATFORM/kernels.node, unless what makes it is unchanged and no compiler is named. Several processes
// may do so at once: each works in its own folder and renames the result, so nobody ever reads half a file.
//   --quiet              no progress, and no line where nothing can be compiled
//   --target PLATFORM    linux-arm64, linux-x64-musl, …; this machine's if not given
//   --output FOLDER      build/PLATFORM if not given
//   --compiler COMMAND   the C compiler, with options if any; $CC, else cc, gcc or clang if not given
//   --sanitize NAME      for checks, to build/PLATFORM-NAME: `address` (with `undefined`) or `undefined`. Prints the path of
//                        GCC's library, which must be preloaded for `address`
// Exits with 3 where there is no C compiler, it has no such library, or the processor has no kernels, and with 1 where
// the compiler fails. The last line on standard error is the reason.
import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { linkFlags } from './link-addon.mjs';
import * as place from './native-build.mjs';

/** Nothing here can compile the kernels, which is no fault. */
class Unavailable extends Error {}

const common = [
  ...['-std=gnu11', '-O3', '-Wall', '-Wextra', '-Wno-psabi', '-fvisibility=hidden'],
  // √ sets no errno and no division traps: nothing else about NaN and infinity is assumed.
  ...['-fno-math-errno', '-fno-trapping-math', '-ffp-contract=fast', '-fno-strict-aliasing'],
];

/**
 * Library and flags of each sanitizer.
 *
 * @type {Readonly<Record<string, { readonly library: string, readonly flags: readonly string[] } | undefined>>}
 */
const sanitizers = {
  address: { library: 'libasan.so', flags: ['-fsanitize=address,undefined'] },
  undefined: { library: 'libubsan.so', flags: ['-fsanitize=undefined'] },
};

/** The C sources' kernels, in their order. */
function definedKernels() {
  const texts = readdirSync(place.sourceFolder)
    .filter((name) => name.endsWith('.h'))
    .sort()
    .map((name) => readFileSync(join(place.sourceFolder, name), 'utf8'));
  return texts.flatMap((text) => [...text.matchAll(/^KERNEL\((\w+)\)/gm)].map(([, name = '']) => name));
}

/**
 * A constant of the WebAssembly kernels.
 *
 * @param {string} name
 * @param {string} file - in assembly/, without `.ts`
 */
function constantOf(name, file) {
  const text = readFileSync(join(place.assemblyFolder, `${file}.ts`), 'utf8');
  const [, value] = new RegExp(`^export const ${name}: i32 = (\\d+);`, 'm').exec(text) ?? [];
  if (value === undefined) throw new Error(`build-native: assembly/${file}.ts expected an integer ${name}`);
  return Number(value);
}

/** @param {string} folder */
async function generateHeader(folder) {
  // TypeScript, which Node 20 does not read by itself.
  const { tsImport } = await import('tsx/esm/api');
  const { kernelTable, tableFingerprint } = await tsImport(
    pathToFileURL(place.tableFile).href,
    import.meta.url,
  );
  const { argumentsSource, constantsSource } = await tsImport('./generate-arguments.ts', import.meta.url);
  const constants = Object.fromEntries(
    Object.entries(kernelTable.constants).map(([name, file]) => [name, constantOf(name, file)]),
  );
  mkdirSync(join(folder, 'generated'));
  const write = (/** @type {string} */ name, /** @type {string} */ text) =>
    writeFileSync(join(folder, 'generated', name), text);
  write('constants.h', constantsSource({ ...constants, TABLE: tableFingerprint }));
  write('arguments.h', argumentsSource(kernelTable, definedKernels()));
}

/**
 * A program, and the options that come before all others.
 *
 * @typedef {readonly string[]} Compiler
 */

/**
 * The first compiler that runs, of the one that was asked for or else of the usual ones.
 *
 * @param {string | undefined} wanted
 * @returns {Compiler} @throws {Unavailable} if none does
 */
function findCompiler(wanted) {
  const candidates = wanted?.trim() ? [wanted.trim().split(/\s+/)] : [['cc'], ['gcc'], ['clang']];
  const found = candidates.find(([name = '', ...options]) => {
    return spawnSync(name, [...options, '--version'], { stdio: 'ignore' }).status === 0;
  });
  if (found) return found;
  const names = candidates.map((words) => words.join(' ')).join(', ');
  throw new Unavailable(`no C compiler runs here; tried ${names}. Install gcc or clang, or name one in CC`);
}

/**
 * GCC for Windows aligns the stack to 16 bytes, and the kernels keep vectors of 32 and 64 bytes there.
 *
 * @param {string | undefined} wanted
 * @returns {Compiler} @throws {Unavailable} if no clang is named
 */
function clangForWindows(wanted) {
  const compiler = wanted ? findCompiler(wanted) : [];
  const [name = '', ...options] = compiler;
  const isClang =
    wanted && spawnSync(name, [...options, '--version'], { encoding: 'utf8' }).stdout.includes('clang');
  if (!isClang) throw new Unavailable('kernels for Windows need a clang, named with --compiler');
  return compiler;
}

/**
 * @param {Compiler} compiler
 * @param {readonly string[]} args
 */
function run([name = '', ...options], args) {
  const { status, stderr, error } = spawnSync(name, [...options, ...args], { encoding: 'utf8' });
  if (status === 0) return;
  const lines = (stderr ?? '').trim().split('\n');
  const reason = lines.find((line) => /\berror\b/i.test(line)) ?? error?.message ?? lines.at(-1);
  throw new Error(`${name} ended with ${status}: ${reason || 'it gave no reason'}`);
}

/**
 * @param {Compiler} compiler
 * @param {string} name
 * @returns {{ library: string, flags: readonly string[] }} @throws {Unavailable} if the compiler is not a GCC that has it
 */
function findSanitizer([program = '', ...options], name) {
  const sanitizer = sanitizers[name];
  if (!sanitizer) throw new Error(`--sanitize expected ${Object.keys(sanitizers).join(' or ')}, got ${name}`);
  const ask = (/** @type {string} */ option) =>
    spawnSync(program, [...options, option], { encoding: 'utf8' }).stdout.trim();
  const library = ask(`-print-file-name=${sanitizer.library}`);
  // GCC answers with the bare name if it does not have the file. Clang may answer with that of GCC.
  if (!isAbsolute(library) || ask('--version').includes('clang')) {
    throw new Unavailable(`${program} has no ${sanitizer.library}. Install GCC's`);
  }
  return { library, flags: ['-O1', '-g', ...sanitizer.flags, '-fno-sanitize-recover=undefined'] };
}

/**
 * @param {Compiler} compiler
 * @param {string} platform
 * @param {string} folder - takes the objects and the addon
 * @param {readonly string[]} extra - flags
 * @returns {Promise<string>} path of the addon
 */
async function compile(compiler, platform, folder, extra) {
  await generateHeader(folder);
  const headers = createRequire(import.meta.url).resolve('node-api-headers/package.json');
  const source = (/** @type {string} */ name) => join(place.sourceFolder, name);
  const objects = [join(folder, 'addon.o')];
  const sets = Object.entries(place.instructionSetsOf(platform));
  const defines = sets.map(([set]) => `-DHAS_${set.toUpperCase()}`);
  const pic = platform.startsWith('win32') ? [] : ['-fPIC'];
  const flags = [...common, ...pic, ...extra, `-I${folder}`, `-I${join(dirname(headers), 'include')}`];
  run(compiler, [...flags, ...defines, '-c', source('addon.c'), '-o', objects[0] ?? '']);
  for (const [set, ofSet] of sets) {
    report(`Compiling kernels for ${set} with ${compiler.join(' ')}`);
    const object = join(folder, `kernels-${set}.o`);
    run(compiler, [...flags, ...ofSet, '-c', source('kernels.c'), '-o', object]);
    objects.push(object);
  }
  const addon = join(folder, 'kernels.node');
  run(compiler, ['-shared', ...extra, ...objects, ...linkFlags(platform, folder, run), '-o', addon]);
  return addon;
}

/**
 * @param {Compiler} compiler
 * @param {string} platform
 * @param {string} output - folder
 * @param {readonly string[]} extra - flags
 */
async function build(compiler, platform, output, extra) {
  const hash = place.sourceHash();
  mkdirSync(output, { recursive: true });
  const folder = mkdtempSync(join(output, 'making-'));
  try {
    renameSync(await compile(compiler, platform, folder, extra), place.addonFile(output));
    const stamp = join(folder, 'stamp.txt');
    writeFileSync(stamp, hash);
    renameSync(stamp, place.stampFile(output));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Builds what is not current.
 *
 * @param {{ target: string, output?: string, compiler?: string, sanitize?: string }} options
 */
async function bringUpToDate({ target, output, compiler: wanted, sanitize }) {
  const folder = output ?? place.buildFolder(sanitize ? `${target}-${sanitize}` : target);
  const isCurrent = !wanted && place.isAddonCurrent(folder);
  if (isCurrent && !sanitize) return;
  if (Object.keys(place.instructionSetsOf(target)).length === 0) {
    throw new Unavailable(`there are no kernels for ${target}, only for x64 and arm64`);
  }
  const compiler = target.startsWith('win32') ? clangForWindows(wanted) : findCompiler(wanted);
  const sanitizer = sanitize === undefined ? undefined : findSanitizer(compiler, sanitize);
  if (!isCurrent) await build(compiler, target, folder, sanitizer?.flags ?? []);
  if (sanitizer) process.stdout.write(`${sanitizer.library}\n`);
}

/** @param {string} line */
function report(line) {
  if (!options.quiet) process.stderr.write(`${line}\n`);
}

const { values: options } = parseArgs({
  options: {
    quiet: { type: 'boolean', default: false },
    target: { type: 'string', default: place.thisPlatform },
    output: { type: 'string' },
    compiler: { type: 'string', default: process.env.CC },
    sanitize: { type: 'string' },
  },
});
try {
  await bringUpToDate(options);
} catch (error) {
  const isUnavailable = error instanceof Unavailable;
  process.exitCode = isUnavailable ? 3 : 1;
  const line = /** @type {Error} */ (error).message;
  if (!isUnavailable || !options.quiet) process.stderr.write(`Native kernels are not built: ${line}\n`);
}
