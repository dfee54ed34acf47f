import { copyFileSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseSpace } from '../../src/space.ts';
import type { StudyRecord } from '../../src/storage/storage.ts';
import { openStudyFile } from '../../src/storage/study-file.ts';
import { encodeLine } from '../../src/storage/study-lines.ts';
import { StudyError } from '../../src/study-error.ts';
import { testFolder } from '../folder.ts';

const folder = testFolder();
const study: StudyRecord = {
  space: parseSpace({ x: { type: 'uniform', low: 0, high: 1 } }),
  direction: 'maximize',
  sampler: { name: 'random' },
  pruner: null,
  seed: '12345678901234567890',
  fingerprint: { dataset: "it's" },
};

function refused(got: string, file: string, advice = 'Name a new file.'): StudyError {
  return new StudyError(`openStudyFile: "file" expected ${got}, at ${file}. ${advice}`);
}

describe('openStudyFile', () => {
  it('creates one file, and reads back what was stored', async () => {
    const file = join(folder, 'again');
    const storage = await openStudyFile(file);
    expect(await storage.study()).toBeUndefined();
    await storage.begin(study);
    await storage.startTrial({ number: 0, values: { x: 0.1 }, startedMs: 1_700_000_000_123 });
    await storage.close();
    expect(readdirSync(folder).filter((name) => name.includes('again'))).toEqual(['again']);
    const reopened = await openStudyFile(file);
    expect(reopened.place).toBe(file);
    expect(await reopened.study()).toEqual(study);
    expect(await reopened.trials()).toEqual([
      { number: 0, values: { x: 0.1 }, state: 'running', startedMs: 1_700_000_000_123, reports: [] },
    ]);
    await reopened.close();
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
    const busy = refused(
      'one coordinator at a time, got a second',
      file,
      'Wait for the first to finish, or name another file.',
    );
    await expect(openStudyFile(file)).rejects.toThrow(busy);
    await expect(openStudyFile(join(folder, 'link'))).rejects.toThrow(busy);
    await storage.close();
    await (await openStudyFile(file)).close();
  });

  it.each([
    ['text', 'session\titem\n'.repeat(2000)],
    ['short text', 'x'],
    ['nothing', ''],
  ])('refuses a file of %s and does not touch it', async (name, text) => {
    const file = join(folder, name);
    writeFileSync(file, text);
    await expect(openStudyFile(file)).rejects.toThrow(refused('a study, got a file of another kind', file));
    await expect(openStudyFile(file)).rejects.toThrow(StudyError);
  });

  it('refuses JSON Lines of another kind', async () => {
    const file = join(folder, 'other');
    for (const line of ['{"change":"format"}\n', encodeLine({ change: 'format', name: 'x', version: 2 })]) {
      writeFileSync(file, line);
      await expect(openStudyFile(file)).rejects.toThrow(refused('a study, got a file of another kind', file));
    }
  });

  it('refuses a study of another version', async () => {
    const file = join(folder, 'newer');
    writeFileSync(file, encodeLine({ change: 'format', name: 'gru4rec-study', version: 3 }));
    await expect(openStudyFile(file)).rejects.toThrow(
      refused('a study of version 2, got version 3', file, 'Open it with the release that made it.'),
    );
  });

  it('refuses a folder', async () => {
    const place = join(folder, 'place');
    mkdirSync(place);
    await expect(openStudyFile(place)).rejects.toThrow(
      `openStudyFile: "file" expected a study that can be opened, got ${place}. Name a file in a writable folder`,
    );
  });

  it('refuses a folder that is not there', async () => {
    await expect(openStudyFile(join(folder, 'none', 'study'))).rejects.toThrow(
      `openStudyFile: "file" expected a folder that exists, got ${join(folder, 'none')}. Create it first.`,
    );
  });

  it('writes every change to disk before its promise is fulfilled', async () => {
    const file = join(folder, 'durable');
    const storage = await openStudyFile(file);
    await storage.begin(study);
    for (let number = 0; number < 5; number++) {
      await storage.startTrial({ number, values: { x: number }, startedMs: 0 });
      await storage.addReport(number, { step: 0, value: number / 2 });
      // The state after a crash: the file, never closed.
      const copy = join(folder, `durable-${number}`);
      copyFileSync(file, copy);
      const seen = await openStudyFile(copy);
      expect(await seen.trials()).toEqual(await storage.trials());
      await seen.close();
    }
    await storage.close();
  });
});
