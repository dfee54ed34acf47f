import { createWasmEngine } from '@gru4rec/engine-wasm';
import { expectClose } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { train } from '../../src/training/train.ts';
import { tinyConfig, tinyData } from '../tiny-data.ts';

const data = tinyData();
const model = await train(data, tinyConfig({ layers: [12, 7] }), { engine: createWasmEngine() });
const [a, b, c] = data.itemIds as [string, string, string];

describe('startSession', () => {
  it('scores a session like the scorer', () => {
    const visit = model.startSession();
    const session = model.scorer().open(1);
    let scores = new Float32Array();
    for (const [i, item] of [a, b, c].entries()) {
      visit.click(item);
      const input = Int32Array.of(model.itemIndex(item) ?? -1);
      scores = Float32Array.from(session.step(input, Float32Array.of(i === 0 ? 1 : 0)));
    }
    const byId = new Map(visit.top(30).map(({ itemId, score }) => [itemId, score]));
    const visited = data.itemIds.map((id) => byId.get(id) ?? Number.NaN);
    expectClose(visited, scores, { absolute: 1e-6, relative: 1e-5, name: 'scores' });
    expect(byId.size).toBe(30);
    session.close();
  });

  it('keeps sessions separate', () => {
    const single = model.startSession();
    single.click(a);
    single.click(b);
    const [first, second] = [model.startSession(), model.startSession()];
    first.click(a);
    second.click(c);
    first.click(b);
    expect(first.top(5)).toEqual(single.top(5));
  });

  it('gives the best items first, on request without seen ones', () => {
    const visit = model.startSession();
    visit.click(a);
    const all = visit.top(30);
    expect(all.map((r) => r.score)).toEqual(all.map((r) => r.score).sort((x, y) => y - x));
    const unseen = visit.top(30, { excludeSeen: true }).map((r) => r.itemId);
    expect(unseen).not.toContain(a);
    expect(unseen).toHaveLength(29);
  });

  it('remembers all seen items, however long the session', () => {
    const visit = model.startSession();
    for (const itemId of [...data.itemIds, ...data.itemIds]) visit.click(itemId);
    expect(visit.top(30, { excludeSeen: true })).toEqual([]);
  });

  it('leaves out what was purchased, by the type of the click, on request', () => {
    const visit = model.startSession();
    visit.click(a, { type: 'view' });
    visit.click(b, { type: 'purchase', device: 'phone' });
    visit.click(c);
    const idsOf = (selection: object) => visit.top(30, selection).map(({ itemId }) => itemId);
    expect(idsOf({ excludePurchased: true })).toEqual(idsOf({}).filter((id) => id !== b));
    expect(visit.rank([a, b], { excludePurchased: true }).items.map(({ itemId }) => itemId)).toEqual([a]);
    expect(idsOf({ excludePurchased: true, excludeSeen: true })).toHaveLength(27);
    expect(() => visit.top(3, { excludePurchased: 'buy' } as never)).toThrow('"excludePurchased" expected');
  });

  it('ranks candidates in the same order as all items', () => {
    const visit = model.startSession();
    visit.click(a);
    const candidates = [c, 'no such item', b];
    const { items, unknown } = visit.rank(candidates);
    const all = visit.top(30).map(({ itemId }) => itemId);
    const byRank = all.filter((itemId) => candidates.includes(itemId));
    expect(items.map(({ itemId }) => itemId)).toEqual(byRank);
    expect(unknown).toEqual(['no such item']);
  });

  it('takes a whole number for its digits, as files and the server do', () => {
    const [visit, plain] = [model.startSession(), model.startSession()];
    expect(visit.click(Number(a))).toBe(true);
    plain.click(a);
    expect(visit.top(3)).toEqual(plain.top(3));
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
    expect(visit.top(3)).toEqual(plain.top(3));
  });

  it('gives popular items before the first known click, as the server, and refuses a wrong count', () => {
    const visit = model.startSession();
    visit.click('no such item');
    expect(visit.top(5, { deny: [a] })).toEqual(model.popularItems()?.top(5, { deny: [a] }));
    expect(visit.rank([a, b])).toEqual(model.popularItems()?.rank([a, b]));
    expect(() => visit.top(0)).toThrow('top: "n" expected a positive integer, got 0');
    visit.click(a);
    expect(() => visit.top(0)).toThrow('top: "n" expected a positive integer, got 0');
  });
});
