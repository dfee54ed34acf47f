import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { dataChecksum } from '../../src/training/training-data.ts';
import {
  engine,
  inBlocks,
  reference,
  timeless,
  tinyData,
  trainOn,
  trainTiny,
  trainWatched,
} from '../tiny-data.ts';

/** Slower than any step. */
const slowly = async () => {
  for (let turn = 0; turn < 5; turn++) await setImmediate();
};

describe('train on sessions on disk', () => {
  it.each([
    [engine, { sessionOrder: 'time' }, 5],
    [engine, { sessionOrder: 'stored', resetAfterSession: false }, 1],
    // Blocks of one window, and of two.
    [engine, { sessionOrder: 'shuffled', dropoutPHidden: 0.2 }, 5],
    [engine, { sessionOrder: 'shuffled', momentum: 0.2, averageDecay: 0.5 }, 2],
    [engine, { sessionOrder: 'shuffled', nSample: 0, learningRateDecay: 'linear' }, 2],
    [reference, { sessionOrder: 'shuffled', optimizer: 'adam', learningRate: 0.01 }, 2],
    [reference, { sessionOrder: 'time', nSample: 0, learningRateDecay: 'linear' }, 5],
  ] as const)(
    'gives the bits of the same in memory: $0.name, $1, $2 a block',
    async (engine, values, perBlock) => {
      const { inMemory, onDisk } = inBlocks(tinyData(), perBlock, slowly);
      const expected = await trainOn(inMemory, values, { engine });
      const got = await trainOn(onDisk, values, { engine });
      expect(got.tensors).toEqual(expected.tensors);
      expect(timeless(got.history)).toEqual(timeless(expected.history));
    },
  );

  it('gives the same bits with blocks of unknown number, as long as they are one window', async () => {
    const config = { sessionOrder: 'shuffled' };
    const plain = await trainTiny(config);
    const got = await trainOn(inBlocks(tinyData(), 4).onDisk, config);
    expect(got.tensors).toEqual(plain.tensors);
    const more = await trainOn(inBlocks(tinyData(), 2).onDisk, config);
    expect(more.tensors).not.toEqual(plain.tensors);
  });

  it.each(['stored', 'shuffled'])('resumes an in-memory run, and the reverse: %s', async (sessionOrder) => {
    const config = { sessionOrder, nEpochs: 2, nSample: 0 };
    const { inMemory, onDisk } = inBlocks(tinyData(), 2, slowly);
    const { snapshots: ofMemory } = await trainWatched(inMemory, config);
    const { snapshots: ofDisk } = await trainWatched(onDisk, config);
    const plain = await trainOn(inMemory, config);
    expect(ofDisk.map(({ batcher }) => batcher)).toEqual(ofMemory.map(({ batcher }) => batcher));
    for (const at of [0, ofDisk.length >> 1, ofDisk.length - 1]) {
      const resumed = [
        await trainOn(inMemory, config, { resume: ofDisk[at] }),
        await trainOn(onDisk, config, { resume: ofMemory[at] }),
      ];
      for (const { tensors } of resumed) expect(tensors).toEqual(plain.tensors);
    }
  });

  it('rejects with an error of reading in the middle of an epoch', async () => {
    const { onDisk } = inBlocks(tinyData(), 5, (block) => {
      if (block === 5) throw new Error('cut short');
    });
    const events: number[] = [];
    const run = trainOn(
      onDisk,
      {},
      {
        onEpoch: (record) => events.push(record.events),
      },
    );
    await expect(run).rejects.toThrow('cut short');
    expect(events).toEqual([]);
  });
});

const data = tinyData();

/** A copy with another first number. */
function changed<Values extends Int32Array | Float64Array>(values: Values): Values {
  const copy = values.slice() as Values;
  copy[0] = Number(copy[0]) + 1;
  return copy;
}

describe('dataChecksum', () => {
  const train = (part: object) => ({ ...data, train: { ...data.train, ...part } });

  it('changes with every part of the data', () => {
    const { items, sessionOffsets, sessionStartTimes } = data.train;
    const thousands = (last: string) => [...Array.from({ length: 5000 }, (_, i) => `${i}`), last];
    const checksums = [
      data,
      { ...data, itemIds: data.itemIds.toReversed() },
      { ...data, itemIds: [`${data.itemIds[0]},`, ...data.itemIds.slice(1)] },
      { ...data, itemIds: thousands('x') },
      { ...data, itemIds: thousands('y') },
      { ...data, support: changed(data.support) },
      train({ items: changed(items) }),
      train({ sessionOffsets: changed(sessionOffsets) }),
      train({ sessionStartTimes: changed(sessionStartTimes) }),
      train({ blocks: [{ sessions: 40 }] }),
    ].map((of) => dataChecksum(of));
    checksums.push(dataChecksum(data, data.train), dataChecksum(data, tinyData(9).train));
    expect(new Set(checksums).size).toBe(checksums.length);
    expect(dataChecksum(tinyData())).toBe(checksums[0]);
  });

  it('uses the name of sessions if they have one, in memory or not', () => {
    const { inMemory, onDisk } = inBlocks(data, 5);
    expect(dataChecksum(onDisk)).toBe(dataChecksum(inMemory));
    const renamed = { ...onDisk, train: { ...onDisk.train, checksum: 'cd'.repeat(32) } };
    const validation = { ...data.train, checksum: 'ef'.repeat(32) };
    const checksums = [
      dataChecksum(data),
      dataChecksum(onDisk),
      dataChecksum({ ...onDisk, itemIds: data.itemIds.toReversed() }),
      dataChecksum(renamed),
      dataChecksum(onDisk, data.train),
      dataChecksum(onDisk, validation),
    ];
    expect(new Set(checksums).size).toBe(checksums.length);
  });
});
