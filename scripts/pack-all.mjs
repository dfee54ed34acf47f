// npm run pack:all -- --output DIR: builds every public package from its sources and packs it as it is published, after it
// has installed what is missing.
//   --output DIR       takes the tarballs; created if it is missing, and must be empty
//   --prebuilt FOLDER  prebuilt native kernels that packages/engine-wasm/scripts/prebuilt-packages.mjs wrote: packed
//                      too, and made optional dependencies of engine-wasm
//   --repository URL   of GitHub, written into every packed manifest; provenance needs it
// Exits with 1 and one line if a package cannot be built or packed, with 2 for wrong options.
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { listPublicPackages, nameRepository, packAll, packPrebuilt } from './lib/pack.mjs';
import { setUp } from './lib/set-up.mjs';

const KIB = 1024;

/** @returns {{ output: string, prebuilt: string | undefined, repository: string | undefined }} */
function readOptions() {
  try {
    const text = /** @type {const} */ ({ type: 'string' });
    const { values } = parseArgs({ options: { output: text, prebuilt: text, repository: text } });
    const { output, prebuilt, repository } = values;
    if (output === undefined) throw new TypeError('--output expected a folder, got none');
    if (repository !== undefined && !/^https:\/\/[^/]+\/[^/]+\/[^/]+$/.test(repository)) {
      throw new TypeError(`--repository expected https://HOST/OWNER/NAME, got ${repository}`);
    }
    mkdirSync(output, { recursive: true });
    const [found] = readdirSync(output);
    if (found !== undefined) throw new TypeError(`--output expected an empty folder, got one with ${found}`);
    return { output, prebuilt, repository };
  } catch (error) {
    console.error(/** @type {Error} */ (error).message);
    process.exit(2);
  }
}

const { output, prebuilt, repository } = readOptions();
await setUp(['apps/docs']);
try {
  // Files of deleted sources would be packed.
  for (const { folder } of listPublicPackages())
    rmSync(join(folder, 'dist'), { recursive: true, force: true });
  await packAll(output);
  if (prebuilt !== undefined) await packPrebuilt(output, prebuilt);
  if (repository !== undefined) await nameRepository(output, repository);
  for (const name of readdirSync(output).sort()) {
    console.log(`${String(Math.ceil(statSync(join(output, name)).size / KIB)).padStart(6)} KiB  ${name}`);
  }
} catch (error) {
  console.error(/** @type {Error} */ (error).message);
  process.exitCode = 1;
}
