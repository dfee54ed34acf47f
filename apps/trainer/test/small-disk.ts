import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { onTestFinished, type TestContext } from 'vitest';
import { makeFolder } from './run-trainer.ts';

// Not written out in the calls: knip would ask for packages of that name.
const [mount, umount] = ['mount', 'umount'] as const;

/** A disk of its own for a test, of so many KiB, gone after it. Skips the test by name where none can be had. */
export function smallDisk(ctx: TestContext, kibibytes: number): string {
  const disk = makeFolder();
  const options = ['-t', 'tmpfs', '-o', `size=${kibibytes}k,mode=0755`, 'tmpfs', disk];
  if (spawnSync(mount, options).status !== 0) ctx.skip('mounting a small disk takes Linux and root');
  onTestFinished(() => void spawnSync(umount, [disk]));
  return disk;
}

/** Makes a disk read-only, for root too. */
export function writeProtect(ctx: TestContext, disk: string): void {
  if (spawnSync(mount, ['-o', 'remount,ro', disk]).status !== 0) ctx.skip('the system remounts nothing');
}

/** Fills a disk with one file until nothing more goes in. @returns the file. */
export function fill(disk: string): string {
  const file = join(disk, 'filler');
  try {
    for (;;) writeFileSync(file, Buffer.alloc(4096, 1), { flag: 'a' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return file;
    throw error;
  }
}

/** Everything below a folder: the bytes of each file by its path; folders with null. */
export function contentsOf(folder: string): Record<string, string | null> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) =>
    join(entry.parentPath, entry.name),
  );
  return Object.fromEntries(
    paths.map((path) => [
      relative(folder, path),
      statSync(path).isDirectory() ? null : readFileSync(path, 'base64'),
    ]),
  );
}
