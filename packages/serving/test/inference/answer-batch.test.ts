import { AllowedItems, ResolvedSelection, type Selection, train } from '@gru4rec/model';
import { tinySessions } from '@gru4rec/test-support';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { BatchAnswerer } from '../../src/inference/answer-batch.ts';
import { noRules, type Query } from '../../src/inference/messages.ts';
import { engine } from '../tiny-server.ts';

/** More than the engine lists at first, so that rules may leave too few of a list. */
const ITEMS = 400;
const groupOf = (item: number) => (item % 7 === 0 ? undefined : item % 5);

const item = fc.nat({ max: ITEMS - 1 });
const boost = fc.double({ min: -2, max: 2, noNaN: true });
/** Of an item, or of one that the model does not know. */
const pin = fc.record({ position: fc.integer({ min: 1, max: 9 }), item: fc.integer({ min: -1, max: 9 }) });
const question = fc.record({
  slot: fc.nat({ max: 2 }),
  steps: fc.array(item, { minLength: 1, maxLength: 4 }),
  n: fc.constantFrom(1, 5, 20, 40, 300, 500),
  excluded: fc.oneof(
    fc.array(item, { maxLength: 5 }),
    fc.uniqueArray(item, { minLength: 200, maxLength: 390 }),
  ),
  allowed: fc.option(fc.uniqueArray(item, { maxLength: ITEMS }), { nil: undefined }),
  maxPerGroup: fc.constantFrom(0, 0, 1, 3),
  sold: fc.constantFrom(0, 0, 3),
  itemBoosts: fc.oneof(fc.constant([]), fc.array(fc.tuple(item, boost), { maxLength: 5 })),
  groupBoosts: fc.oneof(fc.constant([]), fc.array(fc.tuple(fc.nat({ max: 4 }), boost), { maxLength: 2 })),
  pins: fc.array(pin, { maxLength: 4 }),
});

describe.each([
  ['', {}],
  [' with a repeat bias', { parts: ['network', 'repeats', 'co-occurrences'], repeatLength: 40 } as const],
])('BatchAnswerer%s', (_name, values) => {
  let model: Awaited<ReturnType<typeof train>>;
  let answerer: BatchAnswerer;
  let scores: Float32Array;
  beforeAll(async () => {
    const { itemIds, support, ...sessions } = tinySessions({ sessions: 400, items: ITEMS, seed: 5 });
    const config = { layers: [16], batchSize: 8, nSample: 32, nEpochs: 1, learningRate: 0.1, ...values };
    model = await train({ itemIds, support, train: sessions }, config, { engine, validation: sessions });
    scores = Float32Array.from(support);
    answerer = new BatchAnswerer({
      live: model.live,
      startOf: (...asked) => model.startOf(...asked),
      itemCount: ITEMS,
      trending: scores,
      trained: 390,
      maxBatch: 4,
    });
  });

  it('answers a batch as the library answers its questions one by one', () => {
    fc.assert(
      fc.property(fc.array(question, { minLength: 1, maxLength: 8 }), (questions) => {
        const sold = questions[0]!.sold;
        const every = Array.from({ length: ITEMS }, (_, one) => one);
        const unavailable = every.filter((one) => sold && one % sold === 0);
        const available = AllowedItems.of(
          every.filter((one) => !unavailable.includes(one)),
          ITEMS,
        );
        const groups = Int32Array.from(every, (one) => groupOf(one) ?? -1);
        const id = (index: number) => model.itemIds.at(index) ?? 'unknown';
        const asked = questions.map(({ steps, n, excluded, allowed, maxPerGroup, ...more }) => {
          const [itemBoosts, groupBoosts] = [new Map(more.itemBoosts), new Map(more.groupBoosts)];
          const boosts = (map: Map<number, number>, name: (key: number) => string) =>
            new Map(Array.from(map, ([key, value]) => [name(key), value] as const));
          const needsGroups = maxPerGroup > 0 || groupBoosts.size > 0;
          const selection: Selection = {
            deny: [...excluded, ...unavailable].map(id),
            ...(allowed && { allow: allowed.map(id) }),
            ...(maxPerGroup > 0 && { maxPerGroup }),
            ...(needsGroups && {
              groups: (itemId: string) => groupOf(model.itemIndex(itemId)!)?.toString(),
            }),
            boost: {
              items: boosts(itemBoosts, id),
              ...(groupBoosts.size > 0 && { groups: boosts(groupBoosts, String) }),
            },
            pinned: more.pins.map((one) => ({ ...one, item: id(one.item) })),
          };
          const resolved = new ResolvedSelection(selection, { itemIds: model.itemIds, n });
          const rules = { ...resolved.rules(), available, variety: 0, maxPerGroup, groups, groupBoosts };
          const query: Query = { slot: more.slot, reset: true, steps, n, source: { kind: 'model' }, rules };
          return { steps, n, selection, query };
        });
        const queries = asked.map(({ query }) => query);
        const { counts, items, scores } = answerer.answer(structuredClone(queries));
        let at = 0;
        for (const [i, { steps, n, selection }] of asked.entries()) {
          const session = model.startSession();
          for (const step of steps) session.click(id(step));
          const expected = session.recommend(n, selection);
          const end = at + counts[i]!;
          expect(Array.from(items.subarray(at, end), id)).toEqual(expected.map(({ id }) => id));
          expect([...scores.subarray(at, end)]).toEqual(expected.map(({ score }) => score));
          at = end;
        }
      }),
      { numRuns: 60 },
    );
  });

  it('lists what is trending, but no later item without a count, unless only some are allowed', () => {
    for (const one of scores.keys()) scores[one] = one >= 390 ? one % 2 : 1 / (1 + one);
    const available = AllowedItems.of(
      [...Array(ITEMS).keys()].filter((one) => one !== 391),
      ITEMS,
    );
    const listed = (n: number, allowed?: AllowedItems) => {
      const rules = { ...noRules, available, allowed };
      const query: Query = { slot: 1, reset: true, steps: [], n, source: { kind: 'trending' }, rules };
      return [...answerer.answer([query]).items];
    };
    expect(listed(6)).toEqual([0, 393, 395, 397, 399, 1]);
    expect(listed(ITEMS)).toHaveLength(394);
    const some = AllowedItems.of([390, 392, 393], ITEMS);
    expect(listed(2, some)).toEqual([393]);
    expect(listed(3, some)).toEqual([393, 390, 392]);
  });

  it('keeps the states of slots between batches, and answers a slot twice in a batch in order', () => {
    const query = (reset: boolean, step: number): Query => {
      return { slot: 1, reset, steps: [step], n: 3, source: { kind: 'model' }, rules: noRules };
    };
    const first = answerer.answer([query(true, 5), query(false, 9)]);
    const second = answerer.answer([query(false, 2)]);
    const session = model.startSession();
    const expected = [5, 9, 2].flatMap((step) => {
      session.click(model.itemIds.at(step) as string);
      return session.recommend(3).map(({ id }) => model.itemIndex(id));
    });
    expect([...first.items, ...second.items]).toEqual(expected);
  });
});
