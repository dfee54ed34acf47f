import { describe, expect, it } from 'vitest';
import { type BaselineData, eventShares, startTimes } from '../src/baseline-kind.ts';
import { toData } from './sessions.ts';

describe('eventShares', () => {
  it('divides by the number of events', () => {
    expect([...eventShares(Int32Array.of(3, 0, 1))]).toEqual([3 / 4, 0, 1 / 4]);
  });
});

describe('startTimes', () => {
  const data = toData([[0, 1], [1]], 2);

  function withTimes(sessionStartTimes: Float64Array): BaselineData {
    return { ...data, train: { ...data.train, sessionStartTimes } };
  }

  it('gives the start times of the training sessions', () => {
    const times = Float64Array.of(5, 3);
    expect(startTimes('recentPop', withTimes(times))).toBe(times);
  });

  it('refuses data without times', () => {
    expect(() => startTimes('recentPop', data)).toThrow(
      new TypeError(
        'recentPop: "train.sessionStartTimes" expected Float64Array, got undefined. ' +
          'Give the milliseconds at which each training session began.',
      ),
    );
  });

  it.each([
    [[1], 'expected 2 entries, one per session, got 1.'],
    [[1, 2, 3], 'expected 2 entries, one per session, got 3.'],
    [[1, Number.NaN], 'expected finite number at session 1, got NaN.'],
    [[Number.NEGATIVE_INFINITY, 1], 'expected finite number at session 0, got -Infinity.'],
  ])('refuses the times %j', (times, message) => {
    expect(() => startTimes('recentPop', withTimes(Float64Array.from(times)))).toThrow(
      new RangeError(`recentPop: "train.sessionStartTimes" ${message}`),
    );
  });
});
