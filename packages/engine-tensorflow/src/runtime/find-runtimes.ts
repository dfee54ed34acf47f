import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeOtherWriters, modulesBeside } from '@gru4rec/durable-files';

/** What determines the cache folder. Packages do not read the environment themselves. */
export interface CacheEnvironment {
  /** Variables by name, as in `process.env`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Folder that a relative `GRU4REC_CACHE` is relative to. */
  readonly directory: string;
}

/** Folder of the runtimes that are set up: `GRU4REC_CACHE` if it is set, otherwise `gru4rec` in the user's cache. */
export function cacheFolder({ environment, home, directory }: CacheEnvironment): string {
  const { GRU4REC_CACHE, XDG_CACHE_HOME } = environment;
  if (GRU4REC_CACHE) return resolve(directory, GRU4REC_CACHE);
  return join(XDG_CACHE_HOME || join(home, '.cache'), 'gru4rec');
}

/** A TensorFlow runtime that was found. Only loading it shows whether it works. */
export interface RuntimeCandidate {
  /** `@tensorflow/tfjs-node` or `@tensorflow/tfjs-node-gpu`. */
  readonly packageName: string;
  /** Folder of that package. */
  readonly directory: string;
  readonly version: string;
  /** Version of libtensorflow, if the name of the folder says it. */
  readonly tensorflowVersion?: string;
  /** Whether it was built for a GPU. */
  readonly gpu: boolean;
  /** Installed by the user's project, or set up in the cache folder. */
  readonly origin: 'project' | 'set-up';
  /** Why it cannot be loaded, if that is known without trying. */
  readonly problem?: string | undefined;
}

/** Where to look for runtimes, besides the `node_modules` that this package is installed in. */
export interface Places {
  /** Cache folder that `setUpTensorFlow` writes to. */
  readonly folder?: string | undefined;
  /**
   * Where the user works. The nearest folder from there upwards whose package.json depends on gru4rec is the user's
   * project, and packages that are installed in its `node_modules` are found.
   */
  readonly resolveFrom?: string | undefined;
  /** A folder in whose `node_modules` packages are found first, whatever its package.json says. */
  readonly installedIn?: string | undefined;
}

const CPU_PACKAGE = '@tensorflow/tfjs-node';
const GPU_PACKAGE = '@tensorflow/tfjs-node-gpu';

/** This package, whose owner is trusted. */
export const ownPackage: string = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Finds TensorFlow runtimes without loading any. One that other users could change has a `problem`.
 *
 * @returns those that are installed, then those in the cache folder from the newest TensorFlow to the oldest.
 */
export function findRuntimes({ folder, resolveFrom, installedIn }: Places): readonly RuntimeCandidate[] {
  const project = resolveFrom === undefined ? undefined : findProject(resolve(resolveFrom));
  const named = [installedIn, project].flatMap((place) => {
    return place === undefined ? [] : [join(resolve(place), 'node_modules')];
  });
  const folders = [...new Set([...named, ...modulesBeside(ownPackage)])];
  // The CPU package comes first, because a GPU that is not asked for only takes time to start.
  const installed = [CPU_PACKAGE, GPU_PACKAGE].flatMap((packageName) => {
    const directories = folders.map((modules) => join(modules, packageName));
    return directories
      .filter((directory) => existsSync(join(directory, 'package.json')))
      .map((directory) => {
        return describe({ packageName, directory, gpu: packageName === GPU_PACKAGE, origin: 'project' });
      });
  });
  return [...installed, ...(folder === undefined ? [] : findSetUp(folder))];
}

/** The nearest folder from here upwards whose package.json depends on this program. */
function findProject(here: string): string | undefined {
  const { dependencies, devDependencies, optionalDependencies } = readPackage(here) ?? {};
  const names = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });
  if (names.some((name) => name === 'gru4rec' || name.startsWith('@gru4rec/'))) return here;
  const parent = dirname(here);
  return parent === here ? undefined : findProject(parent);
}

interface PackageJson {
  readonly version?: unknown;
  readonly dependencies?: object;
  readonly devDependencies?: object;
  readonly optionalDependencies?: object;
}

function readPackage(directory: string): PackageJson | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) ?? undefined;
  } catch {
    return undefined;
  }
}

function describe(runtime: Omit<RuntimeCandidate, 'version' | 'problem'>): RuntimeCandidate {
  const { directory } = runtime;
  const { version } = readPackage(directory) ?? {};
  const isReadable = typeof version === 'string';
  const problem = isReadable
    ? describeOtherWriters(directory, ownPackage)
    : 'its package.json cannot be read';
  return { ...runtime, version: isReadable ? version : 'unknown', problem };
}

/** Name of the folder of a runtime for this platform. It has no version of Node, because the addon uses Node-API 8. */
export function folderName(gpu: boolean, tensorflowVersion: string): string {
  return `tensorflow-wheel-${gpu ? 'gpu' : 'cpu'}-${tensorflowVersion}-${process.platform}-${process.arch}`;
}

const folderPattern = /^tensorflow-wheel-(cpu|gpu)-(\d+\.\d+\.\d+[\w.-]*)-(\w+-\w+)$/;

function findSetUp(cache: string): RuntimeCandidate[] {
  const names = existsSync(cache) ? readdirSync(cache) : [];
  // The newest version first: 2.9 comes after 2.15.
  const byVersion = new Intl.Collator('en', { numeric: true }).compare;
  return names
    .map((name) => describeSetUp(join(cache, name)))
    .filter((found) => found !== undefined)
    .sort((a, b) => byVersion(b.tensorflowVersion ?? '', a.tensorflowVersion ?? ''));
}

/** Describes a runtime's folder in the cache folder; undefined if it does not exist or has another name. */
export function describeSetUp(folder: string): RuntimeCandidate | undefined {
  const [, device, tensorflowVersion = '', platform] = folderPattern.exec(basename(folder)) ?? [];
  if (device === undefined || !existsSync(folder)) return undefined;
  const directory = join(folder, 'node_modules', CPU_PACKAGE);
  const facts = { packageName: CPU_PACKAGE, directory, tensorflowVersion, gpu: device === 'gpu' };
  const candidate = describe({ ...facts, origin: 'set-up' });
  const here = `${process.platform}-${process.arch}`;
  if (platform === here) return candidate;
  return { ...candidate, problem: `it was built for ${platform}, but this is ${here}` };
}
