import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generateShopLog } from '../src/shop-log.ts';
import { writeShopLog } from '../src/write-shop-log.ts';

describe('writeShopLog', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'synthetic-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('writes the log as TSV, the same bytes each time', async () => {
    const options = { events: 500, items: 50, seed: 2 };
    await writeShopLog(join(folder, 'a.tsv'), options);
    await writeShopLog(join(folder, 'b.tsv'), options);
    const text = await readFile(join(folder, 'a.tsv'), 'utf8');
    const { sessionIds, itemIds, times } = generateShopLog(options);
    const rows = Array.from(times, (time, row) => `${sessionIds[row]}\t${itemIds[row]}\t${time}\n`);
    expect(text).toBe(`SessionId\tItemId\tTime\n${rows.join('')}`);
    expect(await readFile(join(folder, 'b.tsv'), 'utf8')).toBe(text);
    expect(await readdir(folder)).toEqual(['a.tsv', 'b.tsv']);
  });

  it('leaves no file if it fails', async () => {
    await expect(writeShopLog(join(folder, 'a.tsv'), { seed: -1 })).rejects.toThrow(
      'a.tsv cannot be written',
    );
    await mkdir(join(folder, 'taken'));
    await expect(writeShopLog(join(folder, 'taken'), { events: 10, seed: 1 })).rejects.toThrow();
    expect(await readdir(folder)).toEqual(['taken']);
  });
});
