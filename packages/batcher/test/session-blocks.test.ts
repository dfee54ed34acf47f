import { describe, expect, it } from 'vitest';
import { describeBlock } from '../src/session-blocks.ts';
import { toArrays } from './sessions.ts';

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
