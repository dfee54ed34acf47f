import { describe, expect, it } from 'vitest';
import { ModelCatalogue } from '../../src/page/items/catalogue.ts';
import { ItemSearch } from '../../src/page/items/item-search.ts';

const search = new ItemSearch(
  new ModelCatalogue({
    ids: ['100', '200', '300', '400', '--'],
    titles: ['Rustic blue lamp', 'Blue mug', 'Crème brûlée', '茶碗', ''],
  }),
);
const ids = (text: string): string[] => search.find(text, 10).map(({ id }) => id);

describe('ItemSearch', () => {
  it('finds words in any order, and parts of words', () => {
    expect(ids('lamp blue')).toEqual(['100']);
    expect(ids('blu')).toEqual(['200', '100']);
    expect(search.find('rust', 5)).toEqual([{ id: '100', title: 'Rustic blue lamp' }]);
  });

  it('finds ids, letters without their accents, and other scripts', () => {
    expect(ids('200')).toEqual(['200']);
    expect(ids('creme brulee')).toEqual(['300']);
    expect(ids('茶')).toEqual(['400']);
  });

  it('finds ids without letters or digits', () => {
    expect(ids('--')).toEqual(['--']);
  });

  it('finds nothing for an empty text, and no more than it should', () => {
    expect(ids('  ')).toEqual([]);
    expect(ids('zebra')).toEqual([]);
    expect(search.find('blue', 1)).toHaveLength(1);
  });

  it('finds one of many ids, and the first of many that match', () => {
    const many = new ItemSearch(
      new ModelCatalogue({ ids: Array.from({ length: 3000 }, (_, n) => `item-${n}`) }),
    );
    expect(many.find('2999', 5).map(({ id }) => id)).toEqual(['item-2999']);
    expect(many.find('item', 2).map(({ id }) => id)).toEqual(['item-0', 'item-1']);
  });
});
