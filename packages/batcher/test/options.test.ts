import { describe, expect, it } from 'vitest';
import { checkSessionParallel, checkStreamed, type SessionParallelOptions } from '../src/options.ts';

const good: SessionParallelOptions = {
  sessionOffsets: Int32Array.of(0, 2, 4),
  items: Int32Array.of(5, 6, 7, 8),
  batchSize: 2,
  sessionStartTimes: [1, 2],
};
const check = (change: object) => () => checkSessionParallel({ ...good, ...change });

describe('checkSessionParallel', () => {
  it('accepts valid options', () => {
    expect(check({})).not.toThrow();
    expect(check({ order: 'stored', sessionStartTimes: undefined })).not.toThrow();
    expect(check({ order: 'shuffled', seed: 0 })).not.toThrow();
    expect(check({ sessionStartTimes: BigInt64Array.of(1n, 2n), minLiveSlots: 2 })).not.toThrow();
  });

  it.each([
    [{ sessionOffsets: [0, 2, 4] }, '"sessionOffsets" expected Int32Array, got [0,2,4].'],
    [{ items: [] }, '"items" expected Int32Array, got [].'],
    [
      { sessionStartTimes: undefined },
      '"sessionStartTimes" expected array with order \'time\', got nothing. ' +
        "Pass one time per session or choose order 'stored'.",
    ],
  ])('rejects the kind of %j', (change, text) => {
    expect(check(change)).toThrow(new TypeError(`SessionParallelBatcher: ${text}`));
  });

  it.each([
    [{ sessionOffsets: new Int32Array(0) }, '"sessionOffsets" expected sessions + 1 entries, got [].'],
    [{ sessionOffsets: Int32Array.of(1, 4) }, '"sessionOffsets" expected 0 at index 0, got 1.'],
    [{ sessionOffsets: Int32Array.of(0, 4, 2) }, '"sessionOffsets" expected no decrease at index 2, got 2.'],
    [
      { sessionOffsets: Int32Array.of(0, 2, 3) },
      '"sessionOffsets" expected items.length = 4 as its last entry, got 3.',
    ],
    [{ items: Int32Array.of(5, 6, -1, 8) }, '"items" expected integer >= 0 at index 2, got -1.'],
    [{ blocks: [{ sessions: 1 }] }, '"blocks" expected 2 sessions in all, got 1.'],
    [{ sessionStartTimes: [1] }, '"sessionStartTimes" expected 2 entries, one per session, got 1.'],
    [{ sessionStartTimes: [1, Number.NaN] }, '"sessionStartTimes" expected a time at index 1, got NaN.'],
  ])('rejects the value of %j', (change, text) => {
    expect(check(change)).toThrow(new RangeError(`SessionParallelBatcher: ${text}`));
  });
});

describe('checkStreamed', () => {
  const data = { blocks: [], inTimeOrder: false, read: () => Promise.reject(new Error('not read')) };
  const streamed = (change: object) => () => checkStreamed({ data, batchSize: 2, ...change });

  it('accepts sessions that are stored in the requested order', () => {
    expect(streamed({ order: 'stored' })).not.toThrow();
    expect(streamed({ order: 'shuffled', seed: 0 })).not.toThrow();
    expect(streamed({ data: { ...data, inTimeOrder: true } })).not.toThrow();
  });

  it('refuses the order time if sessions are not stored in it', () => {
    expect(streamed({})).toThrow(
      new RangeError(
        "StreamedBatcher: \"order\" expected 'stored' or 'shuffled', because the sessions are not stored in order of time, " +
          'got "time". Read them into memory, or choose order \'stored\'.',
      ),
    );
  });
});
