import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Table, tableToIPC } from 'apache-arrow';
import { afterAll, describe, expect, it } from 'vitest';
import { ArrowError, openArrow } from '../src/index.ts';
import { fileOf, sampleTable } from './folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'gru4rec-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const whole = sampleTable(300);
const table = new Table(
  whole.schema,
  [0, 100, 200].flatMap((from) => whole.slice(from, from + 100).batches),
);

async function opened<T>(
  bytes: Uint8Array,
  use: (file: Awaited<ReturnType<typeof open>>) => Promise<T>,
): Promise<T> {
  const path = join(folder, 'file');
  writeFileSync(path, bytes);
  const file = await open(path);
  return use(file).finally(() => file.close());
}

describe('openArrow', () => {
  it.each([undefined, 'lz4', 'zstd'] as const)(
    'reads batches in any order, several at a time (%s)',
    async (compression) => {
      await opened(await fileOf(table, compression), async (file) => {
        const arrow = await openArrow(file);
        expect(arrow.batches).toBe(3);
        expect(arrow.schema.fields.map(({ name }) => name)).toEqual(['item', 'time', 'kind']);
        const batches = await Promise.all([2, 0, 1, 2].map((index) => arrow.read(index)));
        const rows = (at: number) =>
          table
            .slice(100 * at, 100 * at + 100)
            .toArray()
            .map(String);
        expect(batches.map((batch) => batch.toArray().map(String))).toEqual([2, 0, 1, 2].map(rows));
        await expect(arrow.read(3)).rejects.toThrow('it has no record batch 3');
      });
    },
  );

  it('refuses a stream, which has no index of its batches', async () => {
    await opened(tableToIPC(table, 'stream'), async (file) => {
      await expect(openArrow(file)).rejects.toThrow(new ArrowError('it does not start as an Arrow file'));
    });
  });
});
