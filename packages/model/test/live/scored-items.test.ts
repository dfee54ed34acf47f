import { createWasmEngine } from '@gru4rec/engine-wasm';
import { ItemIdTable } from '@gru4rec/item-ids';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Gru4Rec } from '../../src/gru4rec.ts';
import { ScoredItems } from '../../src/live/recommender.ts';
import { train } from '../../src/training/train.ts';
import { tinyConfig, tinyData } from '../tiny-data.ts';

const engine = createWasmEngine();
const model = await train(tinyData(), tinyConfig(), { engine });
const ids = [...model.itemIds];
const [first = ''] = ids;

describe('ScoredItems', () => {
  it('orders items by score, then by index, as a sort does', () => {
    const itemIds = ['a', 'b', 'c', 'd', 'e', 'f'];
    const table = ItemIdTable.from(itemIds);
    const clicks = fc.array(fc.nat({ max: 3 }), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(clicks, fc.integer({ min: 1, max: 8 }), fc.subarray(itemIds), (counts, n, deny) => {
        const popular = new ScoredItems(Float32Array.from(counts), table);
        const expected = itemIds
          .map((itemId, at) => ({ itemId, score: counts[at] }))
          .filter(({ itemId }) => !deny.includes(itemId))
          .sort((a, b) => Number(b.score) - Number(a.score));
        expect(popular.top(n, { deny })).toEqual(expected.slice(0, n));
        expect(popular.rank([...deny, 'x'])).toEqual({
          items: itemIds
            .map((itemId, at) => ({ itemId, score: counts[at] }))
            .filter(({ itemId }) => deny.includes(itemId))
            .sort((a, b) => Number(b.score) - Number(a.score)),
          unknown: ['x'],
        });
      }),
    );
  });
});

describe('live sessions with coldStart', () => {
  it('give popular items until the first known click, then those of the model', () => {
    const live = model.sessions({ coldStart: 'popular' });
    const popular = model.popularItems()?.top(3);
    expect(popular).toHaveLength(3);
    expect(live.top('s', 3)).toEqual(popular);
    live.click([{ session: 's', item: 'unknown' }]);
    expect(live.top('s', 3)).toEqual(popular);
    live.click([{ session: 's', item: first }]);
    const visit = model.startSession();
    visit.click(first);
    const own = live.top('s', 3);
    expect(own.map(({ itemId }) => itemId)).toEqual(visit.top(3).map(({ itemId }) => itemId));
    expect(live.topOfEach(['t', 's', 'u'], 3)).toEqual([popular, own, popular]);
    expect(
      live
        .rank('t', ids.slice(0, 2))
        .items.map(({ itemId }) => itemId)
        .sort(),
    ).toEqual(ids.slice(0, 2).sort());
    expect(live.end('s')).toBe(true);
    expect(live.top('s', 3)).toEqual(popular);
  });

  it('refuse a session that is not live, only with `none`', () => {
    const live = model.sessions({ coldStart: 'none' });
    expect(() => live.top('s', 3)).toThrow('expected a live session');
    expect(() => live.rank('s', ids)).toThrow('expected a live session');
    expect(model.sessions().top('s', 3)).toEqual(model.popularItems()?.top(3));
  });

  it('give items in order where a model records no clicks, and name wrong values', () => {
    const { config, itemIds, history, tensors } = model;
    const imported = new Gru4Rec({ config, itemIds, history, tensors, engine });
    expect(imported.popularItems()).toBeUndefined();
    const zeros = ids.slice(0, 2).map((itemId) => ({ itemId, score: 0 }));
    expect([imported.sessions().top('s', 2), imported.startSession().top(2)]).toEqual([zeros, zeros]);
    expect(() => model.sessions({ coldStart: 'pop' as never })).toThrow(
      'sessions: "coldStart" expected popular, none, got "pop"',
    );
  });
  it('take a session for live or not at one moment', () => {
    const clock = { ms: 0, step: 0 };
    const now = () => (clock.ms += clock.step);
    const live = model.sessions({ coldStart: 'popular', maxAgeMs: 10, now });
    live.click([{ session: 's', item: first }]);
    Object.assign(clock, { ms: 9, step: 1 });
    const own = live.topOfEach(['s'], 3)[0];
    Object.assign(clock, { ms: 9 + 10, step: 1 });
    const ranked = live.rank('s', ids.slice(0, 2));
    const visit = model.startSession();
    visit.click(first);
    expect(own).toEqual(visit.top(3));
    expect(ranked).toEqual(visit.rank(ids.slice(0, 2)));
  });

  it('take lists of ids that can be read once, for cold and live sessions alike', () => {
    const live = model.sessions({ coldStart: 'popular' });
    const visitors = ['s', 't', 'u', 'cold', 'colder'];
    live.click(visitors.slice(0, 3).map((session, at) => ({ session, item: ids[at] ?? '' })));
    for (const some of [ids.slice(0, 20), ids.slice(4, 7)]) {
      for (const name of ['allow', 'deny'] as const) {
        expect(live.topOfEach(visitors, 5, { [name]: new Set(some).values() })).toEqual(
          live.topOfEach(visitors, 5, { [name]: some }),
        );
      }
    }
  });
});
