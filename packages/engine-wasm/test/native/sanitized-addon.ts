import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { addonFile, buildFolder, thisPlatform } from '../../scripts/native-build.mjs';
import { findNativeKernels } from '../../src/native/index.ts';

/** An addon that a sanitizer checks, or why there is none. */
export type SanitizedAddon =
  | { readonly path: string; readonly library: string; readonly instructionSets: readonly string[] }
  | { readonly missing: string };

/**
 * Compiles the kernels with a sanitizer, which takes about 12 seconds if a source has changed.
 *
 * @throws Error if the compiler fails.
 */
export function sanitizedAddon(sanitizer: 'address' | 'undefined'): SanitizedAddon {
  const native = findNativeKernels();
  if (!native.kernels) return { missing: native.reason };
  const path = addonFile(buildFolder(`${thisPlatform}-${sanitizer}`));
  const script = fileURLToPath(new URL('../../scripts/build-native.mjs', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--sanitize', sanitizer], {
    encoding: 'utf8',
  });
  if (status === 3) return { missing: stderr.trim() };
  if (status !== 0 || !existsSync(path)) throw new Error(stderr);
  return { path, library: stdout.trim(), instructionSets: native.instructionSets };
}
