import { ItemIdTable } from '@gru4rec/dataset/ids';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Gru4Rec } from '../../src/gru4rec.ts';
import { type Recommendation, ScoredItems, SeenItems } from '../../src/live/recommender.ts';
import type { Pin, Selection } from '../../src/live/selection.ts';
import { engine, trainTiny } from '../tiny-data.ts';

describe('SeenItems', () => {
  it('holds the last distinct items for any limit', () => {
    const limits = fc.oneof(fc.integer({ min: 1, max: 30 }), fc.constant(Number.POSITIVE_INFINITY));
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 40 }), { maxLength: 120 }), limits, (items, limit) => {
        const seen = new SeenItems(limit);
        for (const item of items) seen.add(item);
        const latestFirst = [...new Set(items.toReversed())];
        expect(seen.toSet()).toEqual(new Set(latestFirst.slice(0, limit)));
      }),
      { seed: 1 },
    );
  });
});

const model = await trainTiny({ nEpochs: 1 });
const itemIds = model.itemIds.slice();
const [a, b, c] = itemIds as [string, string, string];
const clicked = [itemIds[3], itemIds[8], itemIds[20]];
const visit = model.startSession();
for (const itemId of clicked) visit.click(itemId);
/** Every item, best first. */
const all = visit.recommend(30);

/** The model with other items and other output parameters. */
function withOutput(ids: readonly string[], value: (i: number) => number): Gru4Rec {
  const kept = model.tensors.filter(({ name }) => name !== 'Wy' && name !== 'by');
  const output = (name: string, cols: number) => {
    const values = Float32Array.from({ length: ids.length * cols }, (_, i) => value(i));
    return { name, kind: 'table' as const, rows: ids.length, cols, values };
  };
  const tensors = [...kept, output('Wy', 12), output('by', 1)];
  return new Gru4Rec({ config: model.config, history: [], engine, itemIds: ids, tensors });
}

const idsOf = (answer: readonly Recommendation[]) => answer.map(({ id }) => id);

/** Takes items best first, as far as the selection allows, and then puts the pinned ones at their positions. */
function select(n: number, { allow, deny, excludeSeen, ...rules }: Selection): Recommendation[] {
  const { groups, maxPerGroup = 30, boost, pinned = [] } = rules;
  const [allowed, denied] = [allow && new Set(allow), new Set(deny)];
  const groupOf = (id: string) => (typeof groups === 'function' ? groups(id) : groups?.get(id));
  const isOut = (id: string) =>
    allowed?.has(id) === false || denied.has(id) || (excludeSeen && clicked.includes(id)) || false;
  const boosted = all.map(({ id, score }) => {
    const ofGroup = boost?.groups?.get(groupOf(id) ?? '') ?? 0;
    return { id, score: score + ((boost?.items?.get(id) ?? 0) + ofGroup) };
  });
  const fitting = pinned.filter(({ item, position }) => position <= n && !isOut(item));
  const pins = fitting.filter((pin) => isKept(pin, fitting));
  const counts = new Map<string, number>();
  const left = boosted
    .sort((a, b) => b.score - a.score || itemIds.indexOf(a.id) - itemIds.indexOf(b.id))
    .filter(({ id }) => {
      if (isOut(id) || pins.some(({ item }) => item === id)) return false;
      const group = groupOf(id);
      if (group === undefined) return true;
      counts.set(group, (counts.get(group) ?? 0) + 1);
      return (counts.get(group) ?? 0) <= maxPerGroup;
    })
    .slice(0, n);
  for (const { item, position } of pins.sort((a, b) => a.position - b.position)) {
    const score = boosted.find(({ id }) => id === item)?.score ?? Number.NaN;
    left.splice(position - 1, 0, { id: item, score });
  }
  return left.slice(0, n);
}

/** Whether a pin has its position: neither its item nor its position is taken by an earlier one. */
function isKept(pin: Pin, pins: readonly Pin[]): boolean {
  const before = pins.slice(0, pins.indexOf(pin)).filter((other) => isKept(other, pins));
  return !before.some(({ item, position }) => item === pin.item || position === pin.position);
}

const someIds = fc.array(fc.constantFrom(...itemIds, 'no such item'), { maxLength: 40 });
const groupMaps = fc
  .array(fc.option(fc.constantFrom('x', 'y', 'z'), { nil: undefined }), { minLength: 30, maxLength: 30 })
  .map((labels) => {
    const pairs = labels.flatMap((label, i) => (label ? [[itemIds[i], label] as const] : []));
    return new Map(pairs);
  });
const limits = fc.oneof(
  fc.constant({}),
  fc.record({ groups: groupMaps, maxPerGroup: fc.integer({ min: 1, max: 5 }) }),
);
const lists = fc.record({ allow: someIds, deny: someIds, excludeSeen: fc.boolean() }, { requiredKeys: [] });
const numbers = (names: readonly string[]) =>
  fc
    .array(fc.tuple(fc.constantFrom(...names), fc.double({ min: -2, max: 2, noNaN: true })))
    .map((pairs) => new Map(pairs));
const boosts = fc.oneof(
  fc.constant({}),
  fc.record({ boost: fc.record({ items: numbers([...itemIds, 'x']) }) }),
  fc.record({
    groups: groupMaps,
    boost: fc.record({ items: numbers(itemIds), groups: numbers(['x', 'y']) }),
  }),
);
const pins = fc.array(
  fc.record({ position: fc.integer({ min: 1, max: 40 }), item: fc.constantFrom(...itemIds, 'no such item') }),
  { maxLength: 8 },
);
const pinned = fc.oneof(fc.constant({}), fc.record({ pinned: pins }));
const selections: fc.Arbitrary<Selection> = fc
  .tuple(lists, limits, boosts, pinned)
  .map((rules) => Object.assign({}, ...rules));

describe('recommend', () => {
  it('accepts groups as a map or a function', () => {
    const groups = new Map(itemIds.slice(0, 25).map((itemId, i) => [itemId, i % 2 ? 'odd' : 'even']));
    const byMap = visit.recommend(9, { groups, maxPerGroup: 2 });
    expect(visit.recommend(9, { groups: (itemId) => groups.get(itemId), maxPerGroup: 2 })).toEqual(byMap);
  });

  it('mixes for variety, also popular items and candidates; 0 changes nothing', () => {
    const popular = model.popularItems();
    for (const some of [visit, popular]) {
      const plain = some?.recommend(9);
      expect(some?.recommend(9, { variety: 0 })).toEqual(plain);
      expect(some?.recommend(9, { variety: 0.9 })[0]).toEqual(plain?.[0]);
      expect(some?.recommend(9, { variety: 0.9 })).not.toEqual(plain);
      expect(some?.rank(itemIds, { variety: 0.9 }).items).not.toEqual(some?.rank(itemIds).items);
    }
    const without = new ScoredItems(new Float32Array(30), model.itemIds);
    const message = '"variety" expected a model whose items have vectors, such as a GRU4Rec, got one without';
    expect(() => without.recommend(9, { variety: 0.1 })).toThrow(`recommend: ${message}`);
  });

  it('agrees with the naive selection from all sorted items', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 35 }), selections, (n, selection) => {
        expect(visit.recommend(n, selection)).toEqual(select(n, selection));
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

describe('rank', () => {
  it('ranks each candidate once, and reports unknown ones', () => {
    const { items, unknown } = visit.rank([itemIds[5], 'x', itemIds[6], itemIds[5], 'y']);
    expect(unknown).toEqual(['x', 'y']);
    const wanted = all.filter(({ id }) => id === itemIds[5] || id === itemIds[6]);
    expect(idsOf(items)).toEqual(idsOf(wanted));
    for (const [i, { score }] of items.entries()) expect(score).toBeCloseTo(wanted[i].score, 5);
  });

  it('ranks more candidates than one engine call scores', () => {
    const ids = Array.from({ length: 600 }, (_, i) => `i${i}`);
    const session = withOutput(ids, Math.sin).startSession();
    session.click('i7');
    const ranked = session.rank(ids).items;
    expect(ranked).toHaveLength(600);
    for (const [i, { score }] of session.recommend(600).entries())
      expect(ranked[i].score).toBeCloseTo(score, 5);
  });

  it('orders equal scores by item index', () => {
    const session = withOutput(['c', 'b', 'a'], () => 0).startSession();
    session.click('c');
    const ids = ['a', 'c', 'b'];
    for (const answer of [
      session.rank(ids).items,
      session.recommend(3),
      session.recommend(3, { allow: ids }),
    ]) {
      expect(idsOf(answer)).toEqual(['c', 'b', 'a']);
    }
  });

  it('agrees with the naive selection from all sorted items', () => {
    fc.assert(
      fc.property(someIds, selections, (candidates, selection) => {
        const { allow = itemIds } = selection;
        const allowed = new Set(allow);
        const both = candidates.filter((itemId) => allowed.has(itemId));
        const { items } = visit.rank(candidates, selection);
        expect(idsOf(items)).toEqual(idsOf(select(30, { ...selection, allow: both, pinned: [] })));
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

describe('Selection', () => {
  it.each<[selection: unknown, message: string]>([
    [{ allow: 'a,b' }, '"allow" expected a list of item ids, got "a,b"'],
    [{ maxPerGroup: 2 }, '"groups" expected a value beside "maxPerGroup", got none'],
    [{ groups: new Map(), maxPerGroup: 0 }, '"maxPerGroup" expected integer >= 1, got 0.'],
    [{ variety: 1.1 }, '"variety" expected number in [0, 1], got 1.1.'],
    [{ boost: { items: { a: 1 } } }, '"boost.items" expected a Map, got {"a":1}'],
    [{ boost: { items: new Map([['a', '1']]) } }, '"boost.items" of a expected a number, got 1'],
    [{ pinned: [{ position: 0, item: 'a' }] }, '"pinned[0].position" expected a positive integer, got 0'],
  ])('refuses %j', (selection, message) => {
    expect(() => visit.recommend(3, selection as Selection)).toThrow(`recommend: ${message}`);
    expect(() => visit.rank([], selection as Selection)).toThrow(`rank: ${message}`);
  });

  it('is for a list of candidates', () => {
    const message = 'rank: "itemIds" expected a list of item ids, got "a,b"';
    expect(() => visit.rank('a,b' as never)).toThrow(message);
  });
});

describe('startSession', () => {
  it('remembers all seen items, however long the session', () => {
    const visit = model.startSession();
    for (const itemId of [...itemIds, ...itemIds]) visit.click(itemId);
    expect(visit.recommend(30, { excludeSeen: true })).toEqual([]);
  });

  it('leaves out what was purchased, by the type of the click, on request', () => {
    const visit = model.startSession();
    visit.click(a, { type: 'view' });
    visit.click(b, { type: 'purchase', device: 'phone' });
    visit.click(c);
    const listed = (selection: object) => idsOf(visit.recommend(30, selection));
    expect(listed({ excludePurchased: true })).toEqual(listed({}).filter((id) => id !== b));
    expect(idsOf(visit.rank([a, b], { excludePurchased: true }).items)).toEqual([a]);
    expect(listed({ excludePurchased: true, excludeSeen: true })).toHaveLength(27);
    expect(() => visit.recommend(3, { excludePurchased: 'buy' } as never)).toThrow(
      '"excludePurchased" expected',
    );
  });

  it('takes a whole number for its digits, as files and the server do', () => {
    const [visit, plain] = [model.startSession(), model.startSession()];
    expect(visit.click(Number(a))).toBe(true);
    plain.click(a);
    expect(visit.recommend(3)).toEqual(plain.recommend(3));
    const live = model.sessions();
    expect(live.click([{ session: 's', item: Number(a) }])).toEqual([{ known: true, started: true }]);
  });

  it('skips and reports unknown items', () => {
    const visit = model.startSession();
    expect(visit.click('no such item')).toBe(false);
    expect(visit.click(a)).toBe(true);
    expect(visit.unknown).toEqual(['no such item']);
    const plain = model.startSession();
    plain.click(a);
    expect(visit.recommend(3)).toEqual(plain.recommend(3));
  });

  it('gives popular items before the first known click, as the server, and refuses a wrong count', () => {
    const visit = model.startSession();
    visit.click('no such item');
    expect(visit.recommend(5, { deny: [a] })).toEqual(model.popularItems()?.recommend(5, { deny: [a] }));
    expect(visit.rank([a, b])).toEqual(model.popularItems()?.rank([a, b]));
    expect(() => visit.recommend(0)).toThrow('recommend: "n" expected a positive integer, got 0');
    visit.click(a);
    expect(() => visit.recommend(0)).toThrow('recommend: "n" expected a positive integer, got 0');
  });
});

describe('ScoredItems', () => {
  it('orders items by score, then by index, as a sort does', () => {
    const itemIds = ['a', 'b', 'c', 'd', 'e', 'f'];
    const table = ItemIdTable.from(itemIds);
    const clicks = fc.array(fc.nat({ max: 3 }), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(clicks, fc.integer({ min: 1, max: 8 }), fc.subarray(itemIds), (counts, n, deny) => {
        const popular = new ScoredItems(Float32Array.from(counts), table);
        const sorted = itemIds
          .map((id, at) => ({ id, score: counts[at] }))
          .sort((a, b) => Number(b.score) - Number(a.score));
        const isOut = ({ id }: { readonly id: string }) => deny.includes(id);
        const listed = sorted.filter((item) => !isOut(item)).slice(0, n);
        expect(popular.recommend(n, { deny })).toEqual(listed);
        expect(popular.rank([...deny, 'x'])).toEqual({ items: sorted.filter(isOut), unknown: ['x'] });
      }),
    );
  });
});

describe('live sessions without a known click', () => {
  it('give popular items until the first known click, then those of the model', () => {
    const live = model.sessions();
    const popular = model.popularItems()?.recommend(3);
    expect(popular).toHaveLength(3);
    expect(live.recommend('s', 3)).toEqual(popular);
    live.click([{ session: 's', item: 'unknown' }]);
    expect(live.recommend('s', 3)).toEqual(popular);
    live.click([{ session: 's', item: a }]);
    const visit = model.startSession();
    visit.click(a);
    const known = live.recommend('s', 3);
    expect(idsOf(known)).toEqual(idsOf(visit.recommend(3)));
    expect(live.recommendEach(['t', 's', 'u'], 3)).toEqual([popular, known, popular]);
    expect(live.rank('t', itemIds.slice(0, 2))).toEqual(model.popularItems()?.rank(itemIds.slice(0, 2)));
    expect(live.end('s')).toBe(true);
    expect(live.recommend('s', 3)).toEqual(popular);
  });

  it('give items in order where a model records no clicks, and name wrong values', () => {
    const imported = new Gru4Rec({ ...model, recentClicks: undefined, engine });
    expect(imported.popularItems()).toBeUndefined();
    const zeros = itemIds.slice(0, 2).map((id) => ({ id, score: 0 }));
    expect([imported.sessions().recommend('s', 2), imported.startSession().recommend(2)]).toEqual([
      zeros,
      zeros,
    ]);
  });

  it('take a session for live or not at one moment', () => {
    const clock = { ms: 0, step: 0 };
    const now = () => (clock.ms += clock.step);
    const live = model.sessions({ maxAgeMs: 10, now });
    live.click([{ session: 's', item: a }]);
    Object.assign(clock, { ms: 9, step: 1 });
    const known = live.recommendEach(['s'], 3)[0];
    Object.assign(clock, { ms: 9 + 10, step: 1 });
    const ranked = live.rank('s', itemIds.slice(0, 2));
    const visit = model.startSession();
    visit.click(a);
    expect(known).toEqual(visit.recommend(3));
    expect(ranked).toEqual(visit.rank(itemIds.slice(0, 2)));
  });

  it('take lists of ids that can be read once, for cold and live sessions alike', () => {
    const live = model.sessions();
    const visitors = ['s', 't', 'u', 'cold', 'colder'];
    live.click(visitors.slice(0, 3).map((session, at) => ({ session, item: itemIds[at] ?? '' })));
    for (const some of [itemIds.slice(0, 20), itemIds.slice(4, 7)]) {
      for (const name of ['allow', 'deny'] as const) {
        expect(live.recommendEach(visitors, 5, { [name]: new Set(some).values() })).toEqual(
          live.recommendEach(visitors, 5, { [name]: some }),
        );
      }
    }
  });
});
