import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeOtherWriters, modulesBeside } from '@gru4rec/durable-files';
import { type NativeKernels, tableFingerprint } from '@gru4rec/engine-wasm';
import { familySync, MUSL } from 'detect-libc';

/** Native kernels that run on this machine. */
export interface FoundKernels {
  readonly kernels: NativeKernels;
  /** All that the addon has kernels for and this processor runs, the best first. */
  readonly instructionSets: readonly string[];
}

/** The native kernels of this machine, or why there are none. */
export type NativeState =
  | FoundKernels
  | {
      readonly kernels: undefined;
      readonly reason: string;
      /**
       * Whether `buildNativeKernels` may help: no addon was found that loads and fits the engine, and this installation has
       * the sources.
       */
      readonly lacksAddon: boolean;
    };

/** Where addons are looked for. */
export interface NativePlaces {
  /** Folder with a folder per platform, which `build-native.mjs` writes. */
  readonly build: string;
  /** The package beside which the prebuilt package of the platform is installed. */
  readonly own: string;
}

interface Addon {
  readonly table: number;
  readonly instructionSets: readonly string[];
}

/** A clone can compile the kernels; a published package has no scripts. */
const hasSources = existsSync(new URL('../../scripts/build-native.mjs', import.meta.url));

const ownPlaces: NativePlaces = {
  build: fileURLToPath(new URL('../../build', import.meta.url)),
  own: fileURLToPath(new URL('../..', import.meta.url)),
};

/**
 * Finds the addon of this platform and picks the best instruction set that this processor has. An addon that was compiled
 * here comes before that of a prebuilt package.
 *
 * @param wanted - the only instruction set to use: `avx512`, `avx2` or `neon`.
 */
export function findNativeKernels(wanted?: string, places: NativePlaces = ownPlaces): NativeState {
  const problems: string[] = [];
  for (const path of addonPaths(places)) {
    const addon = loadAddon(path, places);
    if (typeof addon === 'string') problems.push(addon);
    else return pickSet(path, addon, wanted);
  }
  if (problems.length > 0) return { kernels: undefined, reason: problems.join('; '), lacksAddon: hasSources };
  const reason = hasSources
    ? 'they have not been built on this machine'
    : 'the package of this platform is not installed';
  return { kernels: undefined, reason, lacksAddon: hasSources };
}

function addonPaths({ build, own }: NativePlaces): readonly string[] {
  const platform = `${process.platform}-${process.arch}${familySync() === MUSL ? '-musl' : ''}`;
  const folders = modulesBeside(own).map((folder) => join(folder, `@gru4rec/engine-wasm-${platform}`));
  const paths = [join(build, platform), ...folders].map((folder) => join(folder, 'kernels.node'));
  return paths.filter((path) => existsSync(path));
}

function loadAddon(path: string, { build, own }: NativePlaces): Addon | string {
  try {
    const changed = path.startsWith(build) ? undefined : describeOtherWriters(path, own);
    if (changed !== undefined) return `${path} is not loaded: ${changed}`;
    const [expected, got] = [stampedHash(path), hashOf(path)];
    if (got !== expected) return `${path} is damaged: expected SHA-256 ${expected}, got ${got}`;
    const addon = createRequire(import.meta.url)(path) as Addon;
    if (addon.table === tableFingerprint && 'sampling' in addon) return addon;
    return `${path} was built for another version of the engine`;
  } catch (error) {
    return `${path} cannot be loaded: ${(error as Error).message}`;
  }
}

/** The SHA-256 that an addon had when it was built, of the second line of the stamp beside it. */
function stampedHash(path: string): string | undefined {
  return readFileSync(join(dirname(path), 'stamp.txt'), 'utf8').split('\n')[1];
}

function hashOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

function pickSet(path: string, { instructionSets }: Addon, wanted: string | undefined): NativeState {
  const instructionSet = wanted === undefined ? instructionSets[0] : wanted;
  if (instructionSet !== undefined && instructionSets.includes(instructionSet)) {
    return { kernels: { path, instructionSet }, instructionSets };
  }
  const known = instructionSets.length === 0 ? 'none that they use' : instructionSets.join(', ');
  const reason = `this processor has ${known}${wanted ? `, not ${wanted}` : ''}`;
  return { kernels: undefined, reason, lacksAddon: false };
}
