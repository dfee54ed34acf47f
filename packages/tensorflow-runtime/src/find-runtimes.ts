import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeOtherWriters, modulesBeside } from '@gru4rec/durable-files';
import { z } from 'zod';
import { readChecked } from './read-checked.ts';
import type { RuntimeCandidate } from './runtime-candidate.ts';
import { FOLDER_PREFIX, type RuntimeManifest, readManifest } from './runtime-manifest.ts';

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

/** The CPU package comes first, because a GPU that is not asked for only takes time to start. */
const packages = [
  { packageName: '@tensorflow/tfjs-node', gpu: false },
  { packageName: '@tensorflow/tfjs-node-gpu', gpu: true },
] as const;

/** This package, whose owner is trusted. */
export const ownPackage: string = fileURLToPath(new URL('..', import.meta.url));

/**
 * Finds TensorFlow runtimes without loading any. One that other users could change has a `problem`.
 *
 * @returns those that are installed, then those in the cache folder from the newest TensorFlow to the oldest.
 */
export function findRuntimes(places: Places): readonly RuntimeCandidate[] {
  const { folder, resolveFrom, installedIn } = places;
  const project = resolveFrom === undefined ? undefined : findProject(resolve(resolveFrom));
  const named = [installedIn, project].flatMap((place) => {
    return place === undefined ? [] : [join(resolve(place), 'node_modules')];
  });
  const installed = findInstalled(new Set([...named, ...modulesBeside(ownPackage)]));
  return [...installed, ...(folder === undefined ? [] : findSetUp(folder))];
}

const dependencies = z.record(z.string(), z.unknown()).optional();
const project = z.object({ dependencies, devDependencies: dependencies, optionalDependencies: dependencies });

/** The nearest folder from here upwards whose package.json depends on this program. */
function findProject(here: string): string | undefined {
  if (dependsOnUs(join(here, 'package.json'))) return here;
  const parent = dirname(here);
  return parent === here ? undefined : findProject(parent);
}

function dependsOnUs(file: string): boolean {
  try {
    const { dependencies, devDependencies, optionalDependencies } = readChecked(file, project);
    const names = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });
    return names.some((name) => name === 'gru4rec' || name.startsWith('@gru4rec/'));
  } catch {
    // There is none, or it is no package.json.
    return false;
  }
}

function findInstalled(folders: ReadonlySet<string>): RuntimeCandidate[] {
  return packages.flatMap(({ packageName, gpu }) => {
    return [...folders].flatMap((folder): RuntimeCandidate[] => {
      const directory = join(folder, packageName);
      const file = join(directory, 'package.json');
      if (!existsSync(file)) return [];
      const changed = describeOtherWriters(directory, ownPackage);
      const state = changed === undefined ? versionOf(file) : { version: 'unknown', problem: changed };
      return [{ packageName, gpu, origin: 'project', directory, ...state }];
    });
  });
}

const installedPackage = z.object({ version: z.string().default('unknown') });

function versionOf(file: string): Pick<RuntimeCandidate, 'version' | 'problem'> {
  try {
    return readChecked(file, installedPackage);
  } catch (error) {
    return { version: 'unknown', problem: `its package.json cannot be read: ${(error as Error).message}` };
  }
}

function findSetUp(folder: string): RuntimeCandidate[] {
  return entriesOf(folder)
    .filter((name) => name.startsWith(FOLDER_PREFIX))
    .sort()
    .reverse()
    .map((name) => describeSetUp(join(folder, name)))
    .sort(byVersion);
}

/**
 * Sorts the newest TensorFlow first, and an unknown version last. The version in a folder's name is no help, because it
 * may be that of tfjs-node.
 */
function byVersion(a: RuntimeCandidate, b: RuntimeCandidate): number {
  const [one, other] = [numbersOf(a), numbersOf(b)];
  return other.major - one.major || other.minor - one.minor || other.patch - one.patch;
}

function numbersOf({ tensorflowVersion = '' }: RuntimeCandidate) {
  const [, major = -1, minor = -1, patch = -1] = /^(\d+)\.(\d+)\.(\d+)/.exec(tensorflowVersion) ?? [];
  return { major: Number(major), minor: Number(minor), patch: Number(patch) };
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // The cache folder does not exist, because nothing has been set up.
    return [];
  }
}

/**
 * Describes a runtime in the cache folder. If its manifest is missing or invalid, the result has a `problem`.
 *
 * @param folder - the runtime's own folder.
 */
export function describeSetUp(folder: string): RuntimeCandidate {
  let manifest: RuntimeManifest;
  try {
    manifest = readManifest(folder);
  } catch (error) {
    const problem = `${folder} is incomplete: ${(error as Error).message}`;
    const gpu = basename(folder).includes('-gpu-');
    return { packageName: 'unknown', directory: folder, version: 'unknown', gpu, origin: 'set-up', problem };
  }
  const { packageName, version, tensorflowVersion, gpu, platform } = manifest;
  const directory = join(folder, 'node_modules', ...packageName.split('/'));
  const problem = problemOf(directory, platform);
  return {
    packageName,
    directory,
    version,
    tensorflowVersion,
    gpu,
    origin: 'set-up',
    ...(problem === undefined ? {} : { problem }),
  };
}

function problemOf(directory: string, platform: string): string | undefined {
  const here = `${process.platform}-${process.arch}`;
  if (platform !== here) return `it was built for ${platform}, but this is ${here}`;
  if (!existsSync(join(directory, 'package.json'))) return `${directory} is missing`;
  return describeOtherWriters(directory, ownPackage);
}
