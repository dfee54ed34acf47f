import { UsageError } from '@gru4rec/checked-options';
import { describe, expect, it } from 'vitest';
import {
  describeSample,
  drawSample,
  parseSampleSize,
  tooLarge,
} from '../../src/evaluating/session-sample.ts';

/** Twenty sessions, each of two clicks on its own item. */
const sessions = {
  sessionOffsets: Int32Array.from({ length: 21 }, (_, session) => 2 * session),
  items: Int32Array.from({ length: 40 }, (_, event) => event >> 1),
};

describe('parseSampleSize', () => {
  it.each([
    ['1', { sessions: 1 }],
    ['5000', { sessions: 5000 }],
    ['10%', { share: 0.1 }],
    ['0.5%', { share: 0.005 }],
    ['100%', { share: 1 }],
  ])('parses %s', (text, size) => {
    expect(parseSampleSize(text)).toEqual(size);
  });

  it.each(['0', '-5', '1.5', '0%', '101%', '-1%', '%', 'all', '1e3', '5 %', '9007199254740993'])(
    'refuses %s',
    (text) => {
      expect(() => parseSampleSize(text)).toThrow(
        new UsageError(
          `--sample expected a number of sessions ≥ 1 or a share such as 10%, got ${JSON.stringify(text)}`,
        ),
      );
    },
  );
});

describe('drawSample', () => {
  it('draws by number or share, with seed 1 by default', () => {
    const drawn = drawSample(sessions, { sample: { sessions: 5 } });
    expect(drawn.sample).toEqual({ sessions: 5, of: 20, seed: 1 });
    expect(drawn.sessions.sessionOffsets).toHaveLength(5 + 1);
    expect(drawSample(sessions, { sample: { share: 0.25 }, sampleSeed: 1 })).toEqual(drawn);
    expect(drawSample(sessions, { sample: { sessions: 5 }, sampleSeed: 2 }).sessions.items).not.toEqual(
      drawn.sessions.items,
    );
  });

  it('draws at least one session', () => {
    expect(drawSample(sessions, { sample: { share: 0.0001 } }).sample?.sessions).toBe(1);
  });

  it('takes all sessions without a sample size or with one too large', () => {
    for (const settings of [{}, { sample: { sessions: 20 } }, { sample: { share: 1 } }])
      expect(drawSample(sessions, settings)).toEqual({ sessions });
  });
});

describe('tooLarge', () => {
  it('is a message only if the sample would contain all sessions', () => {
    const line = (settings: Parameters<typeof tooLarge>[0]) => tooLarge(settings, 20);
    expect(line({})).toBe('');
    expect(line({ sample: { sessions: 19 } })).toBe('');
    expect(line({ sample: { sessions: 21 } })).toBe(
      '--sample is not smaller than the 20 sessions of the split: all are evaluated\n',
    );
  });
});

describe('describeSample', () => {
  it('states sample size, total and seed', () => {
    expect(describeSample({ sessions: 500, of: 3416, seed: 3 })).toBe(
      'sample of 500 of 3,416 sessions, seed 3',
    );
  });
});
