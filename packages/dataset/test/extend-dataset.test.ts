import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testFolder } from '@gru4rec/test-support/folder';
import { beforeAll, describe, expect, it } from 'vitest';
import { inOrder } from '../src/extend-dataset.ts';
import {
  extendDatasetFiles,
  readDataset,
  readItemChunks,
  readManifest,
  readSessionChunks,
  replaceDataset,
  writeDataset,
} from '../src/index.ts';
import type { SessionChunk } from '../src/table.ts';
import { chunkOf, sourceOf } from './table.ts';

const folder = testFolder();
const [base = '', more = '', output = ''] = ['base', 'more', 'output'].map((name) => join(folder, name));

const extend = (options: Partial<Parameters<typeof extendDatasetFiles>[1]>) =>
  replaceDataset(output, { overwrite: true }, (empty) =>
    extendDatasetFiles(empty, { base, preparation: null, ...options }),
  );
const late = { times: BigInt64Array.of(9000n, 9001n, 9002n) };

/** A dataset of items `i0` to `i2`, and one whose own index is `i3`, `i1`. */
beforeAll(async () => {
  await writeDataset(base, sourceOf('01 20', 3, { test: '11' }));
  const items = [{ itemIds: ['i3', 'i1'], support: Int32Array.of(2, 1) }];
  await writeDataset(more, { items, splits: { train: [{ ...chunkOf('010', 2), ...late }] } });
});

describe('extendDatasetFiles', () => {
  it('writes the same files as writing all at once', async () => {
    await extend({ more, preparation: { day: 2 } });
    const { manifest, itemIds, support } = await readDataset(output);
    expect(itemIds.slice()).toEqual(['i0', 'i1', 'i2', 'i3']);
    expect([...support]).toEqual([2, 1 + 1, 1, 2]);
    expect(manifest.preparation).toEqual({ day: 2 });
    const train = [chunkOf('01 20'), { ...chunkOf('313', 2), ...late }];
    const atOnce = join(folder, 'at-once');
    const source = { items: [{ itemIds, support }], splits: { train, test: [chunkOf('11')] } };
    expect((await writeDataset(atOnce, source, { overwrite: true })).checksum).toBe(manifest.checksum);
    expect(readFileSync(join(output, 'test.arrow'))).toEqual(readFileSync(join(base, 'test.arrow')));
  });

  it('removes sessions by id and end, recounts support, and leaves out a split that has none left', async () => {
    const seen: unknown[] = [];
    const isKept = (id: string, end: number) => {
      seen.push([id, end]);
      return id === 's1';
    };
    await extend({ more, isKept });
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
    await extend({ isKept: () => false });
    const { support, train } = await readDataset(output);
    expect([[...support], train.sessionIds]).toEqual([[0, 0, 0], []]);
  });
});

describe('readSessionChunks and readItemChunks', () => {
  it('give the content of readDataset in chunks', async () => {
    const manifest = await readManifest(base);
    const { itemIds, train } = await readDataset(base);
    const ids: string[] = [];
    for await (const chunk of readItemChunks(base, manifest)) ids.push(...chunk.itemIds);
    expect(ids).toEqual(itemIds.slice());
    const items: number[] = [];
    for await (const chunk of readSessionChunks(base, manifest, 'train')) items.push(...chunk.items);
    expect(items).toEqual([...train.items]);
  });
});

describe('extendDatasetFiles of a damaged dataset', () => {
  it('names the file of the dataset, not a copy of it', async () => {
    const file = join(base, 'test.arrow');
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1] ^= 1;
    writeFileSync(file, bytes);
    await expect(extend({ more })).rejects.toThrow(`at ${file}. The file was changed`);
  });
});

/** A chunk of sessions of one or two events that start at the given times. */
function piece(name: string, ...starts: number[]): SessionChunk {
  const lengths = starts.map((start) => 1 + (start % 2));
  const sessionOffsets = Int32Array.from([
    0,
    ...lengths.map((_, i) => lengths.slice(0, i + 1).reduce((a, b) => a + b)),
  ]);
  const times = starts.flatMap((start, i) =>
    Array.from({ length: lengths[i] ?? 0 }, (_, at) => BigInt(start + at)),
  );
  return {
    sessionIds: starts.map((start) => `${name}${start}`),
    sessionOffsets,
    items: Int32Array.from(times, Number),
    times: BigInt64Array.from(times),
  };
}

async function* streamOf(pieces: readonly SessionChunk[], onEnd = () => {}): AsyncGenerator<SessionChunk> {
  try {
    yield* pieces;
  } finally {
    onEnd();
  }
}

async function merged(first: readonly SessionChunk[], second: readonly SessionChunk[]): Promise<string[]> {
  const found: string[] = [];
  for await (const { sessionIds, sessionOffsets, items, times } of inOrder(
    streamOf(first),
    streamOf(second),
  )) {
    expect(sessionOffsets[0]).toBe(0);
    expect([items.length, times.length]).toEqual([sessionOffsets.at(-1), sessionOffsets.at(-1)]);
    for (const [i, id] of sessionIds.entries()) {
      const events = [...items.subarray(sessionOffsets[i], sessionOffsets[i + 1])];
      const start = Number(id.slice(1));
      expect(events).toEqual(start % 2 === 1 ? [start, start + 1] : [start]);
      found.push(id);
    }
  }
  return found;
}

describe('inOrder', () => {
  it('merges sessions by start time; at equal ones the first stream comes first', async () => {
    const first = [piece('a', 1, 2, 2, 7), piece('a'), piece('a', 9)];
    const second = [piece('b', 0, 2), piece('b', 8, 9, 12)];
    expect((await merged(first, second)).join(' ')).toBe('b0 a1 a2 a2 b2 a7 b8 a9 b9 b12');
  });

  it('accepts a single stream', async () => {
    expect(await merged([], [piece('b', 1, 2)])).toEqual(['b1', 'b2']);
    expect(await merged([piece('a', 1, 2)], [])).toEqual(['a1', 'a2']);
  });

  it('closes both streams when the reader stops', async () => {
    const ended: string[] = [];
    const streams = ['a', 'b'].map((name) => streamOf([piece(name, 1)], () => void ended.push(name)));
    for await (const _ of inOrder(streams[0] as never, streams[1] as never)) break;
    expect(ended.sort()).toEqual(['a', 'b']);
  });
});
