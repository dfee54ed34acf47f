import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { namedItems, type Running, startServer } from '../tiny-server.ts';

let running: Running;
beforeAll(async () => {
  running = await startServer({}, afterAll);
});

describe('POST /v1/recommend', () => {
  it('answers as the library does, and remembers nothing', async () => {
    const session = running.model.startSession();
    for (const item of ['1021', '1035']) session.click(item);
    for (let twice = 0; twice < 2; twice++) {
      const { body } = await running.ask('/v1/recommend', { items: ['1021', 'unknown', '1035'], n: 7 });
      expect(body.items).toEqual(namedItems(session.top(7)));
      expect(body).toMatchObject({ unknown: ['unknown'], fallback: false });
    }
  });

  it('answers many at once as one by one', async () => {
    const ids = running.model.itemIds.slice();
    const questions = Array.from({ length: 100 }, (_, at) => ids.slice(at % 20, (at % 20) + 1 + (at % 7)));
    const replies = await Promise.all(
      questions.map((items) => running.ask('/v1/recommend', { items, n: 4 })),
    );
    for (const [at, { body }] of replies.entries()) {
      const session = running.model.startSession();
      for (const item of questions[at]!) session.click(item);
      expect(body.items).toEqual(namedItems(session.top(4)));
    }
  });
});

describe('POST /v1/rank', () => {
  const unknownItems = async () => {
    const { body } = await running.ask('/metrics');
    return Number(/^gru4rec_unknown_items_total\{model="shop"\} (\d+)$/m.exec(body)?.[1] ?? 0);
  };

  it('orders candidates as the library does', async () => {
    const session = running.model.startSession();
    session.click('1021');
    const candidates = ['1007', 'unknown', '1049', '1000'];
    const before = await unknownItems();
    const { body } = await running.ask('/v1/rank', { items: ['1021', 'gone'], candidates });
    expect(body.items).toEqual(namedItems(session.rank(candidates).items));
    expect(body).toMatchObject({ unknown: ['gone', 'unknown'], fallback: false });
    expect(await unknownItems()).toBe(before + 2);
  });

  it('orders by popularity after no known item', async () => {
    const candidates = ['1007', '1049', '1000', '1021'];
    const { body } = await running.ask('/v1/rank', { items: [], candidates });
    const { itemIds, recentClicks = [] } = running.model;
    const clicks = (id: string) => recentClicks[itemIds.indexOf(id)]!;
    expect(body.fallback).toBe(true);
    for (const { id, score } of body.items) expect(score).toBe(clicks(id));
  });
});
