// Where the addon of this machine is, what makes it, and whether it is up to date.
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
/** `linux-x64`, `linux-arm64-musl`, … */
const platformName = `${process.platform}-${process.arch}${libc}`;
export const addonFile = join(root, 'build', platformName, 'kernels.node');
/** Holds the `sourceHash` of the addon beside it. */
export const stampFile = join(root, 'build', platformName, 'stamp.txt');

/** Flags of the compiler for each instruction set of this processor's family. */
export const instructionSets =
  /** @type {Record<string, Record<string, readonly string[]>>} */ ({
    x64: {
      avx2: ['-mavx2', '-mfma'],
      avx512: [
        ...['-mavx512f', '-mavx512dq', '-mavx512bw', '-mavx512vl', '-mavx2', '-mfma'],
        '-mprefer-vector-width=512',
      ],
    },
    arm64: { neon: [] },
  })[process.arch] ?? {};

/** Identifies the sources that make the addon. */
export function sourceHash() {
  const hash = createHash('sha256');
  for (const folder of [sourceFolder, join(root, 'scripts'), assemblyFolder]) {
    for (const name of readdirSync(folder).sort()) {
      if (/\.(c|h|m?[jt]s)$/.test(name)) hash.update(name).update(readFileSync(join(folder, name)));
    }
  }
  return hash.update(readFileSync(tableFile)).digest('hex');
}

/** Whether the addon is that of its sources. */
export function isAddonCurrent() {
  return existsSync(addonFile) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === sourceHash();
}
