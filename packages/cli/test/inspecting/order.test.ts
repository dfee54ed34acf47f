import { describe, expect, it } from 'vitest';
import { sampleSessions, shuffled } from '../../src/inspecting/order.ts';

const sessions = {
  sessionOffsets: Int32Array.from({ length: 101 }, (_, at) => 3 * at),
  items: Int32Array.from({ length: 300 }, (_, at) => at),
};

describe('sampleSessions', () => {
  it('takes whole sessions, in their order, the same ones each time', () => {
    const { items, sessionOffsets } = sampleSessions(sessions, 10, 'train');
    expect([...sessionOffsets]).toEqual(Array.from({ length: 11 }, (_, at) => 3 * at));
    const starts = [...items].filter((_, at) => at % 3 === 0);
    expect(starts).toEqual([...new Set(starts)].sort((a, b) => a - b));
    for (const [at, start] of starts.entries()) {
      expect([...items.subarray(3 * at, 3 * at + 3)]).toEqual([start, start + 1, start + 2]);
    }
    expect(sampleSessions(sessions, 10, 'train')).toEqual(sampleSessions(sessions, 10, 'train'));
    expect(sampleSessions(sessions, 10, 'test').items).not.toEqual(items);
    expect(sampleSessions(sessions, 100, 'train').items).toEqual(sessions.items);
  });
});

describe('shuffled', () => {
  it('permutes the clicks inside each session only', () => {
    const whole = sampleSessions(sessions, 100, 'train');
    const { items, sessionOffsets } = shuffled(whole, 'train');
    expect(sessionOffsets).toEqual(whole.sessionOffsets);
    expect(items).not.toEqual(whole.items);
    for (let start = 0; start < 300; start += 3) {
      const own = [...items.subarray(start, start + 3)].sort((a, b) => a - b);
      expect(own).toEqual([start, start + 1, start + 2]);
    }
    expect(whole.items).toEqual(sessions.items);
  });
});
