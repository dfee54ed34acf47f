import { mkdir, rm, statfs } from 'node:fs/promises';
import { describeOtherWriters } from '@gru4rec/durable-files';
import { ownPackage } from '../find-runtimes.ts';
import { SetUpError } from './set-up-error.ts';

/**
 * Minor version of this system's glibc, such as 36 for glibc 2.36.
 * @throws SetUpError if the wheels have no library for this platform.
 */
export function wheelPlatform(platform: string = process.platform, arch: string = process.arch): number {
  const advice = 'Set up the official library instead (from official), or compute on engine wasm';
  if (platform !== 'linux' || arch !== 'x64') {
    throw new SetUpError(
      `setUpTensorFlow: from wheel expected Linux on x64, got ${platform} on ${arch}. ${advice}.`,
    );
  }
  const minor = Number(/^2\.(\d+)/.exec(glibcVersion() ?? '')?.[1] ?? 0);
  if (minor >= 17) return minor;
  throw new SetUpError(
    `setUpTensorFlow: from wheel expected glibc 2.17 or newer, got ${glibcVersion() ?? 'another C library'}. ` +
      'Compute on engine wasm, or on a system with glibc.',
  );
}

function glibcVersion(): string | undefined {
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined;
  return report?.header?.glibcVersionRuntime;
}

/** Bytes that a build takes, including its downloads. */
const needed = { cpu: 1.6e9, gpu: 8e9 };

/**
 * Creates a folder and checks that a runtime fits into it and would be loaded from it.
 * @throws SetUpError if it cannot be created, others can change what is in it, or it has too little free space.
 */
export async function prepareFolder(folder: string, device: 'cpu' | 'gpu'): Promise<void> {
  let made: string | undefined;
  try {
    made = await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new SetUpError(`setUpTensorFlow: the folder ${folder} cannot be created.`, { cause });
  }
  const problem = describeOtherWriters(folder, ownPackage) ?? (await describeShortage(folder, device));
  if (problem === undefined) return;
  if (made !== undefined) await rm(made, { recursive: true, force: true });
  throw new SetUpError(`setUpTensorFlow: ${problem}, or name another folder.`);
}

async function describeShortage(folder: string, device: 'cpu' | 'gpu'): Promise<string | undefined> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= needed[device]) return undefined;
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  return (
    `${folder} expected ${gigabytes(needed[device])} of free space, got ${gigabytes(free)}. ` +
    'Free some space'
  );
}
