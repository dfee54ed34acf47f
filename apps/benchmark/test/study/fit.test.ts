import { describe, expect, it } from 'vitest';
import { latestSessions } from '../../src/study/fit.ts';

const data = {
  itemIds: ['a', 'b', 'c'],
  support: Int32Array.of(3, 3, 2),
  train: {
    sessionOffsets: Int32Array.of(0, 2, 4, 6, 8),
    items: Int32Array.of(0, 1, 0, 1, 0, 2, 1, 2),
    sessionStartTimes: Float64Array.of(10, 20, 30, 40),
  },
};

describe('latestSessions', () => {
  it('keeps the latest share, all items, and their support in it', () => {
    expect(latestSessions(data, 1 / 2)).toEqual({
      itemIds: ['a', 'b', 'c'],
      support: Int32Array.of(1, 1, 2),
      train: {
        sessionOffsets: Int32Array.of(0, 2, 4),
        items: Int32Array.of(0, 2, 1, 2),
        sessionStartTimes: Float64Array.of(30, 40),
      },
    });
    expect(latestSessions(data, 1)).toEqual(data);
  });

  it('keeps at least one session', () => {
    expect(latestSessions(data, 1 / 100).train.sessionStartTimes).toEqual(Float64Array.of(40));
  });
});
