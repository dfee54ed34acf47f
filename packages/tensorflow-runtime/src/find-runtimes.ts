import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { readChecked } from './read-checked.ts';
import type { RuntimeCandidate } from './runtime-candidate.ts';
import { FOLDER_PREFIX, type RuntimeManifest, readManifest } from './runtime-manifest.ts';

/** Where to look for runtimes. */
export interface Places {
  /** Cache folder that `setUpTensorFlow` writes to. */
  readonly folder?: string | undefined;
  /** Folder of the user's project. Packages that it has installed are found as its own code would find them. */
  readonly resolveFrom?: string | undefined;
}

/** The CPU package comes first, because a GPU that is not asked for only takes time to start. */
const packages = [
  { packageName: '@tensorflow/tfjs-node', gpu: false },
  { packageName: '@tensorflow/tfjs-node-gpu', gpu: true },
] as const;

/**
 * Finds TensorFlow runtimes without loading any.
 *
 * @returns those that the project has installed, then those in the cache folder from the newest TensorFlow to the
 *   oldest.
 */
export function findRuntimes({ folder, resolveFrom }: Places): readonly RuntimeCandidate[] {
  const installed = resolveFrom === undefined ? [] : findInstalled(resolveFrom);
  return [...installed, ...(folder === undefined ? [] : findSetUp(folder))];
}

function findInstalled(resolveFrom: string): RuntimeCandidate[] {
  const require = createRequire(join(resolveFrom, 'package.json'));
  return packages.flatMap(({ packageName, gpu }): RuntimeCandidate[] => {
    const folders = require.resolve.paths(packageName) ?? [];
    const file = folders
      .map((folder) => join(folder, packageName, 'package.json'))
      .find((path) => existsSync(path));
    if (file === undefined) return [];
    return [{ packageName, gpu, origin: 'project', directory: dirname(file), ...versionOf(file) }];
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
  return undefined;
}
