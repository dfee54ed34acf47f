// pnpm pack:all --output DIR: builds every public package from its sources and packs it as it is published.
//   --output DIR       takes the tarballs; created if it is missing, and must be empty
//   --prebuilt FOLDER  prebuilt native kernels that packages/kernels-native/scripts/prebuilt-packages.mjs wrote: packed
//                      too, and made optional dependencies of kernels-native
// Exits with 1 and one line if a package cannot be built or packed, with 2 for wrong options.
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { listPublicPackages, packAll, packPrebuilt } from './lib/pack.mjs';

const KIB = 1024;

/** @returns {{ output: string, prebuilt: string | undefined }} */
function readOptions() {
  try {
    const { values } = parseArgs({ options: { output: { type: 'string' }, prebuilt: { type: 'string' } } });
    if (values.output === undefined) throw new TypeError('--output expected a folder, got none');
    mkdirSync(values.output, { recursive: true });
    const [found] = readdirSync(values.output);
    if (found !== undefined) throw new TypeError(`--output expected an empty folder, got one with ${found}`);
    return { output: values.output, prebuilt: values.prebuilt };
  } catch (error) {
    console.error(/** @type {Error} */ (error).message);
    process.exit(2);
  }
}

const { output, prebuilt } = readOptions();
try {
  // Files of deleted sources would be packed.
  for (const { folder } of listPublicPackages())
    rmSync(join(folder, 'dist'), { recursive: true, force: true });
  await packAll(output);
  if (prebuilt !== undefined) await packPrebuilt(output, prebuilt);
  for (const name of readdirSync(output).sort()) {
    console.log(`${String(Math.ceil(statSync(join(output, name)).size / KIB)).padStart(6)} KiB  ${name}`);
  }
} catch (error) {
  console.error(/** @type {Error} */ (error).message);
  process.exitCode = 1;
}
