import { describe, expect, it } from 'vitest';
import { describeSample, drawSample } from '../src/session-sample.ts';

/** Twenty sessions, each of two clicks on its own item. */
const sessions = {
  sessionOffsets: Int32Array.from({ length: 21 }, (_, session) => 2 * session),
  items: Int32Array.from({ length: 40 }, (_, event) => event >> 1),
};

describe('drawSample', () => {
  it('draws by number or share', () => {
    const drawn = drawSample(sessions, { sample: { sessions: 5 } });
    expect(drawn.sample).toEqual({ sessions: 5, of: 20, seed: 1 });
    expect(drawn.sessions.sessionOffsets).toHaveLength(5 + 1);
    expect(drawSample(sessions, { sample: { share: 0.25 } })).toEqual(drawn);
  });

  it('draws at least one session', () => {
    expect(drawSample(sessions, { sample: { share: 0.0001 } }).sample?.sessions).toBe(1);
  });

  it('takes all sessions without a sample size or with one too large', () => {
    for (const settings of [{}, { sample: { sessions: 20 } }, { sample: { share: 1 } }])
      expect(drawSample(sessions, settings)).toEqual({ sessions });
  });
});

describe('describeSample', () => {
  it('states sample size, total and seed', () => {
    expect(describeSample({ sessions: 500, of: 3416, seed: 3 })).toBe(
      'sample of 500 of 3,416 sessions, seed 3',
    );
  });
});
