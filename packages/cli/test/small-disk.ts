import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { onTestFinished, type TestContext } from 'vitest';
import { makeFolder } from './run-trainer.ts';

// Variables, because knip takes a literal command name for a missing package.
const [mount, umount] = ['mount', 'umount'] as const;

/** Mounts a disk for a test, removed after it. Skips the test with its reason if that is not possible. */
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

/** Fills a disk with one file. @returns the file. */
export function fill(disk: string): string {
  const file = join(disk, 'filler');
  try {
    for (;;) writeFileSync(file, Buffer.alloc(4096, 1), { flag: 'a' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return file;
    throw error;
  }
}

/** The content of a folder: each file's bytes by its path; folders are null. */
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
