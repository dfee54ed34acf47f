// Compiles c/ to build/PLATFORM/kernels.node, unless what makes it is unchanged. Several processes may do so at once:
// each works in its own folder and renames the result, so nobody ever reads half a file. Exits with 3 where there is no
// C compiler or the processor has no kernels, and says so in one line, or with --quiet not at all.
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
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as place from './native-build.mjs';

const NO_COMPILER = 3;
const common = [
  ...['-std=gnu11', '-O3', '-fPIC', '-Wall', '-Wextra', '-Wno-psabi', '-fvisibility=hidden'],
  // √ sets no errno and no division traps: nothing else about NaN and infinity is assumed.
  ...['-fno-math-errno', '-fno-trapping-math', '-ffp-contract=fast', '-fno-strict-aliasing'],
];

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

/** @returns {string | undefined} */
function findCompiler() {
  const names = [process.env.CC, 'cc', 'gcc', 'clang'].filter((name) => name !== undefined);
  return names.find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0);
}

/**
 * @param {string} compiler
 * @param {readonly string[]} args
 */
function run(compiler, args) {
  const { status, stderr } = spawnSync(compiler, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`build-native: ${compiler} ${args.join(' ')} failed:\n${stderr}`);
}

/**
 * @param {string} compiler
 * @param {string} folder - takes the objects and the addon
 */
async function compile(compiler, folder) {
  await generateHeader(folder);
  const headers = createRequire(import.meta.url).resolve('node-api-headers/package.json');
  const source = (/** @type {string} */ name) => join(place.sourceFolder, name);
  const objects = [join(folder, 'addon.o')];
  const sets = Object.entries(place.instructionSets);
  const defines = sets.map(([set]) => `-DHAS_${set.toUpperCase()}`);
  const includes = [`-I${folder}`, `-I${join(dirname(headers), 'include')}`];
  run(compiler, [...common, ...includes, ...defines, '-c', source('addon.c'), '-o', objects[0] ?? '']);
  for (const [set, flags] of sets) {
    const object = join(folder, `kernels-${set}.o`);
    run(compiler, [...common, ...includes, ...flags, '-c', source('kernels.c'), '-o', object]);
    objects.push(object);
  }
  const undefinedIsFine = process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : [];
  const addon = join(folder, 'kernels.node');
  run(compiler, ['-shared', ...undefinedIsFine, ...objects, '-lm', '-o', addon]);
  return addon;
}

async function build() {
  const compiler = findCompiler();
  if (compiler === undefined || Object.keys(place.instructionSets).length === 0) {
    const missing =
      compiler === undefined ? 'no C compiler (cc, gcc or clang)' : `no kernels for ${process.arch}`;
    const isQuiet = process.argv.includes('--quiet');
    if (!isQuiet)
      process.stderr.write(`Native kernels are not built: ${missing}. WebAssembly kernels run.\n`);
    return NO_COMPILER;
  }
  const hash = place.sourceHash();
  mkdirSync(dirname(place.addonFile), { recursive: true });
  const folder = mkdtempSync(join(dirname(place.addonFile), 'making-'));
  try {
    renameSync(await compile(compiler, folder), place.addonFile);
    const stamp = join(folder, 'stamp.txt');
    writeFileSync(stamp, hash);
    renameSync(stamp, place.stampFile);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return 0;
}

if (!place.isAddonCurrent()) process.exitCode = await build();
