import { mkdirSync, readdirSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ItemRow, itemRowsOf, readItemRows } from '../../src/items/index.ts';
import { listOf, writeTemporary } from './folder.ts';

async function rowsOf(name: string, text: string | Uint8Array): Promise<ItemRow[]> {
  return listOf(readItemRows(writeTemporary(name, text)));
}

describe('readItemRows', () => {
  it('reads CSV, TSV and JSON Lines alike', async () => {
    const expected = [
      {
        id: 'a',
        info: {
          ...{ available: true, title: 'Shoe, red', group: 'shoes' },
          fields: { title: 'Shoe, red', group: 'shoes' },
        },
      },
      { id: 'b', info: { available: true, title: undefined, group: undefined } },
    ];
    const csv = await rowsOf('items.csv', '\uFEFFid,title,group\r\na,"Shoe, red",shoes\r\nb,,\r\n');
    const tsv = await rowsOf('items.txt', 'id\ttitle\tgroup\na\tShoe, red\tshoes\nb\t\t\n');
    const json = await rowsOf(
      'items.NDJSON',
      '\uFEFF{"id":"a","title":"Shoe, red","group":"shoes"}\n\n{"id":"b","group":null}',
    );
    for (const rows of [csv, tsv, json]) expect(rows).toMatchObject(expected);
    expect([csv, tsv, json].map((rows) => rows.map(({ line }) => line))).toEqual([
      [2, 3],
      [2, 3],
      [1, 3],
    ]);
  });

  it('takes ids from a column item if there is no column id', async () => {
    const [row] = await rowsOf('items.csv', 'item,group\na,x\n');
    expect(row).toMatchObject({ id: 'a', info: { fields: { group: 'x' } } });
    const [both] = await rowsOf('items.csv', 'item,id\na,b\n');
    expect(both).toMatchObject({ id: 'b', info: { fields: { item: 'a' } } });
  });

  it('converts ids and groups that are numbers, as in a log of numeric ids', async () => {
    const rows = await rowsOf('items.jsonl', '{"id":1007,"group":12}\n{"item":0}\n{"id":-3,"group":1.5}');
    expect(rows.map(({ id, info }) => [id, info.group])).toEqual([
      ['1007', '12'],
      ['0', undefined],
      ['-3', '1.5'],
    ]);
    const beyond = await rowsOf('items.jsonl', '{"id":9007199254740993}').catch((error) => error);
    expect(beyond.cause.message).toBe(
      'line 1: "id" expected a string or a whole number, got 9007199254740992',
    );
  });

  it('converts a title that is a number, and has none of another type', async () => {
    const lines = ['{"id":"a","title":1984}', '{"id":"b","title":["x"]}', '{"id":"c","title":""}'];
    const rows = await rowsOf('items.jsonl', lines.join('\n'));
    expect(rows.map(({ info }) => info.title)).toEqual(['1984', undefined, undefined]);
    expect(rows[1]?.info.fields).toEqual({ title: ['x'] });
  });

  it('reads an empty file, and one without rows', async () => {
    expect(await rowsOf('items.csv', '')).toEqual([]);
    expect(await rowsOf('items.csv', 'id,title\n')).toEqual([]);
    expect(await rowsOf('items.jsonl', '\n\n')).toEqual([]);
  });

  it.each([
    ['items.csv', 'sku,name\na,b', 'line 2: expected a column id, or the name of another, got sku, name'],
    ['items.jsonl', '{"sku":"a"}', 'line 1: expected a column id, or the name of another, got sku'],
    ['items.csv', 'id,title\na', 'Invalid Record Length'],
    ['items.csv', 'id,title,,,title\na,b,,,c\n', 'line 1: the column "title" occurs twice'],
    ['items.csv', Buffer.from('id\nZ\xfcrich\n', 'latin1'), 'expected UTF-8, got invalid bytes'],
    ['items.csv', Buffer.from('\uFEFFid,title\n', 'utf16le'), 'expected UTF-8, got invalid bytes'],
    ['items.parquet', 'PAR1\x15\x04id,title\n', 'expected CSV, TSV or JSON Lines, got Parquet'],
    ['items.jsonl', Buffer.from('{"id":"Z\xfcrich"}', 'latin1'), 'expected UTF-8, got invalid bytes'],
    ['items.tsv', 'id\tgroup\na,b\tx\n\ty\n', 'line 3: "id" expected a string or a whole number, got ""'],
    ['items.jsonl', '{"id":"a"}\n{"id":5.5}', 'line 2: "id" expected a string or a whole number, got 5.5'],
    ['items.jsonl', '{"id":"a","available":2}', 'line 1: "available" expected true or false, got 2'],
    ['items.jsonl', 'nonsense', 'line 1: expected a line of JSON, got nonsense'],
    ['items.jsonl', '[]', 'line 1: expected a JSON object, got []'],
  ])('names the line that is wrong in %s: %j', async (name, text, message) => {
    const refusal = await rowsOf(name, text).catch((error) => error);
    expect(refusal.message).toMatch(/^The items .*items\.\w+ cannot be read$/);
    expect(refusal.cause.message).toContain(message);
  });

  it.each(['none.csv', 'none.jsonl'])('names a file that is missing: %s', async (name) => {
    const path = `${writeTemporary('other', '')}-${name}`;
    await expect(listOf(readItemRows(path))).rejects.toThrow(`${name} cannot be read`);
  });

  it.skipIf(process.platform !== 'linux').each([
    ['items.csv', 'id,title\n', 'x,y\n'],
    ['items.jsonl', '', '{"id":"x"}\n'],
  ])('closes a file that is not read to its end: %s', async (name, header, row) => {
    const path = writeTemporary(name, header + row.repeat(100_000));
    for await (const _ of readItemRows(path)) break;
    const openPaths = () =>
      readdirSync('/proc/self/fd').map((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`);
        } catch {
          return '';
        }
      });
    await expect.poll(() => openPaths().filter((open) => open === path)).toEqual([]);
  });

  it.each(['items.csv', 'items.jsonl'])('refuses a folder: %s', async (name) => {
    const path = join(dirname(writeTemporary('other', '')), name);
    mkdirSync(path);
    await expect(listOf(readItemRows(path))).rejects.toMatchObject({
      cause: new Error('it is a folder, not a file'),
    });
  });
});

describe('itemRowsOf', () => {
  it('reads lines of any length that span chunks', async () => {
    const title = 'ü'.repeat(100_000);
    const bytes = Buffer.from(`{"id":"a","title":"${title}"}\n{"id":"b"}\n`);
    const rows = await listOf(itemRowsOf(bytes, 'info'));
    expect(rows.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(rows[0]?.info.title).toBe(title);
    await expect(listOf(itemRowsOf(Buffer.from('{'), 'info'))).rejects.toThrow('The items info');
  });
});
