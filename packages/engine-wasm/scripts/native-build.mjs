// Where the addon of a platform is, what makes it, and whether it is up to date.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { familySync, MUSL } from 'detect-libc';
import { hashOf, sourceFiles } from './kernel-stamp.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));

/** The package that replaces a folder as a whole. */
export const durableFilesFile = join(
  dirname(createRequire(import.meta.url).resolve('@gru4rec/durable-files/package.json')),
  ...['src', 'index.ts'],
);
/** The folders of the C sources of the addon and of the kernels. */
export const addonFolder = join(root, 'addon');
export const kernelFolder = join(root, 'c');
/** Generates headers of the kernels from the kernel table. */
export const headersFile = join(root, 'scripts', 'generate-headers.ts');

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
 * The file with the `stampOf` the addon beside it.
 *
 * @param {string} folder
 */
export function stampFile(folder) {
  return join(folder, 'stamp.txt');
}

/**
 * What identifies the present sources and an addon's bytes, a line each. An addon with another second line is not loaded.
 *
 * @param {string} addon - a file
 */
export function stampOf(addon) {
  const sources = ['addon/addon.c', 'scripts/build-native.mjs', 'scripts/native-build.mjs'];
  const sourceHash = hashOf([...sourceFiles, ...sources.map((name) => join(root, name))]);
  return `${sourceHash}\n${createHash('sha256').update(readFileSync(addon)).digest('hex')}\n`;
}

/** Whether the folder, this machine's if not given, has the addon of the present sources, undamaged. */
export function isAddonCurrent(folder = buildFolder(thisPlatform)) {
  try {
    return readFileSync(stampFile(folder), 'utf8') === stampOf(addonFile(folder));
  } catch {
    return false;
  }
}
