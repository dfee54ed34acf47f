import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { StudyDatabaseOptions } from '../../src/storage/postgres.ts';
import type { StudyStorage } from '../../src/storage/storage.ts';
import { openStudyDatabase } from '../../src/storage/study-database.ts';
import { MemoryStorage } from '../memory-storage.ts';
import { testServer } from '../postgres.ts';
import { keep, study, trial } from './arbitrary-trial.ts';

const server = testServer();
const SHORT = { leaseMs: 50 };

async function open(name: string, more: Partial<StudyDatabaseOptions> = {}): Promise<StudyStorage> {
  const storage = await openStudyDatabase(server().url(), { study: name, ...more });
  onTestFinished(() => storage.close());
  return storage;
}

async function openTwice(name: string, more: Partial<StudyDatabaseOptions> = {}) {
  const storages = await Promise.all([open(name, more), open(name, more)]);
  await storages[0].begin(study);
  return storages;
}

async function takeFirst(storage: StudyStorage, startedMs: number): Promise<number | undefined> {
  // Finds out that its earlier attempt is over.
  expect(await storage.renew(0)).toBe(false);
  for (;;) {
    const number = await storage.takeAbandoned(1, startedMs, []);
    if (number !== undefined) return number;
    await setTimeout(1);
  }
}

describe('PostgresStorage', () => {
  it('keeps a study, once, and each under its name', async () => {
    const [one, two] = await openTwice('kept');
    expect(await one.study()).toEqual(study);
    await two.begin({ ...study, seed: '8' });
    expect(await two.study()).toEqual(study);
    const other = await open('another');
    expect(await other.study()).toBeUndefined();
    expect(await one.addTrial({ number: 0, values: {}, startedMs: 1 })).toBe(true);
    expect(await other.trials()).toEqual([]);
  });

  it('stores trials as the storage in memory does, bit for bit', async () => {
    let studies = 0;
    const property = fc.asyncProperty(trial, async (given) => {
      const name = `trials-${studies++}`;
      const storages = await Promise.all(
        [0, 1].map(() => openStudyDatabase(server().url(), { study: name, leaseMs: 1 })),
      );
      const plain = new MemoryStorage();
      await storages[0].begin(study);
      await keep([plain], 0, given);
      await keep(storages, 0, given, takeFirst);
      const kept = await storages[1].trials();
      await Promise.all(storages.map((storage) => storage.close()));
      expect(kept).toEqual(await plain.trials());
    });
    await fc.assert(property, { numRuns: 15, seed: 4 });
  });

  it('gives each number to one of many coordinators', async () => {
    const storages = await Promise.all(Array.from({ length: 4 }, () => open('race')));
    await storages[0].begin(study);
    for (let number = 0; number < 10; number++) {
      const added = await Promise.all(
        storages.map((storage, by) => storage.addTrial({ number, values: { by }, startedMs: 0 })),
      );
      expect(added.filter(Boolean)).toEqual([true]);
      expect((await storages[0].trials())[number].values).toEqual({ by: added.indexOf(true) });
    }
  });

  it('gives an abandoned trial to one of many coordinators, and none that is renewed', async () => {
    const [first, ...others] = await Promise.all(
      Array.from({ length: 4 }, () => open('abandoned', { leaseMs: 500 })),
    );
    await first.begin(study);
    for (const number of [0, 1, 2]) await first.addTrial({ number, values: {}, startedMs: 0 });
    await first.endTrial(2, { state: 'pruned', endedMs: 1 });
    const deadline = performance.now() + 700;
    while (performance.now() < deadline) {
      expect(await first.renew(0)).toBe(true);
      await setTimeout(20);
    }
    expect(await first.takeAbandoned(3, 5, [0, 1])).toBeUndefined();
    const taken = await Promise.all(others.map((storage) => storage.takeAbandoned(3, 5, [])));
    expect(taken.filter((number) => number !== undefined)).toEqual([1]);
    expect((await first.trials()).map(({ startedMs }) => startedMs)).toEqual([0, 5, 0]);
    expect(await others[0].takeAbandoned(1, 5, [])).toBeUndefined();
  });

  it('refuses the results of a trial that a coordinator has lost', async () => {
    const [late, other] = await openTwice('lost', SHORT);
    await late.addTrial({ number: 0, values: {}, startedMs: 0 });
    await late.addReport(0, { step: 1, value: 1 });
    await setTimeout(60);
    expect(await other.takeAbandoned(1, 7, [])).toBe(0);
    expect((await other.trials())[0].reports).toEqual([]);
    await late.addReport(0, { step: 2, value: 2 });
    await other.addReport(0, { step: 1, value: 3 });
    expect(await late.endTrial(0, { state: 'complete', value: 4, endedMs: 8 })).toBe(false);
    expect(await late.renew(0)).toBe(false);
    await late.addReport(0, { step: 3, value: 2 });
    expect(await other.endTrial(0, { state: 'complete', value: 5, endedMs: 9 })).toBe(true);
    const ended = { state: 'complete', value: 5, startedMs: 7, endedMs: 9 };
    const reports = [{ step: 1, value: 3 }];
    expect(await late.trials()).toEqual([{ number: 0, values: {}, ...ended, reports }]);
  });

  it('abandons unfinished trials when it is closed', async () => {
    const [first, second] = await openTwice('closed');
    const going = await openStudyDatabase(server().url(), { study: 'closed' });
    for (const number of [0, 1]) await going.addTrial({ number, values: {}, startedMs: 0 });
    await first.addTrial({ number: 2, values: {}, startedMs: 0 });
    expect(await second.takeAbandoned(3, 1, [])).toBeUndefined();
    await going.close();
    expect([await first.takeAbandoned(3, 1, []), await second.takeAbandoned(3, 1, [])]).toEqual([0, 1]);
    expect(await second.takeAbandoned(3, 1, [])).toBeUndefined();
  });
});
