import { describe, expect, it } from 'vitest';
import { type BaselineData, startTimes } from '../src/baseline-kind.ts';
import { toData } from './sessions.ts';

describe('startTimes', () => {
  const data = toData(2, [0, 1], [1]);

  function withTimes(sessionStartTimes: Float64Array): BaselineData {
    return { ...data, train: { ...data.train, sessionStartTimes } };
  }

  it.each([
    [[1], 'expected 2 entries, one per session, got 1.'],
    [[1, Number.NaN], 'expected finite number at session 1, got NaN.'],
  ])('refuses the times %j', (times, message) => {
    expect(() => startTimes(withTimes(Float64Array.from(times)))).toThrow(
      new RangeError(`createBaseline: "train.sessionStartTimes" ${message}`),
    );
  });

  it('refuses data without times', () => {
    expect(() => startTimes(data)).toThrow(
      new TypeError(
        'createBaseline: "train.sessionStartTimes" expected Float64Array, got undefined. ' +
          'Give the milliseconds at which each training session began.',
      ),
    );
  });
});
