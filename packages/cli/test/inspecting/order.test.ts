import { describe, expect, it } from 'vitest';
import { shuffled } from '../../src/inspecting/order.ts';

const sessions = {
  sessionOffsets: Int32Array.from({ length: 101 }, (_, at) => 3 * at),
  items: Int32Array.from({ length: 300 }, (_, at) => at),
};

describe('shuffled', () => {
  it('permutes the clicks inside each session only', () => {
    const before = sessions.items.slice();
    const { items, sessionOffsets } = shuffled(sessions, 'train');
    expect(sessionOffsets).toEqual(sessions.sessionOffsets);
    expect(items).not.toEqual(before);
    for (let start = 0; start < 300; start += 3) {
      const own = [...items.subarray(start, start + 3)].sort((a, b) => a - b);
      expect(own).toEqual([start, start + 1, start + 2]);
    }
    expect(sessions.items).toEqual(before);
  });
});
