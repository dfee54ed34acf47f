// Where the addon of a platform is, what makes it, and whether it is up to date.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { familySync, MUSL } from 'detect-libc';

const root = fileURLToPath(new URL('../', import.meta.url));
const engine = dirname(createRequire(import.meta.url).resolve('@gru4rec/engine-wasm/package.json'));

/** The package's folder of C sources. */
export const sourceFolder = join(root, 'c');
/** The engine's kernel table, and the folder of its kernels. */
export const tableFile = join(engine, 'src', 'kernel-table.ts');
export const assemblyFolder = join(engine, 'assembly');

const libc = familySync() === MUSL ? '-musl' : '';
/** This machine's platform: `linux-x64`, `linux-arm64-musl`, … */
export const thisPlatform = `${process.platform}-${process.arch}${libc}`;

/**
 * Flags of the compiler for each instruction set, by processor family.
 *
 * @type {Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>}
 */
const instructionSets = {
  x64: {
    avx2: ['-mavx2', '-mfma'],
    avx512: [
      ...['-mavx512f', '-mavx512dq', '-mavx512bw', '-mavx512vl', '-mavx2', '-mfma'],
      '-mprefer-vector-width=512',
    ],
  },
  arm64: { neon: [] },
};

/**
 * @param {string} platform
 * @returns {Readonly<Record<string, readonly string[]>>} none for a processor without kernels
 */
export function instructionSetsOf(platform) {
  return instructionSets[platform.split('-')[1] ?? ''] ?? {};
}

/** @param {string} platform */
export function buildFolder(platform) {
  return join(root, 'build', platform);
}

/** @param {string} folder */
export function addonFile(folder) {
  return join(folder, 'kernels.node');
}

/**
 * The file with the `sourceHash` of the addon beside it.
 *
 * @param {string} folder
 */
export function stampFile(folder) {
  return join(folder, 'stamp.txt');
}

/** Identifies the sources that make the addon. */
export function sourceHash() {
  const hash = createHash('sha256');
  for (const folder of [sourceFolder, assemblyFolder]) {
    for (const name of readdirSync(folder).sort()) {
      if (/\.(c|h|ts)$/.test(name)) hash.update(name).update(readFileSync(join(folder, name)));
    }
  }
  for (const name of ['build-native.mjs', 'native-build.mjs', 'link-addon.mjs', 'generate-arguments.ts']) {
    hash.update(readFileSync(join(root, 'scripts', name)));
  }
  return hash.update(readFileSync(tableFile)).digest('hex');
}

/** Whether the folder, this machine's if not given, has the addon of the present sources. */
export function isAddonCurrent(folder = buildFolder(thisPlatform)) {
  const stamp = stampFile(folder);
  return existsSync(addonFile(folder)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === sourceHash();
}
