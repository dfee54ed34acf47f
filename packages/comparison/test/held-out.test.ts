import type { SessionDataset } from '@gru4rec/dataset';
import { describe, expect, it } from 'vitest';
import { datasetFacts, describeSample, drawSample } from '../src/held-out.ts';

const sessions = {
  sessionIds: ['a', 'b'],
  sessionOffsets: Int32Array.of(0, 2, 4),
  items: Int32Array.of(0, 1, 1, 2),
  times: BigInt64Array.of(1n, 2n, 3n, 4n),
  sessionStartTimes: Float64Array.of(1, 3),
};

function dataset(funnel: unknown): SessionDataset {
  return {
    directory: 'data',
    manifest: {
      format: 'gru4rec-sessions',
      formatVersion: 1,
      checksum: 'c',
      counts: { items: 3, splits: {} },
      files: { 'test.arrow': { bytes: 1, sha256: 'of the test' } },
      manifestChecksum: 'm',
      preparation: { funnel },
    },
    itemIds: ['x', 'y', 'z'],
    support: Int32Array.of(1, 2, 1),
    train: sessions,
    test: sessions,
  };
}

describe('datasetFacts', () => {
  const step = 'repeats of the item before';

  it('counts the repeats that preparation removed before and after the split', () => {
    const funnel = [
      { split: 'all', step, removedEvents: 3 },
      { split: 'test', step, removedEvents: 2 },
      { split: 'train', step, removedEvents: 9 },
      { split: 'all', step: 'rows read', removedEvents: 5 },
    ];
    expect(datasetFacts(dataset(funnel), 'test', sessions).repeatsRemoved).toBe(3 + 2);
  });

  it('gives no counts if preparation recorded none', () => {
    expect(datasetFacts(dataset(undefined), 'test', sessions).repeatsRemoved).toBe(0);
  });
});

/** Twenty sessions, each of two clicks on its own item. */
const twenty = {
  sessionOffsets: Int32Array.from({ length: 21 }, (_, session) => 2 * session),
  items: Int32Array.from({ length: 40 }, (_, event) => event >> 1),
};

describe('drawSample', () => {
  it('draws by number or share', () => {
    const drawn = drawSample(twenty, { sample: { sessions: 5 } });
    expect(drawn.sample).toEqual({ sessions: 5, of: 20, seed: 1 });
    expect(drawn.sessions.sessionOffsets).toHaveLength(5 + 1);
    expect(drawSample(twenty, { sample: { share: 0.25 } })).toEqual(drawn);
  });

  it('draws at least one session', () => {
    expect(drawSample(twenty, { sample: { share: 0.0001 } }).sample?.sessions).toBe(1);
  });

  it('takes all sessions without a sample size or with one too large', () => {
    for (const settings of [{}, { sample: { sessions: 20 } }, { sample: { share: 1 } }])
      expect(drawSample(twenty, settings)).toEqual({ sessions: twenty });
  });
});

describe('describeSample', () => {
  it('states sample size, total and seed', () => {
    expect(describeSample({ sessions: 500, of: 3416, seed: 3 })).toBe(
      'sample of 500 of 3,416 sessions, seed 3',
    );
  });
});
