import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { quantileOf, timesSince } from '../../src/history/answer-times.ts';
import { History, type HistorySources } from '../../src/history/history.ts';
import { NewItems } from '../../src/history/new-items.ts';

const bounds = [0.001, 0.01, Number.POSITIVE_INFINITY];

describe('quantileOf', () => {
  it('is as if times were uniform between two bounds, and never infinite', () => {
    expect(quantileOf({ bounds, counts: [100, 0, 0] }, 0.5)).toBeCloseTo(0.0005, 9);
    expect(quantileOf({ bounds, counts: [90, 10, 0] }, 0.99)).toBeCloseTo(0.001 + 0.9 * 0.009, 9);
    expect(quantileOf({ bounds, counts: [1, 0, 99] }, 0.99)).toBe(0.01);
    expect(quantileOf({ bounds, counts: [0, 0, 0] }, 0.99)).toBeUndefined();
  });

  it('is of what came since an earlier moment', () => {
    const before = { bounds, counts: [100, 0, 0] };
    expect(timesSince(before, { bounds, counts: [100, 7, 1] }).counts).toEqual([0, 7, 1]);
    expect(timesSince(undefined, before)).toBe(before);
  });
});

describe('NewItems', () => {
  it('counts clicks and lists of the latest 200 items that were new, not of others', () => {
    const items = new NewItems();
    for (let at = 0; at < 1000; at++) items.click(`i${at}`, at, () => at % 2 === 0);
    items.click('i998', 2000, () => false);
    items.click('i0', 2001, () => false);
    items.list(['i998', 'i997', 'i0', 'i600']);
    expect(items.latest(2)).toEqual([
      { id: 'i998', firstClickMs: 998, clicked: 2, listed: 1 },
      { id: 'i996', firstClickMs: 996, clicked: 1, listed: 0 },
    ]);
    expect(items.latest(1e6).map(({ id }) => id)).toHaveLength(200);
  });
});

describe('History', () => {
  it('has rates, quantiles, recall and the guard of a day, and no more', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    let answers = 0;
    const sources = {
      metrics: {
        async answerTimes() {
          answers += 120;
          return { bounds, counts: [answers, 0, 0] };
        },
      },
      models: { all: [{ name: 'shop', isReady: true, status: { name: 'shop', lineage: 'a' } }] },
      evaluation: {
        report: async () => ({
          recommendations: [
            { k: 5, recall: 0.1 },
            { k: 20, recall: 0.123456 },
          ],
        }),
      },
      learning: { status: { guard: { learner: 7, frozen: 3, evidence: 1 } } },
    };
    const history = new History(sources as unknown as HistorySources);
    await vi.advanceTimersByTimeAsync(60_000 * 1500);
    const { atMs, answersPerSecond, p99Ms, recall, guard } = history.report();
    for (const values of [atMs, answersPerSecond, p99Ms, recall[0]?.values, guard?.learner]) {
      expect(values).toHaveLength(1440);
    }
    expect(new Set(answersPerSecond)).toEqual(new Set([2]));
    expect(new Set(p99Ms)).toEqual(new Set([0.99]));
    expect([recall[0]?.values.at(-1), guard?.frozen.at(-1)]).toEqual([0.1235, 3]);
    expect(JSON.stringify(history.report()).length).toBeLessThan(100_000);
    for (let at = 0; at < 50; at++) {
      history.loaded({ kind: 'failed', model: 'shop', error: new Error(`${at}`) });
      history.loaded({ kind: 'published', model: 'shop', version: `${at}`, ms: 1 });
    }
    expect(history.report().loads.map(({ error }) => error)).toEqual(
      Array.from({ length: 20 }, (_, at) => `${49 - at}`),
    );
    await history.close();
    await vi.advanceTimersByTimeAsync(60_000 * 3);
    expect(history.report().atMs.at(-1)).toBe(atMs.at(-1));
  });
});
