import { join } from 'node:path';
import { halfSipHash } from '@gru4rec/dataset/ids';
import { loadModel } from '@gru4rec/model';
import { RandomStream } from '@gru4rec/random';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { FallingBehind } from '../../src/learning/guard.ts';
import { isDue, nextStop } from '../../src/learning/learner-folder.ts';
import type { LogLearner } from '../../src/learning/log-learner.ts';
import type { SharedModel } from '../../src/learning/shared-model.ts';
import { saveFeaturedModel } from '../featured-model.ts';
import { testFolder } from '../tiny-server.ts';
import {
  clickLine,
  engine,
  type Log,
  learntIn,
  linesOf,
  openLearnerOf,
  placesIn,
  saveWalker,
  walks,
} from './learnt-log.ts';

const directory = join(testFolder(afterAll), 'model');
beforeAll(() => saveWalker(directory));
const fresh = () => placesIn(testFolder());

const HOUR_MS = 3_600_000;

/** Learns so fast that it unlearns. */
const hasty = { guardShare: 1, settings: { learningRate: 2 } };

/** Copies, because the memory of a version is written again. */
const tensorsOf = (version: SharedModel | undefined) =>
  version?.tensors.map(({ name, values }) => [name, Float32Array.from(values)]);

/** Walks until a learner stops. @returns the tensors of the good versions before, and of the version that it gives then. */
async function fallBehind(learner: LogLearner, log: Log, seed = 10) {
  const good: unknown[] = [];
  for (let round = 0; round < 60; round++) {
    log.append(linesOf(walks(40, seed + round), `${seed}-${round}-`, round * 60_000));
    const given = tensorsOf(await learner.take({ to: log.end, publish: true }));
    if (learner.status.stopped) return { good, given };
    if (learner.status.guard.evidence <= 2) good.push(given);
  }
  throw new Error('It never fell behind');
}

/** Ids of sessions that a guard with this key compares, or others. */
function sessionsOf(key: Int32Array, share: number, isIn: boolean): string[] {
  const ids = Array.from({ length: 2000 }, (_, at) => Buffer.from(`s${at}`));
  const drawn = (id: Buffer) => (halfSipHash(id, 0, id.length, key) >>> 0) / 2 ** 32 < share;
  return ids.filter((id) => drawn(id) === isIn).map(String);
}

describe('a learner with a guard', () => {
  it('is stopped by twenty sessions of two clicks only if their ids are drawn, by a key that no client knows', async () => {
    const guardKey = Int32Array.of(1, 2);
    const guardShare = 0.05;
    for (const [key, reason] of [
      [{ guardKey }, 'behind'],
      [{}, undefined],
    ] as const) {
      const { log, output } = fresh();
      const learner = await openLearnerOf(log, { directory, output, ...hasty, guardShare, ...key });
      const take = () => learner.take({ to: log.end, publish: true });
      const outside = sessionsOf(guardKey, guardShare, false);
      log.append(
        walks(400, 3, 5, 11).flatMap((walk, at) =>
          walk.map((item) => clickLine(outside[at] ?? '', `i${item}`)),
        ),
      );
      await take();
      const inside = sessionsOf(guardKey, guardShare, true).slice(0, 20);
      log.append(inside.flatMap((id, at) => [clickLine(id, `i${at}`), clickLine(id, `i${at + 1}`)]));
      await take();
      expect(learner.status.stopped?.reason).toBe(reason);
      learner.close();
    }
  });

  it('goes back to the last good version when it falls behind, and learns what comes after a pause', async () => {
    const { log, output } = fresh();
    const options = { directory, output, ...hasty };
    const first = await openLearnerOf(log, options);
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const { good, given } = await fallBehind(first, log);
    const { stopped, guard } = first.status;
    expect(stopped).toMatchObject({ reason: 'behind', stops: 1 });
    expect(Date.parse(stopped?.until ?? '') - Date.now()).toBe(HOUR_MS);
    expect(good).toContainEqual(given);
    expect(guard.evidence).toBe(1);
    first.close();
    // It serves also from the folder.
    const { tensors } = await learntIn(output);
    const served = tensors.filter(({ kind }) => kind !== 'slot').map(({ name, values }) => [name, values]);
    expect(served).toEqual(given);

    // The pause goes on after a restart.
    const second = await openLearnerOf(log, options);
    expect(second.status.stopped).toEqual(stopped);
    expect(tensorsOf(second.restored())).toEqual(given);
    const take = async (learner: LogLearner, seed: number) => {
      log.append(linesOf(walks(8, seed), `later${seed}-`));
      return learner.take({ to: log.end, publish: true });
    };
    expect(await take(second, 5)).toBeUndefined();
    expect(second.status).toMatchObject({ stopped, skipped: 40, pairs: 0 });
    vi.setSystemTime(Date.now() + HOUR_MS);
    expect(await take(second, 6)).toBeUndefined();
    expect(second.status).toMatchObject({ stopped: undefined, skipped: 80, pairs: 0 });
    expect(await take(second, 7)).toBeDefined();
    expect(second.status).toMatchObject({ stopped: undefined, skipped: 80 });
    expect(second.status.pairs).toBeGreaterThan(20);
    second.close();
    // What is over is not begun again.
    const third = await openLearnerOf(log, options);
    await take(third, 8);
    expect(third.status).toMatchObject({ stopped: undefined, skipped: 0 });
    expect(third.status.pairs).toBeGreaterThan(20);
    third.close();
  });

  it('goes back to the model that it began with if no version of its process was good', async () => {
    const { log, output } = fresh();
    const options = { directory, output, ...hasty };
    let learner = await openLearnerOf(log, options);
    for (let round = 0; learner.status.guard.evidence <= 2; round++) {
      log.append(linesOf(walks(8, 10 + round), `r${round}-`, round * 60_000));
      await learner.take({ to: log.end, publish: true, save: true });
    }
    learner.close();
    learner = await openLearnerOf(log, options);
    const { evidence } = learner.status.guard;
    expect(evidence).toBeGreaterThan(2);
    learner.restored();
    const { given } = await fallBehind(learner, log, 70);
    const { tensors } = await loadModel(directory, { engine });
    const names = given?.map(([name]) => name);
    expect(given).toEqual(
      tensors.filter(({ name }) => names?.includes(name)).map((one) => [one.name, one.values]),
    );
    learner.close();
  });

  it('keeps the items that were added when it goes back, and takes more in a pause', async () => {
    const { log, output } = fresh();
    const featured = join(testFolder(), 'featured');
    const { itemIds } = await saveFeaturedModel(featured);
    const settings = { learningRate: 1e30 };
    const learner = await openLearnerOf(log, { directory: featured, output, settings });
    const items = (...ids: string[]) => ({ ids, features: new Int32Array(ids.length).fill(0) });
    await learner.take({ to: log.end, items: items('posted') });
    log.append(
      walks(20, 3).flatMap((walk, at) => walk.map((item) => clickLine(`s${at}`, itemIds.at(item) ?? ''))),
    );
    await learner.take({ to: log.end });
    expect(learner.status).toMatchObject({ stopped: { reason: 'not finite' }, newItems: 1 });
    const given = await learner.take({ to: log.end, publish: true, items: items('posted', 'later') });
    expect(given?.version).toMatch(/\+32$/);
    expect(learner.status).toMatchObject({ newItems: 2, error: undefined });
    learner.close();
  });

  it('does not stop while it is as good as the model that it began with, or better', async () => {
    const { log, output } = fresh();
    const learner = await openLearnerOf(log, { directory, output, guardShare: 1 });
    // The world has changed: walks go the other way.
    for (let round = 0; round < 12; round++) {
      log.append(linesOf(walks(40, 10 + round, 5, 29), `r${round}-`, round * 60_000));
      await learner.take({ to: log.end, publish: true });
    }
    const { guard, stopped } = learner.status;
    expect(stopped).toBeUndefined();
    expect(guard.learner).toBeGreaterThan(2 * guard.frozen);
    learner.close();
  });
});

describe('nextStop', () => {
  const stop = { reason: 'behind', message: '' } as const;
  const around = (ms: number) => new Date(Date.now() + ms).toISOString();

  it('begins pauses of one and two hours, then none that ends, and counts anew after a day of learning', () => {
    const first = nextStop(stop, undefined);
    const second = nextStop(stop, first);
    const hours = [first, second].map(({ at, until = '' }) => (Date.parse(until) - Date.parse(at)) / HOUR_MS);
    expect(hours).toEqual([1, 2]);
    expect(nextStop(stop, second)).toMatchObject({ stops: 3, until: undefined });
    expect(nextStop(stop, { ...second, until: around(-24 * HOUR_MS) }).stops).toBe(1);
  });

  it('ends a pause that began by a clock that was ahead', () => {
    const pause = { ...nextStop(stop, undefined), at: around(-1), until: around(HOUR_MS) };
    expect(isDue(pause)).toBe(false);
    expect(isDue({ ...pause, at: around(200 * HOUR_MS), until: around(201 * HOUR_MS) })).toBe(true);
  });
});

/** Comparisons until the evidence exceeds 10,000, at most `most`. */
function comparisonsUntil(share: number, most: number, seed: number, before = 0): number {
  const random = new RandomStream(seed, 'test.falling-behind');
  const test = new FallingBehind();
  for (let at = 0; at < before; at++) test.add(true);
  for (let at = 1; at <= most; at++) {
    test.add(random.nextFloat() < share);
    if (test.evidence > 10_000) return at;
  }
  return most;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const runs = Array.from({ length: 20 }, (_, seed) => seed);

describe('FallingBehind', () => {
  it('takes 10,000 comparisons or more on average where both are equal, and more where the learner is better', () => {
    expect(mean(runs.map((seed) => comparisonsUntil(0.5, 30_000, seed)))).toBeGreaterThan(10_000);
    expect(mean(runs.map((seed) => comparisonsUntil(0.55, 20_000, seed)))).toBeGreaterThan(19_000);
  });

  it.each([
    [0, 25],
    [0.2, 90],
    [0.4, 1000],
  ])('finds a learner that wins a share of %f, within %i comparisons on average', (share, most) => {
    expect(mean(runs.map((seed) => comparisonsUntil(share, 100_000, seed)))).toBeLessThan(most);
    // Whatever it won before.
    expect(comparisonsUntil(share, 100_000, 1, 5000)).toBe(comparisonsUntil(share, 100_000, 1));
  });

  it('goes on from its state', () => {
    const whole = new FallingBehind();
    const first = new FallingBehind();
    for (const wins of [false, false, true, false]) for (const test of [whole, first]) test.add(wins);
    const second = new FallingBehind(structuredClone(first.state));
    for (const test of [whole, second]) test.add(false);
    expect(second).toMatchObject({ state: whole.state, evidence: whole.evidence });
  });
});
