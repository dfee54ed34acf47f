import { statSync, truncateSync, writeFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { testFolder } from '@gru4rec/test-support/folder';
import { beforeAll, describe, expect, it } from 'vitest';
import { DataError, openDataset, readBlocks, readDataset, writeDataset } from '../src/index.ts';
import { areEqual, chunkOf, sourceOf } from './table.ts';

const folder = testFolder();
/** More sessions than fit in one record batch, of one to three events. */
const many = Array.from({ length: 65_536 + 100 }, (_, s) =>
  [0, 1, 2, 0, 1].slice(s % 3, (s % 3) + 1 + (s % 3)),
);
const directory = join(folder, 'many');

beforeAll(async () => {
  await writeDataset(directory, sourceOf(many, 3, { validation: '01', test: '22' }));
});

describe('openDataset', () => {
  it('reads the content of readDataset, batch by batch and at once', async () => {
    const dataset = await openDataset(directory);
    const { train, ...whole } = await readDataset(directory);
    const { blocks, checksum, inTimeOrder } = dataset.train;
    expect(blocks.map(({ sessions }) => sessions)).toEqual([65_536, 100]);
    expect({ blocks, checksum, inTimeOrder }).toEqual({
      blocks: train.blocks,
      checksum: train.checksum,
      inTimeOrder: true,
    });
    const { items, times } = await dataset.train.read(1);
    expect(areEqual(items, Int32Array.from(many.slice(65_536).flat()))).toBe(true);
    expect(areEqual(times, train.times.slice(-times.length))).toBe(true);
    expect(train.sessionIds.at(-1)).toBe(`s${many.length - 1}`);
    const all = await readBlocks(dataset.train);
    expect(areEqual(all.items, Int32Array.from(many.flat()))).toBe(true);
    for (const name of ['sessionOffsets', 'items', 'times'] as const) {
      expect([name, areEqual(all[name], train[name])]).toEqual([name, true]);
    }
    expect(all.checksum).toBe(checksum);
    const { manifest, itemIds, support, validation, test } = dataset;
    expect({ manifest, itemIds, support }).toEqual({
      manifest: whole.manifest,
      itemIds: whole.itemIds,
      support: whole.support,
    });
    expect((await validation?.read(0))?.items).toEqual(whole.validation?.items);
    expect((await test?.read(0))?.items).toEqual(whole.test?.items);
    // Session s starts at second s and has an event per second; session 0 has one.
    expect(dataset.train).toMatchObject({ lastStart: 1000 * (many.length - 1), firstEnd: 0 });
    expect(validation).toMatchObject({ lastStart: 0, firstEnd: 1000 });
    await dataset.close();
  });

  it.each([
    [[0, 3, 2], '01 01 01', false],
    [[0, 3, 2], '01 0 01', true],
    [[0, 2, 2], '01 01 01', true],
  ])('says whether sessions from %j of %j are in order of time: %s', async (starts, sessions, expected) => {
    const chunk = chunkOf(sessions);
    const times = sessions
      .split(' ')
      .flatMap((session, s) => [...session].map((_, event) => BigInt((starts[s] ?? 0) + event)));
    const directory = join(folder, `order-${starts}-${sessions}`);
    const source = {
      ...sourceOf(sessions, 2),
      splits: { train: [{ ...chunk, times: BigInt64Array.from(times) }] },
    };
    await writeDataset(directory, source);
    const dataset = await openDataset(directory);
    expect(dataset.train.inTimeOrder).toBe(expected);
    await dataset.close();
  });

  it('reports a file that was changed or truncated after it was opened', async () => {
    const dataset = await openDataset(directory);
    const file = join(directory, 'train.arrow');
    const size = statSync(file).size;
    expect((await dataset.train.read(1)).sessionOffsets).toHaveLength(101);
    const handle = await open(file, 'r+');
    // A byte within the items of the first batch.
    await handle.write(Buffer.from([7]), 0, 1, 1_200_000);
    await handle.close();
    await expect(dataset.train.read(0)).rejects.toThrow(
      `readDataset: record batch 0 expected to be as it was when the file was opened, got other content, at ${file}. ` +
        'The file was changed; prepare the dataset again.',
    );
    // Into the second batch, before the footer.
    truncateSync(file, size - 2000);
    const error = await dataset.train.read(1).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DataError);
    expect((error as DataError).message).toBe(
      `readDataset: expected an Arrow file, got one that cannot be read (it is cut short), at ${file}. Prepare the dataset again.`,
    );
    await dataset.close();
    await expect(dataset.train.read(1)).rejects.toThrow(DataError);
  });

  it('keeps reading the opened file when another replaces it', async () => {
    const directory = join(folder, 'replaced');
    await writeDataset(directory, sourceOf('01', 2));
    const dataset = await openDataset(directory);
    const other = join(folder, 'other.arrow');
    writeFileSync(other, 'something else');
    await rename(other, join(directory, 'train.arrow'));
    expect((await dataset.train.read(0)).items).toEqual(Int32Array.of(0, 1));
    await dataset.close();
  });
});
