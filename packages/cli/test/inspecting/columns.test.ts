import { ItemIdTable } from '@gru4rec/dataset/ids';
import { ItemInfoTable } from '@gru4rec/dataset/items';
import { describe, expect, it } from 'vitest';
import { type ColumnFigures, columnAdvice, describeColumns } from '../../src/inspecting/columns.ts';

const ITEMS = 60;
const ids = Array.from({ length: ITEMS }, (_, item) => `i${item}`);
/** Sessions stay within a brand of six items; item 59 has neither clicks nor a colour. */
const rows = ids.map((id, item) => ({
  ...{ id, brand: `b${item % 10}`, code: `c${item % 10}` },
  ...(item < 59 && { colour: item < 30 ? 'red' : 'blue' }),
  ...{ sku: `s${item}`, shop: 'ours' },
}));

function describeShop(known: readonly string[] = ids): ColumnFigures[] {
  const sessions = Array.from({ length: 300 }, (_, session) =>
    [0, 10, 20, 30, 40, 50].map((step) => ((session * 7) % 10) + step).filter((item) => item < 59),
  );
  const items = Int32Array.from(sessions.flat());
  const offsets = [0];
  for (const { length } of sessions) offsets.push((offsets.at(-1) ?? 0) + length);
  const support = new Int32Array(ITEMS);
  for (const item of items) support[item] = (support[item] ?? 0) + 1;
  const lines = rows.filter(({ id }) => known.includes(id)).map((row) => `${JSON.stringify(row)}\n`);
  const table = ItemInfoTable.of(Buffer.from(lines.join('')), ItemIdTable.from(ids), 'items');
  return describeColumns(table, support, { sessionOffsets: Int32Array.from(offsets), items });
}

describe('describeColumns', () => {
  it('counts values, features, items and clicks, and the consecutive clicks that share a value', () => {
    const [brand, code, colour, sku, shop] = describeShop() as [ColumnFigures, ...ColumnFigures[]];
    const whole = { items: 1, clicks: 1, shared: 1 };
    expect(brand).toMatchObject({ name: 'brand', kind: 'values', distinct: 10, ...whole });
    expect(brand.chance).toBeLessThan(0.2);
    expect({ ...code, name: 'brand' }).toEqual(brand);
    expect(colour).toMatchObject({ distinct: 2, features: 2, items: 59 / 60, clicks: 1 });
    // All pairs but 20 → 30.
    expect(colour?.shared).toBeCloseTo(4 / 5, 1);
    // All are rare, and so no value that clicks share.
    expect(sku).toMatchObject({ distinct: 60, features: 1, shared: 0 });
    expect(shop).toMatchObject({ features: 1, shared: 1, chance: 1 });
  });
});

describe('columnAdvice', () => {
  it('names the columns that consecutive clicks share more often than by chance, and no code of them', () => {
    const [advice, ...others] = columnAdvice(describeShop());
    expect(others).toEqual([]);
    expect(advice).toMatch(
      /^Consecutive clicks share 2 columns of the items file 1\.5 times as often .*: train with "itemFeatures": \["brand", "colour"\]/,
    );
  });

  it('says that no column does, or that the file has other ids', () => {
    const shop = describeShop().filter(({ name }) => name === 'shop' || name === 'sku');
    expect(columnAdvice(shop)).toEqual([expect.stringContaining('item features will hardly help')]);
    const of59 = columnAdvice(describeShop(['i59']));
    expect(of59).toEqual([
      expect.stringMatching(/^Only 0\.0 % of the clicks are on items with a value .*: compare its ids/),
    ]);
    expect(columnAdvice([])).toEqual([]);
    const [brand] = describeShop() as [ColumnFigures];
    expect(columnAdvice([{ ...brand, name: 'a\u009b2J' }])[0]).toContain('["a\\\\x9b2J"]');
  });
});
