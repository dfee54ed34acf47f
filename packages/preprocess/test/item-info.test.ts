import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { readDataset, readItemInfo, readManifest } from '@gru4rec/dataset';
import type { ItemRow } from '@gru4rec/dataset/items';
import { testFolder } from '@gru4rec/test-support/folder';
import { describe, expect, it } from 'vitest';
import { DuckDb } from '../src/backends/duckdb/duckdb.ts';
import { append, itemRowsIn, prepare } from '../src/index.ts';

const folder = testFolder();
const output = join(folder, 'dataset');

function write(name: string, lines: readonly string[]): string {
  const file = join(folder, name);
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  return file;
}

/** In a variable, because knip takes a literal for a command to install. */
const mkfifo = 'mkfifo';
const head = 'SessionId,ItemId,Time';
const log = write('log.csv', [head, 'a,x,1', 'a,y,2', 'b,x,11', 'b,y,12']);
const more = write('more.csv', [head, 'c,x,21', 'c,z,22']);
const items = write('items.csv', ['id,title', 'y,Yarn', 'z,Zip', 'x,Xylophone']);

async function infoOf(directory: string): Promise<string | undefined> {
  const bytes = await readItemInfo(directory, await readManifest(directory));
  return bytes && Buffer.from(bytes).toString();
}

const listOf = (...given: Parameters<typeof itemRowsIn>): Promise<ItemRow[]> =>
  Readable.from(itemRowsIn(...given)).toArray();

describe('prepare with an items file', () => {
  it('keeps all rows, and items without clicks after those with clicks', async () => {
    const plain = await prepare({ inputs: [log], output, overwrite: true });
    expect(plain.itemInfo).toBeUndefined();
    expect(plain.manifest.itemInfo).toBeUndefined();
    expect(plain.coldItems).toBe(0);
    const { manifest, itemInfo, coldItems } = await prepare({
      inputs: [log],
      output,
      items,
      overwrite: true,
    });
    expect({ itemInfo, coldItems }).toEqual({ itemInfo: { items: 3, unknown: 0 }, coldItems: 1 });
    expect(manifest.files['train.arrow']).toEqual(plain.manifest.files['train.arrow']);
    expect(manifest.preparation).toEqual(plain.manifest.preparation);
    expect(await infoOf(output)).toBe(
      '{"id":"y","title":"Yarn"}\n{"id":"z","title":"Zip"}\n{"id":"x","title":"Xylophone"}\n',
    );
    const { itemIds, support } = await readDataset(output);
    expect([itemIds.slice(), [...support]]).toEqual([
      ['x', 'y', 'z'],
      [2, 2, 0],
    ]);
    const file = join(output, 'item-info.jsonl');
    writeFileSync(file, readFileSync(file, 'utf8').replace('Yarn', 'Yawn'));
    await expect(infoOf(output)).rejects.toThrow(/SHA-256 expected .*item-info\.jsonl/);
  });

  it('keeps test clicks on items of the file, in any order, but not on unavailable ones', async () => {
    const late = ['c,v,21', 'c,new,22', 'c,gone,23', 'c,other,24', 'c,x,25'];
    const days = write('days.csv', [head, 'a,x,1', 'a,y,2', 'b,x,11', 'b,y,12', ...late]);
    const rows = ['none,1', 'new,', 'x,', 'gone,no', 'v,yes', 'last,'];
    const catalogue = write('catalogue.csv', ['id,available', ...rows]);
    const testFrom = '1970-01-01T00:00:20Z';
    const report = await prepare({ inputs: [days], output, items: catalogue, testFrom, overwrite: true });
    expect(report.coldItems).toBe(4);
    expect(report.itemInfo).toEqual({ items: 5, unknown: 1 });
    expect(report.funnel.map(({ step }) => step)).toContain('items unknown to training and the items file');
    const { itemIds, support, test } = await readDataset(output);
    expect(itemIds.slice()).toEqual(['x', 'y', 'none', 'new', 'v', 'last']);
    expect([...support]).toEqual([2, 2, 0, 0, 0, 0]);
    expect(Array.from(test?.items ?? [], (item) => itemIds.at(item))).toEqual(['v', 'new', 'x']);
  });

  it.skipIf(process.platform === 'win32')('refuses a pipe, which cannot be read twice', async () => {
    const items = join(folder, 'pipe');
    execFileSync(mkfifo, [items]);
    const error = { cause: new Error('it is a pipe or device, not a file, which is read twice') };
    await expect(prepare({ inputs: [log], output, items, overwrite: true })).rejects.toMatchObject(error);
  });

  it('writes nothing if the file is wrong', async () => {
    const wrong = write('wrong.csv', ['id,title', 'q,1', 'x,2', 'q,3']);
    await expect(
      prepare({ inputs: [log], output: join(folder, 'none'), items: wrong }),
    ).rejects.toMatchObject({
      message: `The items ${wrong} cannot be read`,
      cause: new Error('line 4: the item "q" occurs twice'),
    });
    expect(readdirSync(folder).filter((name) => name.includes('none'))).toEqual([]);
  });

  it('skips and lists rows that are wrong or repeated with onBadRow skip, and keeps the columns', async () => {
    const rows = ['x;Xylophone;4', 'y;Yarn;0', 'x;Again;1', 'z;Zip;many'];
    const file = write('shop.csv', ['sku;name;stock', ...rows]);
    const itemColumns = { id: 'sku', title: 'name', available: 'stock' };
    const options = { inputs: [log], output, items: file, itemColumns, overwrite: true } as const;
    const report = await prepare({ ...options, onBadRow: 'skip' });
    expect(report).toMatchObject({ badRows: 2, coldItems: 0, itemInfo: { items: 2 } });
    const info =
      '{"id":"x","title":"Xylophone","available":true}\n{"id":"y","title":"Yarn","available":false}\n';
    expect(await infoOf(output)).toBe(info);
    const listed = () => readFileSync(join(output, 'bad-rows.tsv'), 'utf8').split('\n').slice(1, -1);
    const bad = [
      `${file}\t4\t\t\tthe item "x" occurs twice`,
      `${file}\t5\t\t\t"stock" expected true, false or a number of pieces, got "many"`,
    ];
    expect(listed()).toEqual(bad);
    // The file is read as a whole again.
    expect(await append({ inputs: [more], output, items: file, itemColumns })).toMatchObject({ badRows: 2 });
    expect(await infoOf(output)).toBe(info);
    expect(listed()).toEqual(bad);
  });

  it('reads Parquet', async () => {
    const db = await DuckDb.open({ directory: folder });
    const rowsOf = async (query: string, options?: Parameters<typeof itemRowsIn>[1]) => {
      const file = join(folder, 'items.parquet');
      await db.run(`COPY (${query}) TO '${file}' (FORMAT parquet)`);
      return (await listOf(file, options)).map(({ id, info }) => [id, info.fields]);
    };
    const causeOf = async (query: string) => {
      const error = await rowsOf(query).catch((reason) => reason);
      expect(error.message).toMatch(/^The items .*items\.parquet cannot be read$/);
      return error.cause.message;
    };
    const rows = "('y', 'Yarn', ['a', 'b'], 1.5), ('z', NULL, NULL, NULL)";
    expect(await rowsOf(`SELECT * FROM (VALUES ${rows}) AS t(id, title, tags, price)`)).toEqual([
      ['y', { title: 'Yarn', tags: ['a', 'b'], price: 1.5 }],
      ['z', { title: null, tags: null, price: null }],
    ]);
    expect(await rowsOf('SELECT 9007199254740993::BIGINT AS id')).toEqual([['9007199254740993', {}]]);
    const nameless = "SELECT 'q' AS article, 1 AS price";
    expect(await rowsOf(nameless, { columns: { id: 'article' } })).toEqual([['q', { price: 1 }]]);
    const vector = (last: string) => rowsOf(`SELECT 'x' AS id, [0.5, ${last}]::FLOAT[] AS text`);
    expect(await vector('-2')).toEqual([['x', { text: [0.5, -2] }]]);
    expect(await causeOf("SELECT 'x' AS id, [1, 'nan'::FLOAT] AS text")).toBe(
      'row 1: expected finite numbers, got NaN or infinity',
    );
    expect(await causeOf("SELECT unnest(['q', 'r', 'q']) AS id")).toBe('row 3: the item "q" occurs twice');
    expect(await causeOf(nameless)).toBe('expected a column id, or the name of another, got article, price');
    expect(await causeOf('SELECT NULL::VARCHAR AS id')).toBe(
      'row 1: "id" expected a string or a whole number, got null',
    );
    db.close();
    const damaged = write('damaged.parquet', ['PAR1 and nothing more']);
    await expect(listOf(damaged)).rejects.toThrow(`The items ${damaged} cannot be read`);
  });
});

describe('append to a dataset with item info', () => {
  it('keeps the info, and adds that of new items with another file', async () => {
    await prepare({ inputs: [log], output, items, overwrite: true });
    const before = await infoOf(output);
    const { itemInfo, coldItems, added } = await append({ inputs: [more], output });
    expect({ itemInfo, coldItems, added: added.items }).toEqual({
      ...{ itemInfo: undefined, coldItems: 0, added: 0 },
    });
    expect([...(await readDataset(output)).support]).toEqual([3, 2, 1]);
    expect(await infoOf(output)).toBe(before);
    const rows = ['{"id":"w"}', '{"id":"v","available":false}', '{"id":"z"}', '{"id":"y","title":"Yacht"}'];
    const newer = write('newer.jsonl', rows);
    const later = write('later.csv', [head, 'd,x,31', 'd,z,32']);
    const second = await append({ inputs: [later], output, items: newer });
    expect(second).toMatchObject({ itemInfo: { items: 4, unknown: 1 }, coldItems: 1, added: { items: 1 } });
    expect(await infoOf(output)).toBe(
      '{"id":"w"}\n{"id":"z"}\n{"id":"y","title":"Yacht"}\n{"id":"x","title":"Xylophone"}\n',
    );
    const { itemIds, support } = await readDataset(output);
    expect([itemIds.slice(), [...support]]).toEqual([
      ['x', 'y', 'z', 'w'],
      [4, 2, 2, 0],
    ]);
  });

  it('takes a file for a dataset that had none', async () => {
    await prepare({ inputs: [log], output, overwrite: true });
    await append({ inputs: [more], output, items });
    expect((await infoOf(output))?.split('\n')).toHaveLength(4);
  });
});
