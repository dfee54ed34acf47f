import { describe, expect, it } from 'vitest';
import { ModelCatalogue, readItemInfo } from '../../src/page/items/catalogue.ts';

const full = new ModelCatalogue({
  ids: ['1', '2', '3'],
  titles: ['Red boot', '', 'Blue lamp'],
  groups: Int32Array.of(0, -1, 1),
  groupNames: ['Boots', 'Lamps'],
  popularity: Int32Array.of(5, 9, 9),
});
const bare = new ModelCatalogue({ ids: ['b', 'a'] });

describe('ModelCatalogue', () => {
  it('calls items by their titles, or by their ids', () => {
    expect(['1', '2', '3', '4'].map((id) => full.titleOf(id))).toEqual(['Red boot', '2', 'Blue lamp', '4']);
    expect(bare.titleOf('a')).toBe('a');
  });

  it('shows the beginning of long titles and ids', () => {
    const long = new ModelCatalogue({ ids: ['a', 'b'], titles: [`${'word '.repeat(60)}`, '👟'.repeat(300)] });
    expect(long.titleOf('a')).toBe(`${'word '.repeat(19)}word…`);
    expect(long.titleOf('b')).toBe(`${'👟'.repeat(99)}…`);
    expect(long.titleOf('x'.repeat(1000))).toBe(`${'x'.repeat(99)}…`);
    expect(long.titleOf('x'.repeat(100))).toBe('x'.repeat(100));
  });

  it('knows groups and their items', () => {
    expect(['1', '2', '3', '4'].map((id) => full.groupOf(id) ?? '')).toEqual(['Boots', '', 'Lamps', '']);
    expect(full.idsIn(['Lamps', 'Boots'])).toEqual(['1', '3']);
    expect(full.idsIn(['Hats'])).toEqual([]);
    expect(bare.groupNames).toEqual([]);
  });

  it('says which features an item shares with clicked ones, and which items nobody had clicked', () => {
    const names = ['brand=A', 'brand=B', 'title=red'];
    const features = { names, items: ['02', '12', '02'].map((of) => [...of].map(Number)), cold: [2] };
    const shop = new ModelCatalogue({ ids: ['1', '2', '3'], features });
    expect(shop.sharedFeatures('3', ['1', '2', '1', 'x'])).toEqual([
      { name: 'title=red', items: 2 },
      { name: 'brand=A', items: 1 },
    ]);
    expect(shop.sharedFeatures('2', ['x'])).toEqual([]);
    expect(['1', '3', 'x'].map((id) => shop.isCold(id))).toEqual([false, true, false]);
    expect([full.isCold('1'), full.sharedFeatures('1', ['3'])]).toEqual([false, []]);
  });

  it('shows the id of an item without a group, and of items with equal titles', () => {
    const lamps = new ModelCatalogue({
      ids: ['1', '2', '3', '4', '5'],
      titles: ['Lamp', 'Lamp', 'Blue lamp', 'Mug', ''],
      groups: Int32Array.of(0, 0, 0, -1, 0),
      groupNames: ['Lamps'],
    });
    const hints = lamps.data.ids.map((id) => lamps.hintOf(id));
    expect(hints).toEqual(['Lamps · 1', 'Lamps · 2', 'Lamps', '4', 'Lamps']);
    expect(bare.hintOf('a')).toBe('');
  });

  it('lists the most popular items, or the first ones if nobody counted', () => {
    expect(full.mostPopular(2)).toEqual(['2', '3']);
    expect(bare.mostPopular(5)).toEqual(['b', 'a']);
  });
});

describe('readItemInfo', () => {
  it('takes titles, groups and what is sold out, by id in any order', () => {
    const lines = [
      '{"id":"c","title":"Lamp","group":"Light","available":false}',
      '{"id":"a","title":"Boot","group":"Shoes","price":"49.90"}',
      '{"id":"x","title":"Not of this model"}',
      '',
    ].join('\n');
    expect(readItemInfo(lines, ['a', 'b', 'c'])).toEqual({
      titles: ['Boot', '', 'Lamp'],
      groups: Int32Array.of(1, -1, 0),
      groupNames: ['Light', 'Shoes'],
      unavailable: ['c'],
    });
  });

  it('takes titles and groups of spaces as none', () => {
    const lines = '{"id":"a","title":"  ","group":" "}\n{"id":"b","title":" Boot\\n"}';
    expect(readItemInfo(lines, ['a', 'b'])).toEqual({ titles: ['', 'Boot'], unavailable: [] });
  });

  it('leaves out what no item has', () => {
    expect(readItemInfo('{"id":"a"}', ['a'])).toEqual({ unavailable: [] });
    expect(readItemInfo('', ['a'])).toEqual({ unavailable: [] });
  });
});
