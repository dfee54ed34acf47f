import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { testFolder } from '@gru4rec/test-support/folder';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, type TestContext } from 'vitest';
import { StudyError } from '../../src/storage/storage.ts';
import { openStudyFile } from '../../src/storage/study-file.ts';
import { MemoryStorage } from '../memory-storage.ts';
import { keep, study, trial } from './arbitrary-trial.ts';

const folder = testFolder();

function refused(got: string, file: string, advice = 'Name a new file.'): StudyError {
  return new StudyError(`openStudyFile: "file" expected ${got}, at ${file}. ${advice}`);
}

describe('openStudyFile', () => {
  it('stores a study and its trials as the storage in memory does, before and after it is reopened', async () => {
    let files = 0;
    const property = fc.asyncProperty(fc.array(trial, { maxLength: 4 }), async (trials) => {
      const file = join(folder, `trials-${files++}`);
      const [plain, storage] = [new MemoryStorage(), await openStudyFile(file)];
      expect(await storage.study()).toBeUndefined();
      await storage.begin(study);
      for (const [number, one] of trials.entries()) {
        await keep([plain], number, one);
        await keep([storage], number, one);
      }
      expect(await storage.trials()).toEqual(await plain.trials());
      await storage.close();
      const again = await openStudyFile(file);
      expect([again.place, await again.study()]).toEqual([file, study]);
      expect(await again.trials()).toEqual(await plain.trials());
      await again.close();
    });
    await fc.assert(property, { numRuns: 10, seed: 4 });
  });

  it('makes changes in the order of the calls, awaited or not, and closes after them', async () => {
    const file = join(folder, 'order');
    const storage = await openStudyFile(file);
    const numbers = Array.from({ length: 20 }, (_, number) => number);
    const changes = numbers.flatMap((number) => [
      storage.addTrial({ number, values: { x: 1 }, startedMs: 0 }),
      storage.addReport(number, { step: 1, value: 2 }),
      storage.endTrial(number, { state: 'complete', value: number, endedMs: 1 }),
    ]);
    await storage.close();
    await Promise.all(changes);
    const again = await openStudyFile(file);
    const kept = (await again.trials()).map(({ value, reports }) => [value, reports.length]);
    expect(kept).toEqual(numbers.map((number) => [number, 1]));
    await again.close();
  });

  it('drops a line that a killed process did not finish, and continues after the one before', async () => {
    const file = join(folder, 'torn');
    const storage = await openStudyFile(file);
    await storage.begin(study);
    await storage.addTrial({ number: 0, values: { x: 1 }, startedMs: 0 });
    const whole = readFileSync(file);
    await storage.addTrial({ number: 1, values: { x: 2 }, startedMs: 0 });
    const end = readFileSync(file);
    await storage.close();
    for (let cut = whole.length; cut < end.length; cut += 5) {
      writeFileSync(file, end.subarray(0, cut));
      const again = await openStudyFile(file);
      expect((await again.trials()).map(({ number }) => number)).toEqual([0]);
      await again.addTrial({ number: 1, values: { x: 2 }, startedMs: 0 });
      await again.close();
      expect(readFileSync(file)).toEqual(end);
    }
  });

  it('removes the files of a process killed after it published a new study', async () => {
    const file = join(folder, 'killed');
    await (await openStudyFile(file)).close();
    mkdirSync(join(folder, '.killed.work-aaaaaa', 'whole'), { recursive: true });
    copyFileSync(file, join(folder, '.killed.work-aaaaaa', 'whole', 'killed'));
    writeFileSync(join(folder, '.killed.work-aaaaaa', 'lock'), '');
    await (await openStudyFile(file)).close();
    expect(readdirSync(folder).filter((name) => name.includes('killed'))).toEqual(['killed']);
  });

  it('refuses a second coordinator of this process, under another name too', async () => {
    const file = join(folder, 'twice');
    const storage = await openStudyFile(file);
    symlinkSync(file, join(folder, 'link'));
    const advice = 'Wait for the first to finish, or name another file.';
    const busy = refused('one coordinator at a time, got a second', file, advice);
    await expect(openStudyFile(file)).rejects.toThrow(busy);
    await expect(openStudyFile(join(folder, 'link'))).rejects.toThrow(busy);
    await storage.close();
    await (await openStudyFile(file)).close();
  });

  const other = { change: 'format', name: 'x', version: 2 };
  it.each([
    ['text', 'session\titem\n'.repeat(2000)],
    ['nothing', ''],
    ['JSON', '{"change":"format"}\n'],
    ['JSON Lines of another program', lineOf(other)],
  ])('refuses a file of %s and does not touch it', async (name, text) => {
    const file = join(folder, name);
    writeFileSync(file, text);
    await expect(openStudyFile(file)).rejects.toThrow(refused('a study, got a file of another kind', file));
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('refuses a study of another version', async () => {
    const file = join(folder, 'newer');
    writeFileSync(file, lineOf({ change: 'format', name: 'gru4rec-study', version: 3 }));
    const advice = 'Open it with the release that made it.';
    await expect(openStudyFile(file)).rejects.toThrow(
      refused('a study of version 2, got version 3', file, advice),
    );
  });

  it('refuses a folder, and a file in a folder that does not exist', async () => {
    const place = join(folder, 'place');
    mkdirSync(place);
    await expect(openStudyFile(place)).rejects.toThrow(
      `openStudyFile: "file" expected a study that can be opened, got ${place}. Name a file in a writable folder`,
    );
    await expect(openStudyFile(join(folder, 'none', 'study'))).rejects.toThrow(
      `openStudyFile: "file" expected a folder that exists, got ${join(folder, 'none')}. Create it first.`,
    );
  });
});

function lineOf(change: object): string {
  return `${JSON.stringify({ ...change, crc32: crc32(JSON.stringify(change)) })}\n`;
}

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
    await storage.addTrial({ number: 0, values: { x: 1 }, startedMs: 5 });
    const filler = fill(disk);
    const text = 'x'.repeat(100_000);
    const change = storage.addTrial({ number: 1, values: { text }, startedMs: 6 });
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
