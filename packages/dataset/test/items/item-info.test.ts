import { readdirSync, readlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ItemIdTable } from '../../src/ids/index.ts';
import {
  availabilityOf,
  ItemInfoTable,
  type ItemRow,
  itemInfoLines,
  itemRowsOf,
  type LineCounts,
  readItemRows,
} from '../../src/items/index.ts';
import { listOf, writeTemporary } from './folder.ts';

const source = (path: string, rows: readonly object[]) =>
  itemRowsOf(Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join('')), path);

async function linesOf(
  itemIds: ItemIdTable,
  ...sources: readonly (readonly object[])[]
): Promise<{ bytes: Buffer; counts: LineCounts | undefined }> {
  let counts: LineCounts | undefined;
  const chunks = await listOf(
    itemInfoLines(
      sources.map((rows, at) => source(`source ${at}`, rows)),
      itemIds,
      (found) => {
        counts = found;
      },
    ),
  );
  return { bytes: Buffer.concat(chunks), counts };
}

describe('itemInfoLines', () => {
  it('keeps rows of known items, without empty values, and counts the others', async () => {
    const rows = [
      { id: 'b', title: 'B', price: 5, size: '', colour: null, available: 'no' },
      { id: 'x', title: 'X' },
      { item: 'a', group: 'g', available: '' },
    ];
    const { bytes, counts } = await linesOf(ItemIdTable.from(['a', 'b', 'c']), rows);
    expect(bytes.toString().split('\n')).toEqual([
      '{"id":"b","title":"B","price":5,"available":false}',
      '{"id":"a","group":"g"}',
      '',
    ]);
    expect(counts).toEqual({ items: 2, unknown: 1 });
  });

  it('prefers the row of the earlier source', async () => {
    const itemIds = ItemIdTable.from(['a', 'b']);
    const { bytes, counts } = await linesOf(
      itemIds,
      [{ id: 'a', title: 'new' }],
      [
        { id: 'a', title: 'old' },
        { id: 'b', title: 'b' },
      ],
    );
    const table = ItemInfoTable.of(bytes, itemIds, 'lines');
    expect(['a', 'b'].map((id) => table.get(id)?.title)).toEqual(['new', 'b']);
    expect(counts).toEqual({ items: 2, unknown: 0 });
  });
});

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });

describe('ItemInfoTable', () => {
  it('has what the lines say, for any ids, titles and groups', async () => {
    const rows = fc.uniqueArray(
      fc.record(
        { id: text, title: text, group: text, available: fc.boolean(), price: fc.integer() },
        { requiredKeys: ['id'] },
      ),
      { selector: ({ id }) => id, maxLength: 30 },
    );
    await fc.assert(
      fc.asyncProperty(rows, fc.uniqueArray(text), async (given, others) => {
        // Every second item is known, and others that have no row.
        const known = given.filter((_, at) => at % 2 === 0).map(({ id }) => id);
        const itemIds = ItemIdTable.from(new Set([...known, ...others]));
        const { bytes, counts } = await linesOf(itemIds, given);
        const table = ItemInfoTable.of(bytes, itemIds, 'lines');
        const kept = given.filter(({ id }) => itemIds.indexOf(id) >= 0);
        expect(counts).toEqual({ items: kept.length, unknown: given.length - kept.length });
        expect(table.size).toBe(kept.length);
        expect(table.hasTitles).toBe(kept.some(({ title }) => title !== undefined));
        expect(table.hasGroups).toBe(kept.some(({ group }) => group !== undefined));
        for (const { id, title, group, available = true, ...others } of kept) {
          expect(table.get(id)).toMatchObject({ title, group, available, fields: others });
        }
        for (const id of others) {
          if (!kept.some((row) => row.id === id)) expect(table.get(id)).toBeUndefined();
        }
      }),
      { numRuns: 200 },
    );
  });

  it('ignores items that it does not know, and names a line that is wrong', () => {
    const itemIds = ItemIdTable.from(['a']);
    const tableOf = (lines: string) => ItemInfoTable.of(Buffer.from(lines), itemIds, 'lines');
    expect(tableOf('{"id":"x"}\n{"id":"a"}').size).toBe(1);
    expect(tableOf('').size).toBe(0);
    const fault = (lines: string) => {
      try {
        return tableOf(lines);
      } catch (error) {
        return ((error as Error).cause as Error).message;
      }
    };
    expect(fault('{"id":"a"}\n{"id":"a"}\n')).toBe('line 2: the item "a" occurs twice');
    expect(fault('{"id":"a"}\n5\n')).toBe('line 2: expected a JSON object');
  });
});

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

  it('takes each key from the column that has its name, in the place of a column of that name', async () => {
    const path = writeTemporary(
      'items.csv',
      'id;sku;title;bezeichnung;lager\n1;a;x;Boots;0\n2;b;y;Coat;12\n',
    );
    const columns = { id: 'sku', title: 'bezeichnung', available: 'lager' };
    expect(await listOf(readItemRows(path, { columns }))).toMatchObject([
      { id: 'a', info: { title: 'Boots', available: false, fields: { title: 'Boots', available: '0' } } },
      { id: 'b', info: { title: 'Coat', available: true } },
    ]);
    const refusal = await listOf(readItemRows(path, { columns: { ...columns, price: 'preis' } })).catch(
      (error) => error,
    );
    expect(refusal.cause.message).toBe('expected a column preis, got id, sku, title, bezeichnung, lager');
  });

  it('knows what is sold out by words of several languages and by numbers of pieces', async () => {
    const written = ['In Stock', 'ja', 7, '0.5', null, 'out_of_stock', 'Ausverkauft', 'non', 0, '-1', 'soon'];
    expect(written.map(availabilityOf)).toEqual([
      ...[true, true, true, true, true, false, false, false, false, false, undefined],
    ]);
  });

  it('leaves out wrong rows and second ones of an item where they are counted, unless all are wrong', async () => {
    const bad: unknown[] = [];
    const onBadRow = (...row: unknown[]) => bad.push(row);
    const path = writeTemporary('items.csv', 'id,title,available\na,1,\nb,2,soon\na,3,\n,4,\nc,5,no\n');
    const rows = await listOf(readItemRows(path, { onBadRow }));
    expect(rows.map(({ id, info }) => [id, info.title])).toEqual([
      ['a', '1'],
      ['c', '5'],
    ]);
    expect(bad).toEqual([
      [3, '"available" expected true, false or a number of pieces, got "soon"'],
      [4, 'the item "a" occurs twice'],
      [5, '"id" expected a string or a whole number, got ""'],
    ]);
    const other = writeTemporary('other.csv', 'sku\na\nb\n');
    const refusal = await listOf(readItemRows(other, { onBadRow })).catch((error) => error);
    expect(refusal.cause.message).toBe('line 2: expected a column id, or the name of another, got sku');
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
    ['items.csv', 'id,title\na', 'Invalid Record Length'],
    ['items.csv', 'id,title,,,title\na,b,,,c\n', 'line 1: the column "title" occurs twice'],
    ['items.csv', Buffer.from('id\nZ\xfcrich\n', 'latin1'), 'expected UTF-8, got invalid bytes'],
    ['items.jsonl', '{"id":"a"}\n{"id":5.5}', 'line 2: "id" expected a string or a whole number, got 5.5'],
    ['items.jsonl', 'nonsense', 'line 1: expected a line of JSON, got nonsense'],
    ['items.jsonl', '[]', 'line 1: expected a JSON object, got []'],
  ])('names the line that is wrong in %s: %j', async (name, text, message) => {
    const refusal = await rowsOf(name, text).catch((error) => error);
    expect(refusal.message).toMatch(/^The items .*items\.\w+ cannot be read$/);
    expect(refusal.cause.message).toContain(message);
  });

  it('names a file that is missing', async () => {
    const path = `${writeTemporary('other', '')}-none.csv`;
    await expect(listOf(readItemRows(path))).rejects.toThrow('none.csv cannot be read');
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

  it('refuses a folder', async () => {
    const path = dirname(writeTemporary('items.csv', ''));
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
