import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ItemIdTable } from '../../src/ids/index.ts';
import { ItemInfoTable, itemInfoLines, itemRowsOf, type LineCounts } from '../../src/items/index.ts';
import { listOf } from './folder.ts';

const source = (path: string, rows: readonly object[]) => ({
  path,
  rows: itemRowsOf(Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join('')), path),
});

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

  it('refuses an item that occurs twice in a source', async () => {
    const twice = linesOf(ItemIdTable.from(['a']), [{ id: 'a' }, { id: 'a' }]);
    await expect(twice).rejects.toMatchObject({
      message: 'The items source 0 cannot be read',
      cause: new Error('line 2: the item "a" occurs twice'),
    });
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
    expect(fault('{"id":"a"}\n{"id":7.5}\n')).toBe(
      'line 2: "id" expected a string or a whole number, got 7.5',
    );
    expect(fault('{"id":\n')).toContain('JSON');
  });
});
