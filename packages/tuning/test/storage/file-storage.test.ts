import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StudyStorage } from '../../src/storage/storage.ts';
import { openStudyFile } from '../../src/storage/study-file.ts';
import { testFolder } from '../folder.ts';
import { MemoryStorage } from '../memory-storage.ts';
import { study, type Trial, trial } from './arbitrary-trial.ts';

const folder = testFolder();

async function keep(storage: StudyStorage, trials: readonly Trial[]): Promise<void> {
  for (const [number, { values, startedMs, attempts, reports, outcome }] of trials.entries()) {
    for (let attempt = 0; attempt < attempts; attempt++) {
      await storage.startTrial({ number, values, startedMs: startedMs + attempt });
      for (const [step, value] of reports.entries()) await storage.addReport(number, { step, value });
    }
    if (outcome) await storage.endTrial(number, outcome);
  }
}

describe('FileStorage', () => {
  it('keeps a study', async () => {
    const storage = await openStudyFile(join(folder, 'study'));
    await storage.begin(study);
    expect(await storage.study()).toEqual(study);
    await storage.close();
  });

  it('stores trials as the storage in memory does, before and after it is reopened', async () => {
    let files = 0;
    const property = fc.asyncProperty(fc.array(trial, { maxLength: 4 }), async (trials) => {
      const file = join(folder, `trials-${files++}`);
      const [plain, storage] = [new MemoryStorage(), await openStudyFile(file)];
      await keep(plain, trials);
      await keep(storage, trials);
      expect(await storage.trials()).toEqual(await plain.trials());
      await storage.close();
      const again = await openStudyFile(file);
      expect(await again.trials()).toEqual(await plain.trials());
      await again.close();
    });
    await fc.assert(property, { numRuns: 10, seed: 4 });
  });

  it('makes changes in the order of the calls, awaited or not, and closes after them', async () => {
    const file = join(folder, 'order');
    const storage = await openStudyFile(file);
    const changes = Array.from({ length: 20 }, (_, number) => [
      storage.startTrial({ number, values: { x: 1 }, startedMs: 0 }),
      storage.addReport(number, { step: 1, value: 2 }),
      storage.endTrial(number, { state: 'complete', value: number, endedMs: 1 }),
    ]);
    await storage.close();
    await Promise.all(changes.flat());
    const again = await openStudyFile(file);
    expect((await again.trials()).map(({ value, reports }) => [value, reports.length])).toEqual(
      Array.from({ length: 20 }, (_, number) => [number, 1]),
    );
    await again.close();
  });

  it('rejects a change that cannot be made, and continues', async () => {
    const file = join(folder, 'wrong');
    const storage = await openStudyFile(file);
    await expect(storage.addReport(0, { step: 0, value: 1 })).rejects.toThrow(
      `"number" expected a trial that has started, got 0, at ${file}.`,
    );
    await storage.startTrial({ number: 0, values: {}, startedMs: 0 });
    expect((await storage.trials()).length).toBe(1);
    await storage.close();
  });

  it('drops a line that a killed process did not finish, and continues after the one before', async () => {
    const file = join(folder, 'torn');
    const storage = await openStudyFile(file);
    await storage.begin(study);
    await storage.startTrial({ number: 0, values: { x: 1 }, startedMs: 0 });
    const whole = readFileSync(file);
    await storage.startTrial({ number: 1, values: { x: 2 }, startedMs: 0 });
    const end = readFileSync(file);
    await storage.close();
    for (let cut = whole.length; cut < end.length; cut++) {
      writeFileSync(file, end.subarray(0, cut));
      const again = await openStudyFile(file);
      expect((await again.trials()).map(({ number }) => number)).toEqual([0]);
      await again.startTrial({ number: 1, values: { x: 2 }, startedMs: 0 });
      await again.close();
      expect(readFileSync(file)).toEqual(end);
    }
  });
});
