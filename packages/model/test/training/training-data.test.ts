import { setImmediate } from 'node:timers/promises';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { createReferenceEngine } from '@gru4rec/program/interpreter';
import { describe, expect, it } from 'vitest';
import { train } from '../../src/training/train.ts';
import { dataChecksum } from '../../src/training/training-data.ts';
import type { TrainingSnapshot } from '../../src/training/training-snapshot.ts';
import { inBlocks, tinyConfig, tinyData, trainWatched } from '../tiny-data.ts';

const wasm = createWasmEngine({ threads: 1 });
const engines = { wasm, reference: createReferenceEngine() };

/** Slower than any step. */
const slowly = async () => {
  for (let turn = 0; turn < 5; turn++) await setImmediate();
};

describe('train on sessions on disk', () => {
  it.each([
    ['wasm', { sessionOrder: 'time' }, 5],
    ['wasm', { sessionOrder: 'stored', resetAfterSession: false }, 1],
    // Blocks of one window, and of two.
    ['wasm', { sessionOrder: 'shuffled', dropoutPHidden: 0.2 }, 5],
    ['wasm', { sessionOrder: 'shuffled', momentum: 0.2, averageDecay: 0.5 }, 2],
    ['wasm', { sessionOrder: 'shuffled', nSample: 0, learningRateDecay: 'linear' }, 2],
    ['reference', { sessionOrder: 'shuffled', optimizer: 'adam', learningRate: 0.01 }, 2],
    ['reference', { sessionOrder: 'time', nSample: 0, learningRateDecay: 'linear' }, 5],
  ] as const)(
    'gives the bits of the same in memory: %s, %j, %d a block',
    async (engine, values, perBlock) => {
      const { inMemory, onDisk } = inBlocks(tinyData(), perBlock, slowly);
      const options = { engine: engines[engine] };
      const expected = await train(inMemory, tinyConfig(values), options);
      const got = await train(onDisk, tinyConfig(values), options);
      expect(got.tensors).toEqual(expected.tensors);
      const counts = (model: typeof got) =>
        model.history.map(({ loss, steps, events }) => [loss, steps, events]);
      expect(counts(got)).toEqual(counts(expected));
    },
  );

  it('gives the same bits with blocks of unknown number, as long as they are one window', async () => {
    const config = tinyConfig({ sessionOrder: 'shuffled' });
    const plain = await train(tinyData(), config, { engine: wasm });
    const got = await train(inBlocks(tinyData(), 4).onDisk, config, { engine: wasm });
    expect(got.tensors).toEqual(plain.tensors);
    const more = await train(inBlocks(tinyData(), 2).onDisk, config, { engine: wasm });
    expect(more.tensors).not.toEqual(plain.tensors);
  });

  it.each(['stored', 'shuffled'])('resumes an in-memory run, and the reverse: %s', async (sessionOrder) => {
    const config = tinyConfig({ sessionOrder, nEpochs: 3, nSample: 0 });
    const { inMemory, onDisk } = inBlocks(tinyData(), 2, slowly);
    const { snapshots: ofMemory } = await trainWatched(inMemory, config, { engine: wasm });
    const { snapshots: ofDisk } = await trainWatched(onDisk, config, { engine: wasm });
    const plain = await train(inMemory, config, { engine: wasm });
    expect(ofDisk.map(({ batcher }) => batcher)).toEqual(ofMemory.map(({ batcher }) => batcher));
    for (const at of [0, ofDisk.length >> 1, ofDisk.length - 1]) {
      const resumed = [
        await train(inMemory, config, { engine: wasm, resume: ofDisk[at] as TrainingSnapshot }),
        await train(onDisk, config, { engine: wasm, resume: ofMemory[at] as TrainingSnapshot }),
      ];
      for (const { tensors } of resumed) expect(tensors).toEqual(plain.tensors);
    }
  });

  it('rejects with an error of reading in the middle of an epoch', async () => {
    const { onDisk } = inBlocks(tinyData(), 5, (block) => {
      if (block === 5) throw new Error('cut short');
    });
    const events: number[] = [];
    const run = train(onDisk, tinyConfig(), {
      engine: wasm,
      onEpoch: (record) => events.push(record.events),
    });
    await expect(run).rejects.toThrow('cut short');
    expect(events).toEqual([]);
  });
});

const data = tinyData();
const changed = <T extends Int32Array | Float64Array>(values: T): T => {
  const copy = values.slice() as T;
  copy[0] = (copy[0] ?? 0) + 1;
  return copy;
};

describe('dataChecksum', () => {
  it('changes with every part of the data', () => {
    const checksums = [
      dataChecksum(data),
      dataChecksum({ ...data, itemIds: data.itemIds.toReversed() }),
      dataChecksum({ ...data, itemIds: [`${data.itemIds[0]},`, ...data.itemIds.slice(1)] }),
      dataChecksum({ ...data, support: changed(data.support) }),
      dataChecksum({ ...data, train: { ...data.train, items: changed(data.train.items) } }),
      dataChecksum({ ...data, train: { ...data.train, sessionOffsets: changed(data.train.sessionOffsets) } }),
      dataChecksum({
        ...data,
        train: { ...data.train, sessionStartTimes: changed(data.train.sessionStartTimes) },
      }),
      dataChecksum(data, data.train),
      dataChecksum(data, tinyData(9).train),
    ];
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
      dataChecksum({ ...data, train: { ...data.train, blocks: [{ sessions: 40 }] } }),
      dataChecksum(onDisk),
      dataChecksum({ ...onDisk, itemIds: data.itemIds.toReversed() }),
      dataChecksum(renamed),
      dataChecksum(onDisk, data.train),
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
