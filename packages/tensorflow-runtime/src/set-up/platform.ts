import { mkdir, rm, statfs } from 'node:fs/promises';
import { SetUpError } from './set-up-error.ts';

/**
 * Minor version of the C library that this Node runs on: 36 for glibc 2.36.
 * @throws SetUpError where the wheels have no library for this platform.
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

/** What a runtime takes while it is built, its downloads included. */
const needed = { cpu: 1.6e9, gpu: 8e9 };

/**
 * Makes a folder, and makes sure that a runtime has room there.
 * @throws SetUpError if it cannot be made, or has too little room.
 */
export async function prepareFolder(folder: string, device: 'cpu' | 'gpu'): Promise<void> {
  let made: string | undefined;
  try {
    made = await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new SetUpError(`setUpTensorFlow: the folder ${folder} cannot be made.`, { cause });
  }
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= needed[device]) return;
  if (made !== undefined) await rm(made, { recursive: true, force: true });
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  throw new SetUpError(
    `setUpTensorFlow: ${folder} expected ${gigabytes(needed[device])} of free space, got ${gigabytes(free)}. ` +
      'Free some, or name another folder.',
  );
}
