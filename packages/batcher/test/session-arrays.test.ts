import { describe, expect, it } from 'vitest';
import { checkSessionArrays, describeBlock, pickSessions, sliceSessions } from '../src/session-arrays.ts';
import { toArrays } from './sessions.ts';

const sessionOffsets = Int32Array.of(0, 2, 2);
const items = Int32Array.of(0, 4);

describe('checkSessionArrays', () => {
  it('accepts sessions, including empty ones and none at all', () => {
    expect(() => checkSessionArrays('evaluate', { sessionOffsets, items }, 5)).not.toThrow();
    const none = { sessionOffsets: Int32Array.of(0), items: new Int32Array(0) };
    expect(() => checkSessionArrays('evaluate', none, 0)).not.toThrow();
  });

  it('names its caller and the first item that is out of range', () => {
    expect(() => checkSessionArrays('evaluate', { sessionOffsets, items }, 4)).toThrow(
      new RangeError(
        'evaluate: "items" expected integer in [0, 4) at index 1, got 4. Remove the events of unknown items.',
      ),
    );
    const negative = { sessionOffsets, items: Int32Array.of(-1, 4) };
    expect(() => checkSessionArrays('createRecommender', negative)).toThrow(
      new RangeError('createRecommender: "items" expected integer >= 0 at index 0, got -1.'),
    );
  });
});

describe('pickSessions and sliceSessions', () => {
  const sessions = {
    sessionOffsets: Int32Array.of(0, 2, 2, 3, 5),
    items: Int32Array.of(7, 8, 9, 4, 5),
    times: BigInt64Array.of(1n, 2n, 3n, 4n, 5n),
    context: Int32Array.of(10, 11, 20, 21, 30, 31, 40, 41, 50, 51),
  };

  it('copies sessions in the order given, with times and context', () => {
    const picked = pickSessions(sessions, [3, 1, 0]);
    expect(picked).toEqual({
      sessionOffsets: Int32Array.of(0, 2, 2, 4),
      items: Int32Array.of(4, 5, 7, 8),
      times: BigInt64Array.of(4n, 5n, 1n, 2n),
      context: Int32Array.of(40, 41, 50, 51, 10, 11, 20, 21),
    });
    picked.items.fill(0);
    expect(sessions.items[0]).toBe(7);
  });

  it('views consecutive sessions, whose offsets start at 0', () => {
    const slice = sliceSessions(sessions, 2, 4);
    expect(slice).toEqual({
      sessionOffsets: Int32Array.of(0, 1, 3),
      items: Int32Array.of(9, 4, 5),
      times: BigInt64Array.of(3n, 4n, 5n),
      context: Int32Array.of(30, 31, 40, 41, 50, 51),
    });
    expect(slice.items.buffer).toBe(sessions.items.buffer);
    expect(sliceSessions({ sessionOffsets, items }, 1, 2)).toEqual({
      sessionOffsets: Int32Array.of(0, 0),
      items: new Int32Array(0),
    });
  });
});

describe('describeBlock', () => {
  it('counts sessions, events and pairs', () => {
    expect(describeBlock(toArrays([[1, 2, 3], [4], [], [5, 6]]))).toEqual({
      sessions: 4,
      events: 6,
      sessionsWithPairs: 2,
      pairs: 2 + 1,
    });
  });
});
