import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it, onTestFinished, type TestContext } from 'vitest';
import { openStudyFile } from '../../src/storage/study-file.ts';
import { StudyError } from '../../src/study-error.ts';
import { testFolder } from '../folder.ts';

const folder = testFolder();
// Not written out in the calls, because knip would report missing packages of these names.
const [mount, umount] = ['mount', 'umount'] as const;

function smallDisk(ctx: TestContext, name: string, kibibytes: number): string {
  const disk = join(folder, name);
  mkdirSync(disk);
  const mounted = spawnSync(mount, ['-t', 'tmpfs', '-o', `size=${kibibytes}k`, 'tmpfs', disk]);
  if (mounted.status !== 0) ctx.skip('mounting a small disk takes Linux and root');
  onTestFinished(() => void spawnSync(umount, [disk]));
  return disk;
}

/** Fills a disk with one file. */
function fill(disk: string): string {
  const file = join(disk, 'filler');
  try {
    for (;;) writeFileSync(file, Buffer.alloc(4096, 1), { flag: 'a' });
  } catch {
    return file;
  }
}

describe('openStudyFile on a full disk', () => {
  it('says so and leaves no file', async (ctx) => {
    const disk = smallDisk(ctx, 'tiny', 16);
    const filler = fill(disk);
    const opened = openStudyFile(join(disk, 'study'));
    await expect(opened).rejects.toThrow(StudyError);
    await expect(opened).rejects.toMatchObject({
      cause: { message: expect.stringMatching(/no space left/) },
    });
    expect(readdirSync(disk)).toEqual([basename(filler)]);
  });

  it('rejects a change that does not fit, naming the file, and keeps earlier ones', async (ctx) => {
    const disk = smallDisk(ctx, 'small', 2048);
    const file = join(disk, 'study');
    const storage = await openStudyFile(file);
    await storage.startTrial({ number: 0, values: { x: 1 }, startedMs: 5 });
    const filler = fill(disk);
    const text = 'x'.repeat(100_000);
    const change = storage.startTrial({ number: 1, values: { text }, startedMs: 6 });
    await expect(change).rejects.toThrow(
      /^runStudy: "storage" expected to be readable and writable, got .*space.*study/i,
    );
    await storage.close();
    rmSync(filler);
    const again = await openStudyFile(file);
    expect((await again.trials()).map(({ number }) => number)).toEqual([0]);
    await again.close();
  });
});
