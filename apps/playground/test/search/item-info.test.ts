import { describe, expect, it } from 'vitest';
import { readItemInfo } from '../../src/page/search/item-info.ts';

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
