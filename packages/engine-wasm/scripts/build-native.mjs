// Compiles c/ to build/PLATFORM/kernels.node, unless it is current and runs and no compiler is named. The new addon is tried
// in its own process, where it is of this machine, and then the folder is replaced as a whole: nobody reads half a file.
//   --quiet              no progress, and no line where nothing can be compiled
//   --target PLATFORM    linux-arm64, linux-x64-musl, …; this machine's if not given
//   --output FOLDER      build/PLATFORM if not given
//   --compiler COMMAND   the C compiler, with options if any; $CC, else cc, gcc or clang if not given
//   --limit SECONDS      for each step of the compiler, which is ended then; 120 if not given
//   --sanitize NAME      for checks, to build/PLATFORM-NAME: `address` (with `undefined`) or `undefined`. Prints the path of
//                        GCC's library, which must be preloaded for `address`
// Exits with 3 where there is no C compiler, it has no such library, or the processor has no kernels, and with 1 where
// the compiler fails. The last line on standard error is the reason.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire, register } from 'node:module';
import { constants } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import * as place from './native-build.mjs';

const own = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url));
const nodeHeaders = dirname(createRequire(import.meta.url).resolve('node-api-headers/package.json'));

/** Nothing here can compile the kernels, which is no fault. */
class Unavailable extends Error {}

const common = [
  ...['-std=gnu11', '-O3', '-Wall', '-Wextra', '-Wno-psabi', '-fvisibility=hidden'],
  // √ sets no errno and no division traps: nothing else about NaN and infinity is assumed.
  ...['-fno-math-errno', '-fno-trapping-math', '-ffp-contract=fast', '-fno-strict-aliasing'],
];

/** @type {Readonly<Record<string, { readonly library: string, readonly flags: readonly string[] } | undefined>>} */
const sanitizers = {
  address: { library: 'libasan.so', flags: ['-fsanitize=address,undefined'] },
  undefined: { library: 'libubsan.so', flags: ['-fsanitize=undefined'] },
};

// Packages run from their sources, which other commands ask for with --conditions.
const hook =
  'export const resolve=(name,at,next)=>next(name,{...at,conditions:["@gru4rec/source",...at.conditions]})';
register(`data:text/javascript,${hook}`);

/** Imports TypeScript, which Node 20 does not read by itself. @param {string} file */
async function importTypeScript(file) {
  const { tsImport } = await import('tsx/esm/api');
  return tsImport(pathToFileURL(file).href, import.meta.url);
}

/** @param {string} folder */
async function generateHeaders(folder) {
  const { headers } = await importTypeScript(place.headersFile);
  mkdirSync(join(folder, 'generated'));
  for (const [name, text] of Object.entries(headers.sources))
    writeFileSync(join(folder, 'generated', name), text);
}

/** @typedef {readonly string[]} Compiler - a program, and its first options */

/** @param {string | undefined} wanted - else the usual ones @returns {Promise<Compiler>} the first one that runs */
async function findCompiler(wanted) {
  const candidates = wanted?.trim() ? [wanted.trim().split(/\s+/)] : [['cc'], ['gcc'], ['clang']];
  for (const candidate of candidates) {
    if ((await ask(candidate, '--version')).status === 0) return candidate;
  }
  const names = candidates.map((words) => words.join(' ')).join(', ');
  throw new Unavailable(`no C compiler runs here; tried ${names}. Install gcc or clang, or name one in CC`);
}

/**
 * GCC for Windows aligns the stack to 16 bytes, and the kernels keep vectors of 32 and 64 bytes there.
 *
 * @param {string | undefined} wanted
 * @returns {Promise<Compiler>}
 */
async function clangForWindows(wanted) {
  const compiler = wanted ? await findCompiler(wanted) : [];
  if (wanted && (await ask(compiler, '--version')).stdout.includes('clang')) return compiler;
  throw new Unavailable('kernels for Windows need a clang, named with --compiler');
}

/**
 * Runs a program without a shell. It is ended, with all that it has started, after a limit and with this process.
 *
 * @param {readonly string[]} command
 * @param {number} seconds
 * @returns {Promise<{ status: number | null, stdout: string, stderr: string, problem: string }>} no status if not started, or ended
 */
function runProgram([name = '', ...args], seconds) {
  // A process group, which a signal reaches as a whole. Windows has none.
  const hasGroup = process.platform !== 'win32';
  const child = spawn(name, args, { detached: hasGroup, stdio: ['ignore', 'pipe', 'pipe'] });
  const end = () => {
    if (child.pid === undefined) return;
    try {
      process.kill(hasGroup ? -child.pid : child.pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  };
  const texts = { stdout: '', stderr: '' };
  for (const stream of /** @type {const} */ (['stdout', 'stderr'])) {
    child[stream].setEncoding('utf8').on('data', (text) => (texts[stream] += text));
  }
  process.once('exit', end);
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  return new Promise((resolve) => {
    const settle = (/** @type {number | null} */ status, /** @type {string} */ problem) =>
      resolve({ status, ...texts, problem });
    timer = setTimeout(() => {
      end();
      // Something that left the group may hold them.
      child.stdout.destroy();
      child.stderr.destroy();
      settle(null, `did not end within ${seconds} s`);
    }, seconds * 1000);
    child.on('error', ({ message }) => settle(null, message));
    child.on('close', (status, signal) => settle(status, `ended with ${signal ?? status}`));
  }).finally(() => {
    clearTimeout(timer);
    process.off('exit', end);
  });
}

/** @param {Compiler} compiler @param {string} option */
function ask(compiler, option) {
  return runProgram([...compiler, option], Math.min(limit, 20));
}

/** @param {Compiler} compiler @param {readonly string[]} args */
async function run(compiler, args) {
  const { status, stderr, problem } = await runProgram([...compiler, ...args], limit);
  if (status === 0) return;
  const lines = stderr.trim().split('\n');
  const reason = lines.find((line) => /\berror\b/i.test(line)) ?? lines.at(-1);
  throw new Error(`${compiler[0]} ${problem}${reason ? `: ${reason}` : ''}`);
}

/** @param {string} addon @returns {Promise<string | undefined>} why it does not run on this machine; undefined if it does */
async function describeTrial(addon) {
  const { status, stderr, problem } = await runProgram([process.execPath, own('try-addon.mjs'), addon], 60);
  if (status === 0) return undefined;
  return /^\w*Error.*/m.exec(stderr)?.[0] ?? problem;
}

/**
 * @param {Compiler} compiler
 * @param {string} name
 * @returns {Promise<{ library: string, flags: readonly string[] }>} @throws {Unavailable} if this is no GCC that has it
 */
async function findSanitizer(compiler, name) {
  const sanitizer = sanitizers[name];
  if (!sanitizer) throw new Error(`--sanitize expected ${Object.keys(sanitizers).join(' or ')}, got ${name}`);
  const library = (await ask(compiler, `-print-file-name=${sanitizer.library}`)).stdout.trim();
  // GCC answers with the bare name if it does not have the file. Clang may answer with that of GCC.
  if (!isAbsolute(library) || (await ask(compiler, '--version')).stdout.includes('clang')) {
    throw new Unavailable(`${compiler[0]} has no ${sanitizer.library}. Install GCC's`);
  }
  return { library, flags: ['-O1', '-g', ...sanitizer.flags, '-fno-sanitize-recover=undefined'] };
}

/** Of llvm-dlltool, by processor. */
const machines = /** @type {Readonly<Record<string, string>>} */ ({ x64: 'i386:x86-64', arm64: 'arm64' });

/**
 * Flags of the linker, after the objects: the addon takes Node's functions from the process that loads it.
 *
 * @param {string} platform
 * @param {string} folder - takes an import library, where the system needs one
 * @returns {Promise<readonly string[]>}
 */
async function linkFlags(platform, folder) {
  const [system, processor = ''] = platform.split('-');
  if (system === 'darwin') return ['-undefined', 'dynamic_lookup', '-lm'];
  if (system !== 'win32') return ['-lm'];
  const names = ['js_native_api.def', 'node_api.def'].flatMap((file) => {
    const [, list = ''] = readFileSync(join(nodeHeaders, 'def', file), 'utf8').split(/^EXPORTS$/m);
    return list.trim().split(/\s+/);
  });
  const definition = join(folder, 'node.def');
  writeFileSync(definition, ['NAME node.exe', 'EXPORTS', ...names, ''].join('\n'));
  const library = join(folder, 'libnode.a');
  await run(['llvm-dlltool'], ['-m', machines[processor] ?? processor, '-d', definition, '-l', library]);
  return [library, '-fuse-ld=lld', '-static-libgcc'];
}

/**
 * @param {Compiler} compiler
 * @param {string} platform
 * @param {string} folder - takes the objects and the addon
 * @param {readonly string[]} extra - flags
 * @returns {Promise<string>} path of the addon
 */
async function compile(compiler, platform, folder, extra) {
  await generateHeaders(folder);
  const objects = [join(folder, 'addon.o')];
  const addonSource = join(place.addonFolder, 'addon.c');
  const sets = Object.entries(place.instructionSetsOf(platform));
  const defines = sets.map(([set]) => `-DHAS_${set.toUpperCase()}`);
  const pic = platform.startsWith('win32') ? [] : ['-fPIC'];
  const includes = [folder, place.kernelFolder, join(nodeHeaders, 'include')].map((path) => `-I${path}`);
  const flags = [...common, ...pic, ...extra, ...includes];
  await run(compiler, [...flags, ...defines, '-c', addonSource, '-o', ...objects]);
  for (const [set, ofSet] of sets) {
    report(`Compiling kernels for ${set} with ${compiler.join(' ')}`);
    const object = join(folder, `kernels-${set}.o`);
    await run(compiler, [...flags, ...ofSet, '-c', join(place.kernelFolder, 'kernels.c'), '-o', object]);
    objects.push(object);
  }
  const addon = join(folder, 'kernels.node');
  const linking = await linkFlags(platform, folder);
  await run(compiler, ['-shared', ...extra, ...objects, ...linking, '-o', addon]);
  return addon;
}

/**
 * @param {Compiler} compiler
 * @param {string} platform
 * @param {string} output - folder, replaced
 * @param {{ flags: readonly string[], isTried: boolean }} options
 */
async function build(compiler, platform, output, { flags, isTried }) {
  const { replaceFolder } = await importTypeScript(place.durableFilesFile);
  /** @type {(folder: string, scratch: string) => Promise<void>} */
  const fill = async (folder, scratch) => {
    const addon = await compile(compiler, platform, scratch, flags);
    const problem = isTried ? await describeTrial(addon) : undefined;
    if (problem) throw new Error(`what ${compiler.join(' ')} compiled does not run: ${problem}`);
    writeFileSync(place.stampFile(folder), place.stampOf(addon));
    renameSync(addon, place.addonFile(folder));
  };
  await replaceFolder(output, {}, fill);
}

/** @param {{ target: string, output?: string, compiler?: string, sanitize?: string }} options */
async function bringUpToDate({ target, output, compiler: wanted, sanitize }) {
  const folder = output ?? place.buildFolder(sanitize ? `${target}-${sanitize}` : target);
  // What a sanitizer checks runs only where its library is loaded first.
  const isTried = target === place.thisPlatform && !sanitize;
  const isCurrent =
    !wanted &&
    place.isAddonCurrent(folder) &&
    !(isTried && (await describeTrial(place.addonFile(folder))) !== undefined);
  if (isCurrent && !sanitize) return;
  if (Object.keys(place.instructionSetsOf(target)).length === 0) {
    throw new Unavailable(`there are no kernels for ${target}, only for x64 and arm64`);
  }
  const compiler = target.startsWith('win32') ? await clangForWindows(wanted) : await findCompiler(wanted);
  const sanitizer = sanitize === undefined ? undefined : await findSanitizer(compiler, sanitize);
  if (!isCurrent) await build(compiler, target, folder, { flags: sanitizer?.flags ?? [], isTried });
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
    limit: { type: 'string', default: '120' },
    sanitize: { type: 'string' },
  },
});
const limit = Number(options.limit);
// At its exit, this process ends the compiler and removes what is half built.
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.once(signal, () => process.exit(128 + constants.signals[signal]));
}
try {
  await bringUpToDate(options);
} catch (error) {
  const isUnavailable = error instanceof Unavailable;
  process.exitCode = isUnavailable ? 3 : 1;
  const line = /** @type {Error} */ (error).message;
  if (!isUnavailable || !options.quiet) process.stderr.write(`Native kernels are not built: ${line}\n`);
}
