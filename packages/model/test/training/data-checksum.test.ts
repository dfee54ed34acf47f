import { describe, expect, it } from 'vitest';
import { dataChecksum } from '../../src/training/training-data.ts';
import { inBlocks, tinyData } from '../tiny-data.ts';

const data = tinyData();
const { train } = data;
const changed = <T extends Int32Array | Float64Array>(values: T): T => {
  const copy = values.slice() as T;
  copy[0] = (copy[0] ?? 0) + 1;
  return copy;
};

describe('dataChecksum', () => {
  it('is the same SHA-256 for equal data', () => {
    expect(dataChecksum(data)).toMatch(/^[0-9a-f]{64}$/);
    expect(dataChecksum(tinyData())).toBe(dataChecksum(data));
  });

  it('changes with every part of the data', () => {
    const checksums = [
      dataChecksum(data),
      dataChecksum({ ...data, itemIds: data.itemIds.toReversed() }),
      dataChecksum({ ...data, itemIds: [`${data.itemIds[0]},`, ...data.itemIds.slice(1)] }),
      dataChecksum({ ...data, support: changed(data.support) }),
      dataChecksum({ ...data, train: { ...train, items: changed(train.items) } }),
      dataChecksum({ ...data, train: { ...train, sessionOffsets: changed(train.sessionOffsets) } }),
      dataChecksum({ ...data, train: { ...train, sessionStartTimes: changed(train.sessionStartTimes) } }),
      dataChecksum(data, train),
      dataChecksum(data, tinyData(9).train),
    ];
    expect(new Set(checksums).size).toBe(checksums.length);
  });

  it('uses the name of sessions if they have one, in memory or not', () => {
    const { inMemory, onDisk } = inBlocks(data, 5);
    expect(dataChecksum(onDisk)).toBe(dataChecksum(inMemory));
    const renamed = { ...onDisk, train: { ...onDisk.train, checksum: 'cd'.repeat(32) } };
    const validation = { ...train, checksum: 'ef'.repeat(32) };
    const checksums = [
      dataChecksum(data),
      dataChecksum({ ...data, train: { ...train, blocks: [{ sessions: 40 }] } }),
      dataChecksum(onDisk),
      dataChecksum({ ...onDisk, itemIds: data.itemIds.toReversed() }),
      dataChecksum(renamed),
      dataChecksum(onDisk, train),
      dataChecksum(onDisk, validation),
    ];
    expect(new Set(checksums).size).toBe(checksums.length);
  });

  it('reads ids by the thousand', () => {
    const itemIds = Array.from({ length: 5000 }, (_, i) => `${i}`);
    const other = [...itemIds.slice(0, -1), 'x'];
    expect(dataChecksum({ ...data, itemIds })).not.toBe(dataChecksum({ ...data, itemIds: other }));
  });
});
