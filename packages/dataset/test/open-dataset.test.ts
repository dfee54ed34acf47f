import { truncateSync, writeFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { testFolder } from '@gru4rec/test-support/folder';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  DataError,
  type OpenedDataset,
  openDataset,
  readBlocks,
  readDataset,
  writeDataset,
} from '../src/index.ts';
import { chunkOf, sourceOf } from './table.ts';

const folder = testFolder();
/** More sessions than fit in one record batch, of one to three events. */
const many = Array.from({ length: 65_536 + 100 }, (_, s) =>
  [0, 1, 2, 0, 1].slice(s % 3, (s % 3) + 1 + (s % 3)),
);

beforeAll(async () => {
  await writeDataset(join(folder, 'many'), sourceOf(many, 3, { validation: [[0, 1]], test: [[2, 2]] }));
});

/** Opens a dataset of two sessions of 700,000 events, one per record batch. */
async function openLong(name: string): Promise<{ dataset: OpenedDataset; file: string }> {
  const directory = join(folder, name);
  const long = Array.from({ length: 700_000 }, (_, event) => event % 3);
  await writeDataset(directory, sourceOf([long, long], 3));
  return { dataset: await openDataset(directory), file: join(directory, 'train.arrow') };
}

describe('openDataset', () => {
  it('reads the content of readDataset batch by batch', async () => {
    const dataset = await openDataset(join(folder, 'many'));
    const { train, ...whole } = await readDataset(join(folder, 'many'));
    const { blocks, checksum, inTimeOrder } = dataset.train;
    expect(blocks.map(({ sessions }) => sessions)).toEqual([65_536, 100]);
    expect({ blocks, checksum, inTimeOrder }).toEqual({
      blocks: train.blocks,
      checksum: train.checksum,
      inTimeOrder: true,
    });
    let sessions = 0;
    let events = 0;
    for (const [index, block] of blocks.entries()) {
      const { sessionOffsets, items } = await dataset.train.read(index);
      const offsets = train.sessionOffsets.slice(sessions, sessions + block.sessions + 1);
      expect(sessionOffsets).toEqual(offsets.map((offset) => offset - events));
      expect(items).toEqual(train.items.slice(events, events + block.events));
      sessions += block.sessions;
      events += block.events;
    }
    expect([sessions, events]).toEqual([train.sessionIds.length, train.items.length]);
    const { manifest, itemIds, support, validation, test } = dataset;
    expect({ manifest, itemIds, support }).toEqual({
      manifest: whole.manifest,
      itemIds: whole.itemIds,
      support: whole.support,
    });
    expect((await validation?.read(0))?.items).toEqual(whole.validation?.items);
    expect((await test?.read(0))?.items).toEqual(whole.test?.items);
    await dataset.close();
  });

  it('gives the start and end of sessions, and reads their times', async () => {
    const dataset = await openDataset(join(folder, 'many'));
    const { times } = (await readDataset(join(folder, 'many'))).train;
    const last = many.length - 1;
    // Session s starts at second s and has an event per second; session 0 has one.
    expect(dataset.train).toMatchObject({ lastStart: 1000 * last, firstEnd: 0 });
    expect(dataset.validation).toMatchObject({ lastStart: 0, firstEnd: 1000 });
    const blocks = await Promise.all([0, 1].map((index) => dataset.train.read(index)));
    expect(blocks.flatMap((block) => [...block.times])).toEqual([...times]);
    const { sessionOffsets } = await dataset.train.read(1);
    expect(blocks[1]?.sessionOffsets).toEqual(sessionOffsets);
    await dataset.close();
  });

  it('opens a dataset that fits in memory, too', async () => {
    const dataset = await openDataset(join(folder, 'many'));
    const { sessionOffsets, items, times, checksum } = (await readDataset(join(folder, 'many'))).train;
    expect(await readBlocks(dataset.train)).toEqual({ sessionOffsets, items, times, checksum });
    await dataset.close();
  });

  it.each([
    [
      [0, 3, 2],
      [
        [0, 1],
        [0, 1],
        [0, 1],
      ],
      false,
    ],
    [[0, 3, 2], [[0, 1], [0], [0, 1]], true],
    [
      [0, 2, 2],
      [
        [0, 1],
        [0, 1],
        [0, 1],
      ],
      true,
    ],
  ])('says whether sessions from %j of %j are in order of time: %s', async (starts, sessions, expected) => {
    const chunk = chunkOf(sessions);
    const times = sessions.flatMap((session, s) =>
      session.map((_, event) => BigInt((starts[s] ?? 0) + event)),
    );
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
    const { dataset, file } = await openLong('changed');
    expect((await dataset.train.read(1)).items).toHaveLength(700_000);
    const handle = await open(file, 'r+');
    // A byte within the items of the first session.
    await handle.write(Buffer.from([7]), 0, 1, 100_000);
    await handle.close();
    await expect(dataset.train.read(0)).rejects.toThrow(
      `readDataset: record batch 0 expected to be as it was when the file was opened, got other content, at ${file}. ` +
        'The file was changed; prepare the dataset again.',
    );
    expect((await dataset.train.read(1)).items).toHaveLength(700_000);
    truncateSync(file, 9_000_000);
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
    await writeDataset(directory, sourceOf([[0, 1]], 2));
    const dataset = await openDataset(directory);
    const other = join(folder, 'other.arrow');
    writeFileSync(other, 'something else');
    await rename(other, join(directory, 'train.arrow'));
    expect((await dataset.train.read(0)).items).toEqual(Int32Array.of(0, 1));
    await dataset.close();
  });
});
