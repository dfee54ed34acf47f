import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDataset, readItemInfo, readManifest } from '@gru4rec/dataset';
import { testFolder } from '@gru4rec/test-support/folder';
import { describe, expect, it } from 'vitest';
import { DuckDb } from '../src/backends/duckdb/duckdb.ts';
import { append, prepare } from '../src/index.ts';

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

/** Rows of an items file. */
const thousands = (more = '') => Array.from({ length: 3000 }, (_, at) => `i${at}${more}`);

async function infoOf(directory: string): Promise<string | undefined> {
  const bytes = await readItemInfo(directory, await readManifest(directory));
  return bytes && Buffer.from(bytes).toString();
}

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

  it('keeps an item whose clicks were too few as one without clicks', async () => {
    const rare = write('rare.csv', [head, 'a,x,1', 'a,y,2', 'a,z,3', 'b,x,11', 'b,y,12']);
    await prepare({ inputs: [rare], output, items, minItemSupport: 2, overwrite: true });
    const { itemIds, support } = await readDataset(output);
    expect([itemIds.slice(), [...support]]).toEqual([
      ['x', 'y', 'z'],
      [2, 2, 0],
    ]);
  });

  it.skipIf(process.platform === 'win32')('refuses a pipe, which cannot be read twice', async () => {
    const items = join(folder, 'pipe');
    execFileSync(mkfifo, [items]);
    const error = { cause: new Error('it is a pipe or device, not a file, which is read twice') };
    await expect(prepare({ inputs: [log], output, items, overwrite: true })).rejects.toMatchObject(error);
  });

  it.each<[problem: string, lines: readonly string[], cause: string, encoding?: 'latin1']>([
    ['an item twice', ['id,title', 'q,1', 'x,2', 'q,3'], 'line 4: the item "q" occurs twice'],
    // Beyond the rows that are checked before the log is read.
    ['another encoding', ['id', ...thousands(), 'Z\xfcrich'], 'expected UTF-8, got invalid bytes', 'latin1'],
    ['other columns in a row', ['id,title', ...thousands(',x'), 'q'], 'Invalid Record Length'],
  ])('writes nothing if the file has %s', async (_, lines, message, encoding) => {
    const wrong = join(folder, 'wrong.csv');
    writeFileSync(wrong, Buffer.from(lines.map((line) => `${line}\n`).join(''), encoding ?? 'utf8'));
    const target = join(folder, 'none');
    const refusal = await prepare({ inputs: [log], output: target, items: wrong }).catch((error) => error);
    expect(refusal.message).toBe(`The items ${wrong} cannot be read`);
    expect(refusal.cause.message).toContain(message);
    expect(readdirSync(folder).filter((name) => name.includes('none'))).toEqual([]);
  });

  it('skips and lists rows that are wrong or repeated with onBadRow skip, and keeps the columns', async () => {
    const rows = ['x;Xylophone;4', 'y;Yarn;0', 'x;Again;1', 'z;Zip;many'];
    const file = write('shop.csv', ['sku;name;stock', ...rows]);
    const itemColumns = { id: 'sku', title: 'name', available: 'stock' };
    const options = { inputs: [log], output, items: file, itemColumns, overwrite: true };
    await expect(prepare(options)).rejects.toMatchObject({
      cause: new Error('line 4: the item "x" occurs twice'),
    });
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

  it('refuses keys of columns that it does not know', async () => {
    const itemColumns = { titel: 'name' } as object;
    await expect(prepare({ inputs: [log], output, items, itemColumns, overwrite: true })).rejects.toThrow(
      '"itemColumns" expected names of columns by key (id, title, group, available, price)',
    );
  });

  it('reads Parquet', async () => {
    const db = await DuckDb.open({ directory: folder });
    const parquet = async (name: string, query: string) => {
      await db.run(`COPY (${query}) TO '${join(folder, name)}' (FORMAT parquet)`);
      return join(folder, name);
    };
    const rows = "('y', 'Yarn', ['a', 'b'], 1.5), ('z', NULL, NULL, NULL), ('x', 'Xylophone', [], 2)";
    const good = await parquet(
      'items.parquet',
      `SELECT * FROM (VALUES ${rows}) AS t(id, title, tags, price)`,
    );
    const large = await parquet('large.parquet', `SELECT 9007199254740993::BIGINT AS id`);
    const twice = await parquet('twice.parquet', "SELECT unnest(['q', 'r', 'q']) AS id");
    const nameless = await parquet('nameless.parquet', "SELECT 'q' AS article, 1 AS price");
    const vectors = await parquet('vectors.parquet', "SELECT 'x' AS id, [0.5::FLOAT, -2] AS text");
    const infinite = await parquet('infinite.parquet', "SELECT 'x' AS id, [1, 'nan'::FLOAT] AS text");
    const without = await parquet('without.parquet', 'SELECT NULL::VARCHAR AS id');
    db.close();
    await prepare({ inputs: [log], output, items: good, overwrite: true });
    expect(await infoOf(output)).toBe(
      '{"id":"y","title":"Yarn","tags":["a","b"],"price":1.5}\n{"id":"z"}\n{"id":"x","title":"Xylophone","tags":[],"price":2}\n',
    );
    await append({ inputs: [more], output, items: large });
    expect(await infoOf(output)).toContain('{"id":"9007199254740993"}\n');
    await append({ inputs: [more], output, items: nameless, itemColumns: { id: 'article' } });
    expect(await infoOf(output)).toContain('{"id":"q","price":1}\n');
    await append({ inputs: [more], output, items: vectors });
    expect(await infoOf(output)).toContain('{"id":"x","text":[0.5,-2]}\n');
    const damaged = join(folder, 'damaged.parquet');
    writeFileSync(damaged, readFileSync(good).subarray(0, 100));
    for (const [file, message] of [
      [twice, 'row 3: the item "q" occurs twice'],
      [nameless, 'expected a column id, or the name of another, got article, price'],
      [without, 'row 1: "id" expected a string or a whole number, got null'],
      [infinite, 'row 1: expected finite numbers, got NaN or infinity'],
      [damaged, 'parquet'],
    ] as const) {
      const refusal = await prepare({ inputs: [log], output: join(folder, 'none'), items: file }).catch(
        (error) => error,
      );
      expect(refusal.message).toBe(`The items ${file} cannot be read`);
      expect(refusal.cause.message).toContain(message);
    }
  });

  it('refuses a file that was changed afterwards', async () => {
    await prepare({ inputs: [log], output, items, overwrite: true });
    const file = join(output, 'item-info.jsonl');
    writeFileSync(file, readFileSync(file, 'utf8').replace('Yarn', 'Yawn'));
    await expect(infoOf(output)).rejects.toThrow(/SHA-256 expected .*item-info\.jsonl/);
    rmSync(file);
    await expect(infoOf(output)).rejects.toThrow(/got none.*item-info\.jsonl/);
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
