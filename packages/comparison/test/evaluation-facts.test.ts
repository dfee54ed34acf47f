import type { SessionDataset } from '@gru4rec/dataset';
import { describe, expect, it } from 'vitest';
import { datasetFacts } from '../src/evaluation-facts.ts';

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
