import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generateShopLog, type ShopLogRows, shopLogBatches, writeShopLog } from '../src/shop-log.ts';

const SECONDS_PER_DAY = 86_400;

function countBy(values: Iterable<number>): Map<number, number> {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

function sessionsOf({ sessionIds, itemIds }: ShopLogRows): Map<number, number[]> {
  const sessions = new Map<number, number[]>();
  for (const [row, sessionId] of sessionIds.entries()) {
    const session = sessions.get(sessionId) ?? [];
    sessions.set(sessionId, session);
    session.push(itemIds[row]);
  }
  return sessions;
}

describe('generateShopLog', () => {
  const log = generateShopLog({ seed: 1 });

  it('makes 100,000 events of 3,000 items at most', () => {
    expect(log.times).toHaveLength(100_000);
    expect(log.sessionIds).toHaveLength(100_000);
    const items = countBy(log.itemIds).size;
    expect(items).toBeGreaterThan(2_850);
    expect(items).toBeLessThanOrEqual(3_000);
  });

  it('makes exactly the requested number of events', () => {
    const small = fc.record({
      events: fc.integer({ min: 1, max: 300 }),
      items: fc.integer({ min: 10, max: 200 }),
      days: fc.integer({ min: 1, max: 40 }),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(small, (options) => {
        const { itemIds, times } = generateShopLog(options);
        expect([itemIds.length, times.length]).toEqual([options.events, options.events]);
        expect(countBy(itemIds).size).toBeLessThanOrEqual(options.items);
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  it('depends only on the options', () => {
    const options = { events: 2_000, items: 300, seed: 7 };
    expect(generateShopLog(options)).toEqual(generateShopLog(options));
    expect(generateShopLog({ ...options, seed: 8 }).itemIds).not.toEqual(generateShopLog(options).itemIds);
  });

  it('starts with the same rows as in earlier releases', () => {
    const { sessionIds, itemIds, times } = generateShopLog({ events: 1_000, items: 100, seed: 1 });
    expect([...sessionIds.subarray(0, 4)]).toEqual([
      1_918_497_977, 1_918_497_977, 1_925_908_565, 1_925_908_565,
    ]);
    expect([...itemIds.subarray(0, 4)]).toEqual([415_202_619, 334_406_719, 124_337_379, 628_889_928]);
    expect([...times.subarray(0, 4)]).toEqual([1_709_281_814, 1_709_281_841, 1_709_289_080, 1_709_289_122]);
  });

  it('orders events by time, over the requested days', () => {
    expect(log.times.every((time, row) => row === 0 || time >= log.times[row - 1])).toBe(true);
    expect(log.times.every(Number.isInteger)).toBe(true);
    const start = Date.UTC(2024, 2, 1) / 1000;
    expect(log.times[0]).toBeGreaterThanOrEqual(start);
    expect(log.times[0]).toBeLessThan(start + SECONDS_PER_DAY / 4);
    const last = (log.times[99_999] - start) / SECONDS_PER_DAY;
    expect(last).toBeGreaterThan(29.75);
    expect(last).toBeLessThan(30.25);
  });

  it('has a long tail of popularity', () => {
    const counts = [...countBy(log.itemIds).values()].sort((a, b) => b - a);
    const share = (items: number): number =>
      counts.slice(0, items).reduce((sum, count) => sum + count, 0) / log.times.length;
    expect(share(30)).toBeGreaterThan(0.1);
    expect(share(600)).toBeGreaterThan(0.5);
    expect(share(1)).toBeLessThan(0.03);
  });

  it('drifts, so that the first and the last days have different favourites', () => {
    const inTenth = (tenth: number): Map<number, number> =>
      countBy(log.itemIds.subarray(tenth * 10_000, (tenth + 1) * 10_000));
    const distance = (a: Map<number, number>, b: Map<number, number>): number => {
      const items = new Set([...a.keys(), ...b.keys()]);
      return [...items].reduce((sum, item) => sum + Math.abs((a.get(item) ?? 0) - (b.get(item) ?? 0)), 0);
    };
    expect(distance(inTenth(0), inTenth(9))).toBeGreaterThan(1.15 * distance(inTenth(0), inTenth(1)));
  });

  it('repeats items within a visit', () => {
    let repeats = 0;
    let steps = 0;
    for (const session of sessionsOf(log).values()) {
      steps += session.length - 1;
      repeats += session.length - new Set(session).size;
    }
    expect(repeats / steps).toBeGreaterThan(0.15);
    expect(repeats / steps).toBeLessThan(0.35);
  });
});

describe('shopLogBatches', () => {
  it('has the rows of the complete log for any batch size', () => {
    const options = { events: 1_000, items: 100, seed: 3 };
    const whole = generateShopLog(options);
    for (const batchRows of [1, 300, 500, 5_000]) {
      const batches = [...shopLogBatches({ ...options, batchRows })];
      expect(batches).toHaveLength(Math.ceil(1_000 / batchRows));
      expect(batches.flatMap((rows) => [...rows.sessionIds])).toEqual([...whole.sessionIds]);
      expect(batches.flatMap((rows) => [...rows.itemIds])).toEqual([...whole.itemIds]);
      expect(batches.flatMap((rows) => [...rows.times])).toEqual([...whole.times]);
    }
  });
});

describe('writeShopLog', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'synthetic-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('writes the log as TSV, the same bytes each time', async () => {
    const options = { events: 500, items: 50, seed: 2 };
    await writeShopLog(join(folder, 'a.tsv'), options);
    await writeShopLog(join(folder, 'b.tsv'), options);
    const text = await readFile(join(folder, 'a.tsv'), 'utf8');
    const { sessionIds, itemIds, times } = generateShopLog(options);
    const rows = Array.from(times, (time, row) => `${sessionIds[row]}\t${itemIds[row]}\t${time}\n`);
    expect(text).toBe(`SessionId\tItemId\tTime\n${rows.join('')}`);
    expect(await readFile(join(folder, 'b.tsv'), 'utf8')).toBe(text);
    expect(await readdir(folder)).toEqual(['a.tsv', 'b.tsv']);
  });

  it('leaves no file if it fails', async () => {
    await expect(writeShopLog(join(folder, 'a.tsv'), { seed: -1 })).rejects.toThrow(
      'a.tsv cannot be written',
    );
    await mkdir(join(folder, 'taken'));
    await expect(writeShopLog(join(folder, 'taken'), { events: 10, seed: 1 })).rejects.toThrow();
    expect(await readdir(folder)).toEqual(['taken']);
  });
});
