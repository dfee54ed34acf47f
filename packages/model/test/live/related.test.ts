import { describe, expect, it } from 'vitest';
import { pairNames } from '../../src/parts/pair-tables.ts';
import { valuesOf } from '../../src/storage/tensors.ts';
import { tinyData, trainTiny } from '../tiny-data.ts';

const parts = ['network', 'co-occurrences'];
const model = await trainTiny({ parts }, { validation: tinyData(5).train });
const [a = '', b = '', c = ''] = model.itemIds;

/** By the tables of the model. */
function together(itemId: string): { id: string; score: number }[] {
  const { items, similarities } = pairNames('co-occurrences');
  const [others, scores] = [items, similarities].map((name) => valuesOf(model.tensors, name));
  const cols = Number(others?.length) / model.itemIds.length;
  const start = Number(model.itemIndex(itemId)) * cols;
  const pairs = Array.from({ length: cols }, (_, at) => {
    return {
      id: String(model.itemIds.at(Number(others?.[start + at]))),
      score: Number(scores?.[start + at]),
    };
  });
  return pairs.filter(({ score }) => score > 0);
}

describe('related', () => {
  it('gives the answer to one click, without the item itself', () => {
    const visit = model.startSession();
    visit.click(a);
    const next = { source: 'next', items: visit.recommend(20, { excludeSeen: true }) };
    expect(model.related(a)).toEqual(next);
    expect(model.related(a, { n: 3, kind: 'next' })?.items).toEqual(next.items.slice(0, 3));
  });

  it.each(model.itemIds.slice(0, 8))(
    'gives the items that share sessions with %s, by any rules',
    (itemId) => {
      const all = together(itemId);
      expect(all.length).toBeGreaterThan(3);
      const [first, second, ...others] = all;
      const list = (rules: object) => model.related(itemId, { kind: 'together', n: 30, ...rules });
      const sorted = (items: readonly { id: string; score: number }[] = []) =>
        items.toSorted((x, y) => y.score - x.score || (x.id < y.id ? -1 : 1));
      expect(sorted(list({})?.items)).toEqual(sorted(all));
      expect(list({})?.items).toEqual(list({})?.items.toSorted((x, y) => y.score - x.score));
      const denied = list({ deny: [first?.id, second?.id] });
      expect(denied).toMatchObject({ source: 'together' });
      expect(sorted(denied?.items)).toEqual(sorted(others));
      expect(list({ allow: [second?.id, itemId] })?.items).toEqual([second]);
    },
  );

  it('gives the next items of an item without pairs, or of a model without them', async () => {
    const plain = await trainTiny({ parts: ['network'] });
    expect(plain.related(a, { kind: 'together' })).toEqual(plain.related(a));
  });

  it('gives nothing for an unknown item, and refuses what the model cannot tell', () => {
    expect(model.related('none')).toBeUndefined();
    expect(() => model.related(b, { kind: 'alike' })).toThrow('Train a model with itemFeatures');
    expect(() => model.related(c, { kind: 'like' as 'alike' })).toThrow('"kind" expected');
  });
});
