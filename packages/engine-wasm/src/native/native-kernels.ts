import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
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
      /** Whether `buildNativeKernels` may help: no addon loads and fits the engine, and there are sources. */
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

const script = fileURLToPath(new URL('../../scripts/build-native.mjs', import.meta.url));
/** A clone can compile the kernels; a published package has no scripts. */
const hasSources = existsSync(script);

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

/** Native kernels could not be compiled. The message says what is missing, in one line. */
export class NativeBuildError extends Error {
  override readonly name = 'NativeBuildError';
}

/** How native kernels are compiled. */
export interface NativeBuildOptions {
  /** Variables of the compiler's process, as in `process.env`. `CC` names the compiler; `PATH` is searched for one. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Called with one line per step; not called if the addon is up to date. */
  readonly onProgress: (line: string) => void;
}

/** Native kernels that are up to date. */
export interface BuiltKernels extends FoundKernels {
  /** Whether they had to be compiled. */
  readonly compiled: boolean;
}

/** What the script's last line begins with if it fails. */
const FAILURE = 'Native kernels are not built: ';

/**
 * Compiles the native kernels for this machine in a separate process, unless they are up to date, undamaged and run. New
 * ones are tried in a process before they replace the old ones.
 *
 * @throws NativeBuildError if they cannot be compiled here.
 */
export async function buildNativeKernels(options: NativeBuildOptions): Promise<BuiltKernels> {
  if (!hasSources) {
    throw new NativeBuildError(
      'this installation has no sources of native kernels; a clone of the repository has',
    );
  }
  const lines = await runScript(options);
  const state = findNativeKernels();
  if (state.kernels) return { ...state, compiled: lines.length > 0 };
  throw new NativeBuildError(`native kernels are built but do not run: ${state.reason}`);
}

async function runScript({ environment, onProgress }: NativeBuildOptions): Promise<readonly string[]> {
  const child = spawn(process.execPath, [script], { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
  const end = () => child.kill();
  process.once('exit', end);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    lines.push(line);
    if (!line.startsWith(FAILURE)) onProgress(line);
  }
  const status = await ended.finally(() => process.off('exit', end));
  if (status === 0) return lines;
  throw new NativeBuildError(lines.at(-1) ?? `${script} ended with ${status}`);
}
