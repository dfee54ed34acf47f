import { createWasmEngine } from '@gru4rec/engine-wasm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Gru4Rec } from '../../src/gru4rec.ts';
import type { Recommendation } from '../../src/live/recommender.ts';
import type { Pin, Selection } from '../../src/live/selection.ts';
import { trainLive } from './live-models.ts';

const model = (await trainLive())();
const itemIds = model.itemIds.slice();
const clicked = [itemIds[3], itemIds[8], itemIds[20]];
const visit = model.startSession();
for (const itemId of clicked) visit.click(itemId);
/** Every item, best first. */
const all = visit.top(30);

/** The model with other items and other output parameters. */
function withOutput(ids: readonly string[], value: (i: number) => number): Gru4Rec {
  const kept = model.tensors.filter(({ name }) => name !== 'Wy' && name !== 'by');
  const output = (name: string, cols: number) => {
    const values = Float32Array.from({ length: ids.length * cols }, (_, i) => value(i));
    return { name, kind: 'table' as const, rows: ids.length, cols, values };
  };
  const tensors = [...kept, output('Wy', 12), output('by', 1)];
  return new Gru4Rec({
    config: model.config,
    history: [],
    engine: createWasmEngine(),
    itemIds: ids,
    tensors,
  });
}

const idsOf = (answer: readonly Recommendation[]) => answer.map(({ itemId }) => itemId);

/** Takes items best first, as far as the selection allows, and then puts the pinned ones at their positions. */
function select(n: number, { allow, deny, excludeSeen, ...rules }: Selection): Recommendation[] {
  const { groups, maxPerGroup = 30, boost, pinned = [] } = rules;
  const [allowed, denied] = [allow && new Set(allow), new Set(deny)];
  const groupOf = (id: string) => (typeof groups === 'function' ? groups(id) : groups?.get(id));
  const isOut = (id: string) =>
    allowed?.has(id) === false || denied.has(id) || (excludeSeen && clicked.includes(id)) || false;
  const boosted = all.map(({ itemId, score }) => {
    const ofGroup = boost?.groups?.get(groupOf(itemId) ?? '') ?? 0;
    return { itemId, score: score + ((boost?.items?.get(itemId) ?? 0) + ofGroup) };
  });
  const fitting = pinned.filter(({ item, position }) => position <= n && !isOut(item));
  const pins = fitting.filter((pin) => isKept(pin, fitting));
  const counts = new Map<string, number>();
  const left = boosted
    .sort((a, b) => b.score - a.score || itemIds.indexOf(a.itemId) - itemIds.indexOf(b.itemId))
    .filter(({ itemId }) => {
      if (isOut(itemId) || pins.some(({ item }) => item === itemId)) return false;
      const group = groupOf(itemId);
      if (group === undefined) return true;
      counts.set(group, (counts.get(group) ?? 0) + 1);
      return (counts.get(group) ?? 0) <= maxPerGroup;
    })
    .slice(0, n);
  for (const { item, position } of pins.sort((a, b) => a.position - b.position)) {
    const score = boosted.find(({ itemId }) => itemId === item)?.score ?? Number.NaN;
    left.splice(position - 1, 0, { itemId: item, score });
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

describe('top', () => {
  it('returns only allowed items', () => {
    expect(idsOf(visit.top(5, { allow: [itemIds[1], itemIds[2], 'no such item'] })).sort()).toEqual(
      [itemIds[1], itemIds[2]].sort(),
    );
  });

  it('returns nothing if the allow-list leaves no item', () => {
    expect(visit.top(5, { allow: [] })).toEqual([]);
    expect(visit.top(5, { allow: ['no such item'] })).toEqual([]);
    expect(visit.top(5, { allow: clicked, excludeSeen: true })).toEqual([]);
  });

  it('leaves out denied and seen items', () => {
    const [first, second, ...others] = idsOf(all);
    expect(idsOf(visit.top(28, { deny: new Set([first, second, 'x']) }))).toEqual(others);
    const unseen = idsOf(all).filter((itemId) => !clicked.includes(itemId));
    expect(idsOf(visit.top(30, { excludeSeen: true }))).toEqual(unseen);
    expect(visit.top(30, { excludeSeen: false })).toEqual(all);
  });

  it('accepts groups as a map or a function', () => {
    const groups = new Map(itemIds.slice(0, 25).map((itemId, i) => [itemId, i % 2 ? 'odd' : 'even']));
    const byMap = visit.top(9, { groups, maxPerGroup: 2 });
    expect(idsOf(byMap)).toEqual(idsOf(select(9, { groups, maxPerGroup: 2 })));
    expect(idsOf(byMap).filter((itemId) => groups.has(itemId))).toHaveLength(4);
    expect(visit.top(9, { groups: (itemId) => groups.get(itemId), maxPerGroup: 2 })).toEqual(byMap);
  });

  it('agrees with the naive selection from all sorted items', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 35 }), selections, (n, selection) => {
        expect(visit.top(n, selection)).toEqual(select(n, selection));
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

describe('rank', () => {
  it('ranks each candidate once, and reports unknown ones', () => {
    const { items, unknown } = visit.rank([itemIds[5], 'x', itemIds[6], itemIds[5], 'y']);
    expect(unknown).toEqual(['x', 'y']);
    const wanted = all.filter(({ itemId }) => itemId === itemIds[5] || itemId === itemIds[6]);
    expect(idsOf(items)).toEqual(idsOf(wanted));
    for (const [i, { score }] of items.entries()) expect(score).toBeCloseTo(wanted[i].score, 5);
  });

  it('ranks nothing without candidates', () => {
    expect(visit.rank([])).toEqual({ items: [], unknown: [] });
  });

  it('ranks more candidates than one engine call scores', () => {
    const ids = Array.from({ length: 600 }, (_, i) => `i${i}`);
    const session = withOutput(ids, Math.sin).startSession();
    session.click('i7');
    const ranked = session.rank(ids).items;
    expect(ranked).toHaveLength(600);
    for (const [i, { score }] of session.top(600).entries()) expect(ranked[i].score).toBeCloseTo(score, 5);
  });

  it('orders equal scores by item index', () => {
    const session = withOutput(['c', 'b', 'a'], () => 0).startSession();
    session.click('c');
    const ids = ['a', 'c', 'b'];
    for (const answer of [session.rank(ids).items, session.top(3), session.top(3, { allow: ids })]) {
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
  const wrong: readonly [selection: unknown, message: string][] = [
    [{ allow: 'a,b' }, 'top: "allow" expected a list of item ids, got "a,b"'],
    [{ deny: 7 }, 'top: "deny" expected a list of item ids, got 7'],
    [{ maxPerGroup: 2 }, 'top: "groups" expected a value beside "maxPerGroup", got none'],
    [{ groups: new Map() }, 'top: "maxPerGroup" expected a value beside "groups", got none'],
    [{ groups: {}, maxPerGroup: 1 }, 'top: "groups" expected a Map or a function, got {}'],
    [{ groups: new Map(), maxPerGroup: 0 }, 'top: "maxPerGroup" expected integer >= 1, got 0.'],
    [{ boost: { groups: new Map() } }, 'top: "groups" expected a value beside "boost.groups", got none'],
    [{ boost: { items: { a: 1 } } }, 'top: "boost.items" expected a Map, got {"a":1}'],
    [{ boost: { items: new Map([['a', '1']]) } }, 'top: "boost.items" of a expected a number, got 1'],
    [
      { pinned: [{ position: 0, item: 'a' }] },
      'top: "pinned[0].position" expected a positive integer, got 0',
    ],
  ];

  it.each(wrong)('refuses %j', (selection, message) => {
    expect(() => visit.top(3, selection as Selection)).toThrow(message);
    expect(() => visit.rank([], selection as Selection)).toThrow(message.replace('top', 'rank'));
  });

  it('combines with a list of candidates', () => {
    expect(() => visit.rank('a,b' as never)).toThrow(
      new TypeError('rank: "itemIds" expected a list of item ids, got "a,b"'),
    );
  });
});
