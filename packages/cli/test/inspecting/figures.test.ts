import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  concentration,
  duplicates,
  eventsOverTime,
  laterTraining,
  lifetimes,
  repeats,
  sessionLengths,
  type TimedSessions,
} from '../../src/inspecting/figures.ts';

const DAY_MS = 86_400_000;

interface Click {
  readonly item: number;
  readonly ms: number;
}

const click = fc.record({
  item: fc.nat({ max: 6 }),
  ms: fc.nat({ max: 40 }).map((step) => step * (DAY_MS / 8)),
});
const log = fc.array(fc.array(click, { minLength: 1, maxLength: 60 }), { minLength: 1, maxLength: 12 });

const forAnyLog = (check: (sessions: Click[][]) => void) => fc.assert(fc.property(log, check));

/** CSR arrays of plain sessions. */
function arraysOf(sessions: readonly (readonly Click[])[]): TimedSessions {
  const clicks = sessions.flat();
  const offsets = [0];
  for (const session of sessions) offsets.push((offsets.at(-1) ?? 0) + session.length);
  return {
    sessionOffsets: Int32Array.from(offsets),
    items: Int32Array.from(clicks, ({ item }) => item),
    times: BigInt64Array.from(clicks, ({ ms }) => BigInt(ms)),
  };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const share = (flags: readonly boolean[]) =>
  flags.length === 0 ? 0 : flags.filter(Boolean).length / flags.length;
const lowerMedian = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0;

describe('figures of inspect', () => {
  it('agree with naive ones about lengths', () => {
    forAnyLog((sessions) => {
      const found = sessionLengths(arraysOf(sessions));
      const lengths = sessions.map(({ length }) => length);
      expect(found.mean).toBeCloseTo(sum(lengths) / lengths.length, 9);
      expect(found.median).toBe(lowerMedian(lengths));
      expect(found.longest).toBe(Math.max(...lengths));
      expect(sum(found.groups.map(({ count }) => count))).toBe(sessions.length);
      const between = lengths.filter((length) => length >= 6 && length <= 10).length;
      expect(found.groups.find(({ label }) => label === '6–10')?.count).toBe(between);
      expect(found.groups.at(-1)).toEqual({ label: '51+', count: lengths.filter((n) => n > 50).length });
    });
  });

  it('agree with naive ones about repeats', () => {
    forAnyLog((sessions) => {
      const targets = sessions.flatMap((session) =>
        session.slice(1).map(({ item }, at) => ({
          any: session.slice(0, at + 1).some((before) => before.item === item),
          just: session[at]?.item === item,
        })),
      );
      expect(repeats(arraysOf(sessions))).toEqual({
        anyBefore: share(targets.map(({ any }) => any)),
        justBefore: share(targets.map(({ just }) => just)),
        reloads: share(targets.map(({ just }) => just)),
      });
    });
  });

  it('agree with naive ones about items', () => {
    const support = fc
      .array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 40 })
      .filter((counts) => sum(counts) > 0);
    fc.assert(
      fc.property(support, (counts) => {
        const { top10, rare } = concentration(Int32Array.from(counts));
        const n = counts.length;
        const best = [...counts].sort((a, b) => b - a).slice(0, Math.ceil(0.1 * n));
        expect(top10).toBeCloseTo(sum(best) / sum(counts), 9);
        expect(rare).toBe(share(counts.map((count) => count < 5)));
      }),
    );
  });

  it('agree with naive ones about times', () => {
    forAnyLog((sessions) => {
      const clicks = sessions.flat();
      const { fromMs, toMs, periodMs, counts } = eventsOverTime(arraysOf(sessions));
      expect(fromMs).toBe(Math.min(...clicks.map(({ ms }) => ms)));
      expect(toMs).toBe(Math.max(...clicks.map(({ ms }) => ms)));
      expect(counts.length).toBeLessThanOrEqual(60);
      const expected = counts.map(
        (_, at) => clicks.filter(({ ms }) => Math.floor((ms - fromMs) / periodMs) === at).length,
      );
      expect(counts).toEqual(expected);
      expect(sum([...counts])).toBe(clicks.length);
    });
  });

  it('agree with naive ones about lifetimes', () => {
    forAnyLog((sessions) => {
      const clicks = sessions.flat();
      const timesOf = (item: number) => clicks.filter((own) => own.item === item).map(({ ms }) => ms);
      const several = [0, 1, 2, 3, 4, 5, 6].map(timesOf).filter((times) => times.length > 1);
      const days = several.map((times) => (Math.max(...times) - Math.min(...times)) / DAY_MS);
      const { medianDays, withinDay } = lifetimes(arraysOf(sessions), 7);
      expect(medianDays).toBeCloseTo(lowerMedian(days), 9);
      const within = clicks.map(({ item, ms }) => ms - Math.min(...timesOf(item)) <= DAY_MS);
      expect(withinDay).toBeCloseTo(share(within), 9);
    });
  });

  it('agree with naive ones about two splits', () => {
    fc.assert(
      fc.property(log, log, (train, test) => {
        const key = (session: readonly Click[]) =>
          [...new Set(session.map(({ item }) => item))].sort().join();
        const keys = new Set(train.map(key));
        const long = test.filter((session) => new Set(session.map(({ item }) => item)).size >= 3);
        const copies = share(long.map((own) => keys.has(key(own))));
        expect(duplicates(arraysOf(train), arraysOf(test))).toBeCloseTo(copies, 9);
        const median = lowerMedian(test.flat().map(({ ms }) => ms));
        const later = share(train.flat().map(({ ms }) => ms > median));
        expect(laterTraining(arraysOf(train), arraysOf(test))).toBeCloseTo(later, 9);
      }),
    );
  });

  it('are known for a small log', () => {
    expect(concentration(Int32Array.of(5, 5, 5, 5))).toMatchObject({ top1: 1 / 4, rare: 0 });
    const at = (items: readonly number[]) => arraysOf([items.map((item) => ({ item, ms: 0 }))]);
    expect(repeats(at([1, 1, 2, 1]))).toEqual({ anyBefore: 2 / 3, justBefore: 1 / 3, reloads: 1 / 3 });
    const found = repeats({ ...at([1, 1, 1, 2, 2]), context: Int32Array.of(0, 1, 1, 0, 0) }, 0);
    expect(found).toEqual({ anyBefore: 3 / 4, justBefore: 3 / 4, reloads: 2 / 4 });
    expect(duplicates(at([1, 2, 3]), at([3, 2, 2, 1]))).toBe(1);
    expect(duplicates(at([1, 2, 3]), at([1, 2]))).toBe(0);
  });
});
