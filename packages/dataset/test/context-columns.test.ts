import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { testFolder } from '@gru4rec/test-support/folder';
import { tableFromIPC } from 'apache-arrow';
import { beforeAll, describe, expect, it } from 'vitest';
import { mergeContext } from '../src/extend-dataset.ts';
import {
  type ContextColumn,
  extendDatasetFiles,
  openDataset,
  readBlocks,
  readDataset,
  replaceDataset,
  type SessionChunk,
  writeDataset,
} from '../src/index.ts';
import { areEqual, chunkOf } from './table.ts';

const folder = testFolder();
const [base = '', small = '', more = '', output = ''] = ['base', 'small', 'more', 'output'].map((name) =>
  join(folder, name),
);
const contextColumns: ContextColumn[] = [
  { name: 'type', values: ['view', 'cart'], isType: true },
  { name: 'device', values: ['phone'] },
];

/** A chunk whose events have the contexts of a function of their place. */
function withContext(chunk: SessionChunk, of: (event: number) => readonly number[]): SessionChunk {
  return { ...chunk, context: Int32Array.from(Array.from(chunk.items.keys(), of).flat()) };
}

/** More sessions than fit in one record batch. */
const many = withContext(
  chunkOf(Array.from({ length: 65_540 }, (_, s) => [0, 1, 0].slice(s % 2))),
  (event) => [(event % 3) - 1, event % 5 === 0 ? 0 : -1],
);

beforeAll(async () => {
  const support = new Int32Array(2);
  for (const item of many.items) support[item]++;
  const items = [{ itemIds: ['a', 'b'], support }];
  const test = [withContext(chunkOf([[1, 0]]), () => [1, 0])];
  await writeDataset(base, { items, splits: { train: [many], test }, contextColumns });
});

describe('context columns of a dataset', () => {
  it('are read in memory and by blocks, and by other programs as small integers', async () => {
    const { train, test, contextColumns: found, manifest } = await readDataset(base);
    expect(found).toEqual(contextColumns);
    expect(manifest.contextColumns).toEqual(contextColumns);
    expect(areEqual(train.context, many.context)).toBe(true);
    expect(test?.context).toEqual(Int32Array.of(1, 0, 1, 0));
    const opened = await openDataset(base);
    expect(opened.contextColumns).toEqual(contextColumns);
    expect(opened.train.contextWidth).toBe(2);
    expect(areEqual((await readBlocks(opened.train)).context, many.context)).toBe(true);
    const { items, context } = await opened.train.read(1);
    expect(areEqual(context, many.context?.slice(-2 * items.length))).toBe(true);
    await opened.close();
    const table = tableFromIPC(readFileSync(join(base, 'test.arrow')));
    expect(String(table.schema.fields[3]?.type)).toBe('List<Uint16>');
    expect([...(table.getChild('context.device')?.get(0) ?? [])]).toEqual([1, 1]);
  });

  it('are merged with those of added sessions, and leave with removed ones', async () => {
    const columns = [
      { name: 'device', values: ['watch', 'phone'] },
      { name: 'other', values: ['x'] },
      { name: 'type', values: ['buy', 'cart'] },
    ];
    const added = withContext(
      { ...chunkOf([[0, 0, 0]], 70_000), times: BigInt64Array.of(1n, 2n, 10n ** 9n) },
      (at) => [at - 1, 0, at === 2 ? -1 : at],
    );
    const items = [{ itemIds: ['b'], support: Int32Array.of(3) }];
    const few = withContext(chunkOf('01 10 00 110'), (event) => [(event % 3) - 1, (event % 2) - 1]);
    const known = [{ itemIds: ['a', 'b'], support: Int32Array.of(5, 4) }];
    await writeDataset(small, { items: known, splits: { train: [few] }, contextColumns });
    await writeDataset(more, { items, splits: { train: [added] }, contextColumns: columns });
    await replaceDataset(output, { overwrite: true }, (empty) =>
      extendDatasetFiles(empty, { base: small, more, preparation: null, isKept: (id) => id === 's3' }),
    );
    const { train, contextColumns: found } = await readDataset(output);
    expect(found).toEqual([
      { name: 'type', values: ['view', 'cart', 'buy'], isType: true },
      { name: 'device', values: ['phone', 'watch'] },
    ]);
    const first = [...(few.context ?? [])].slice(2 * 6);
    expect(train.sessionIds).toEqual(['s70000', 's3']);
    expect([...(train.context ?? [])]).toEqual([2, -1, 1, 1, -1, 0, ...first]);
  });

  it('stay as few as a column may have', () => {
    const full = [
      { name: 'city', values: Array.from({ length: 999 }, (_, at) => `c${at}`).concat('(other)') },
    ];
    const { columns, renumber } = mergeContext(full, [{ name: 'city', values: ['c3', 'new'] }]);
    expect(columns).toEqual(full);
    expect([...renumber(Int32Array.of(1, 0, -1))]).toEqual([999, 3, -1]);
    expect([...mergeContext(full, []).renumber(Int32Array.of())]).toEqual([]);
  });

  it('are refused if a file has a value that the manifest lacks', async () => {
    const damaged = join(folder, 'damaged');
    const source = {
      items: [{ itemIds: ['a'], support: Int32Array.of(2) }],
      splits: { train: [withContext(chunkOf([[0, 0]]), () => [2, 0])] },
    };
    await writeDataset(damaged, { ...source, contextColumns });
    await expect(readDataset(damaged)).rejects.toThrow(
      /^readDataset: "context.type" expected at most 2, got 3, at .*train.arrow. Prepare the dataset again.$/,
    );
  });
});
