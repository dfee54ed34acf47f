import { join } from 'node:path';
import { writeDataset } from '@gru4rec/dataset';
import { areOnDisk, readModel } from '@gru4rec/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTrainingSource, type SourceOptions } from '../../src/training/training-source.ts';
import { makeFolder, ok } from '../run-trainer.ts';

let folder = '';

beforeAll(async () => {
  folder = makeFolder(afterAll);
  const itemIds = ['a', 'b'];
  const support = Int32Array.of(2, 2);
  for (const [name, start] of Object.entries({ ordered: 5n, unordered: 1n })) {
    const train = {
      sessionIds: ['x', 'y'],
      sessionOffsets: Int32Array.of(0, 2, 4),
      items: Int32Array.of(0, 1, 1, 0),
      times: BigInt64Array.of(3n, 4n, start, start),
    };
    await writeDataset(join(folder, name), { items: [{ itemIds, support }], splits: { train: [train] } });
  }
});

/** The dataset needs 176 bytes: 4 events · 12 + 2 sessions · 64. */
const bytes = 176;

async function isStreamed(name: string, options: Partial<SourceOptions>): Promise<boolean> {
  const config = { sessionOrder: 'time' } as const;
  const { dataset, manifest, close } = await openTrainingSource(join(folder, name), { config, ...options });
  expect(manifest.counts.items).toBe(dataset.itemIds.length);
  await close();
  return areOnDisk(dataset.train);
}

describe('openTrainingSource', () => {
  it('streams a dataset that would take more than a quarter of the free memory', async () => {
    expect(await isStreamed('ordered', { free: 4 * bytes })).toBe(false);
    expect(await isStreamed('ordered', { free: 4 * bytes - 1 })).toBe(true);
    expect(await isStreamed('ordered', {})).toBe(false);
  });

  it('reads an unsorted dataset into memory unless its order is that of the training', async () => {
    expect(await isStreamed('unordered', { free: 1 })).toBe(false);
    expect(await isStreamed('unordered', { free: 1, config: { sessionOrder: 'stored' } })).toBe(true);
  });
});

it('train saves the model of a dataset that `writeDataset` wrote without `preparation`', async () => {
  await ok(folder, 'train ordered --output model --config fast --set nEpochs=1 layers=4');
  expect(await readModel(join(folder, 'model'))).toMatchObject({ itemIds: { length: 2 } });
});
