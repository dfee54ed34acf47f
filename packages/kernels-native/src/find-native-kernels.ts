import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { NativeKernels } from '@gru4rec/engine-wasm';
import { familySync, MUSL } from 'detect-libc';

/** The native kernels of this machine, or why there are none. */
export type NativeState =
  | { readonly kernels: NativeKernels; readonly instructionSets: readonly string[] }
  | { readonly kernels: undefined; readonly reason: string };

/**
 * Finds the addon of this platform, which `build:native` compiles, and picks the best instruction set that this processor
 * has.
 *
 * @param wanted - the only instruction set to use: `avx512`, `avx2` or `neon`.
 */
export function findNativeKernels(wanted?: string): NativeState {
  const path = addonPath();
  if (!existsSync(path)) return { kernels: undefined, reason: 'they have not been built on this machine' };
  let instructionSets: readonly string[];
  try {
    ({ instructionSets } = createRequire(import.meta.url)(path) as { instructionSets: readonly string[] });
  } catch (error) {
    return { kernels: undefined, reason: `${path} cannot be loaded: ${(error as Error).message}` };
  }
  const instructionSet = wanted === undefined ? instructionSets[0] : wanted;
  if (instructionSet !== undefined && instructionSets.includes(instructionSet)) {
    return { kernels: { path, instructionSet }, instructionSets };
  }
  const known = instructionSets.length === 0 ? 'none that they use' : instructionSets.join(', ');
  return { kernels: undefined, reason: `this processor has ${known}${wanted ? `, not ${wanted}` : ''}` };
}

/** `build/linux-x64/kernels.node`; `-musl` behind the platform where the C library is musl. */
function addonPath(): string {
  const libc = familySync() === MUSL ? '-musl' : '';
  const file = `../build/${process.platform}-${process.arch}${libc}/kernels.node`;
  return fileURLToPath(new URL(file, import.meta.url));
}
