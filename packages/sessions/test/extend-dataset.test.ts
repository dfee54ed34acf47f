import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  extendDatasetFiles,
  lastSessionStart,
  readDataset,
  readItemChunks,
  readManifest,
  readSessionChunks,
  replaceDataset,
  writeDataset,
} from '../src/index.ts';
import { testFolder } from './folder.ts';
import { chunkOf, sourceOf } from './table.ts';

const folder = testFolder();
const [base, more, output] = ['base', 'more', 'output'].map((name) => join(folder, name)) as [
  string,
  string,
  string,
];

/** Extends a dataset of items `i0` to `i2` by sessions whose own index is `i3`, `i1`. */
async function extended(compression?: 'lz4' | 'zstd'): Promise<void> {
  await writeDataset(
    base,
    sourceOf(
      [
        [0, 1],
        [2, 0],
      ],
      3,
      { test: [[1, 1]] },
    ),
    { overwrite: true, compression },
  );
  const added = { ...chunkOf([[0, 1, 0]], 2), times: BigInt64Array.of(9000n, 9001n, 9002n) };
  await writeDataset(
    more,
    { items: [{ itemIds: ['i3', 'i1'], support: Int32Array.of(2, 1) }], splits: { train: [added] } },
    { overwrite: true },
  );
  await replaceDataset(output, { overwrite: true }, (empty) =>
    extendDatasetFiles(empty, { base, more, preparation: { day: 2 } }),
  );
}

describe('extendDatasetFiles', () => {
  it.each([undefined, 'lz4', 'zstd'] as const)(
    'writes the same files as writing all at once (compression %s)',
    async (compression) => {
      await extended(compression);
      const { manifest, itemIds, support } = await readDataset(output);
      expect(itemIds.slice()).toEqual(['i0', 'i1', 'i2', 'i3']);
      expect([...support]).toEqual([2, 1 + 1, 1, 2]);
      expect(manifest.preparation).toEqual({ day: 2 });
      const train = [
        chunkOf([
          [0, 1],
          [2, 0],
        ]),
        { ...chunkOf([[3, 1, 3]], 2), times: BigInt64Array.of(9000n, 9001n, 9002n) },
      ];
      const atOnce = join(folder, 'at-once');
      const source = { items: [{ itemIds, support }], splits: { train, test: [chunkOf([[1, 1]])] } };
      expect((await writeDataset(atOnce, source, { overwrite: true, compression })).checksum).toBe(
        manifest.checksum,
      );
      expect(readFileSync(join(output, 'test.arrow'))).toEqual(readFileSync(join(base, 'test.arrow')));
    },
  );

  it('removes sessions by id and end, recounts support, and leaves out a split that has none left', async () => {
    await extended();
    const seen: unknown[] = [];
    await replaceDataset(output, { overwrite: true }, (empty) =>
      extendDatasetFiles(empty, {
        ...{ base, more, preparation: null },
        isKept: (id, end) => {
          seen.push([id, end]);
          return id === 's1';
        },
      }),
    );
    expect(seen).toContainEqual(['s0', 1000]);
    expect(seen).toContainEqual(['s1', 2000]);
    const { manifest, itemIds, support, train, test } = await readDataset(output);
    expect(itemIds.slice()).toEqual(['i0', 'i1', 'i2', 'i3']);
    expect([...support]).toEqual([1, 1, 1, 2]);
    expect(train.sessionIds).toEqual(['s1', 's2']);
    expect([...train.items]).toEqual([2, 0, 3, 1, 3]);
    expect(test).toBeUndefined();
    expect(Object.keys(manifest.files)).toEqual(['items.arrow', 'train.arrow']);
    expect(existsSync(join(output, 'test.arrow'))).toBe(false);
  });

  it('writes a dataset without sessions if none stays, whose items have support 0', async () => {
    await extended('zstd');
    await replaceDataset(output, { overwrite: true }, (empty) =>
      extendDatasetFiles(empty, { base, preparation: null, isKept: () => false }),
    );
    const { support, train } = await readDataset(output);
    expect([[...support], train.sessionIds]).toEqual([[0, 0, 0], []]);
    expect(await lastSessionStart(output, await readManifest(output), 'train')).toBe(-Infinity);
  });

  it('names the damaged file of the dataset, not a copy of it', async () => {
    await extended();
    const file = join(base, 'test.arrow');
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    const running = replaceDataset(output, { overwrite: true }, (empty) =>
      extendDatasetFiles(empty, { base, more, preparation: null }),
    );
    await expect(running).rejects.toThrow(`at ${file}. The file was changed`);
  });
});

describe('readSessionChunks and readItemChunks', () => {
  it('give the content of readDataset in chunks', async () => {
    await extended();
    const manifest = await readManifest(output);
    const { itemIds, train } = await readDataset(output);
    const ids: string[] = [];
    for await (const chunk of readItemChunks(output, manifest)) ids.push(...chunk.itemIds);
    expect(ids).toEqual(itemIds.slice());
    const items: number[] = [];
    for await (const chunk of readSessionChunks(output, manifest, 'train')) items.push(...chunk.items);
    expect(items).toEqual([...train.items]);
  });
});
