import { describe, expect, it, vi } from 'vitest';

describe('UTF-8 in browsers', () => {
  it('makes tables with the same ids, also in shared memory', async () => {
    vi.resetModules();
    vi.doMock('#utf8', () => import('../../src/ids/utf8.browser.ts'));
    const { ItemIdTable } = await import('../../src/ids/index.ts');
    vi.doUnmock('#utf8');
    const ids = ['a', '', 'ß😀', '\uFEFFb', 'long'.repeat(100)];
    for (const table of [ItemIdTable.from(ids), ItemIdTable.open(ItemIdTable.from(ids).share())]) {
      expect([...table]).toEqual(ids);
      expect(ids.map((id) => table.indexOf(id))).toEqual([0, 1, 2, 3, 4]);
      expect(table.indexOf('b')).toBe(-1);
      expect(table.indexOf('\uD83D')).toBe(-1);
    }
    expect(() => ItemIdTable.from(['\uD83D'])).toThrow(/lone surrogate/);
  });
});
