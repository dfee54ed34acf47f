import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { readChecked } from './read-checked.ts';
import type { RuntimeCandidate } from './runtime-candidate.ts';
import { FOLDER_PREFIX, type RuntimeManifest, readManifest } from './runtime-manifest.ts';

/** Where runtimes are looked for. */
export interface Places {
  /** Cache folder that `setUpTensorFlow` writes to. */
  readonly folder?: string | undefined;
  /** A folder of the user's project: what it has installed is found as its own code would find it. */
  readonly resolveFrom?: string | undefined;
}

/** The CPU's package first: where both are, nobody waits for a GPU that nobody asked for. */
const packages = [
  { packageName: '@tensorflow/tfjs-node', gpu: false },
  { packageName: '@tensorflow/tfjs-node-gpu', gpu: true },
] as const;

/**
 * Looks for TensorFlow runtimes, without loading any: first what the project installed, then what is in the cache
 * folder, the newest TensorFlow first, whatever its kind.
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

/** The newest TensorFlow first, one that does not tell its version last; the name of a folder may hold another's. */
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
    // A cache folder that nothing was ever set up in.
    return [];
  }
}

/** @param folder - of one runtime. */
export function describeSetUp(folder: string): RuntimeCandidate {
  let manifest: RuntimeManifest;
  try {
    manifest = readManifest(folder);
  } catch (error) {
    const problem = `${folder} is not whole: ${(error as Error).message}`;
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
  if (platform !== here) return `it was made for ${platform}, and this is ${here}`;
  if (!existsSync(join(directory, 'package.json'))) return `${directory} is missing`;
  return undefined;
}
