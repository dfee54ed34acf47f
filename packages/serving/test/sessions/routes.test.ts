import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventLog, ItemsFile } from '../../src/index.ts';
import { eventOf } from '../clicks.ts';
import {
  idsOf,
  namedItems,
  type Reply,
  type Running,
  startServer,
  testFolder,
  topOf,
} from '../tiny-server.ts';

let running: Running;
beforeAll(async () => {
  running = await startServer({}, afterAll);
});

let sessions = 0;
const newSession = () => `session ${++sessions}/é`;
const eventsOf = (session: string) => `/v1/sessions/${encodeURIComponent(session)}/events`;
const recommendationsOf = (session: string) => eventsOf(session).replace('/events', '/recommendations');

describe('POST /v1/sessions/{sessionId}/events', () => {
  it('takes no click that it answers with an error, because the client sends it again', async () => {
    const session = newSession();
    for (const wrong of [{ fields: ['brand'] }, { maxPerGroup: 2 }, { boost: { groups: { a: 1 } } }]) {
      expect((await running.ask(eventsOf(session), { item: '1021', ...wrong })).status).toBe(400);
    }
    const { body } = await running.ask(recommendationsOf(session));
    expect(body.fallback).toBe(true);
  });

  it('answers each click with what the library recommends', async () => {
    const session = newSession();
    const clicks = ['1021', '1035', '1007', '1021'];
    for (const [at, item] of clicks.entries()) {
      const { status, body } = await running.ask(eventsOf(session), { item, n: 5, time: Date.now() + at });
      expect(status).toBe(200);
      expect(body).toMatchObject({ model: 'shop', unknown: [], fallback: false, source: 'model' });
      expect(body.modelVersion).toMatch(/^[0-9a-f]{64}$/);
      expect(body.items).toEqual(topOf(running.model, clicks.slice(0, at + 1), 5));
    }
  });

  it('takes clicks of the last day and the next five minutes by its clock, or of other times that it is given', async () => {
    const DAY_MS = 86_400_000;
    const wide = await startServer({ clickTimes: { behindMs: 0, aheadMs: 200 * DAY_MS } });
    const statusAt = async ({ ask }: Running, ms: number) =>
      (await ask(eventsOf(newSession()), { item: '1021', n: 0, time: Date.now() + ms })).status;
    for (const ms of [1000 - DAY_MS, 0, 299_000]) expect(await statusAt(running, ms)).toBe(200);
    for (const ms of [-1000 - DAY_MS, 301_000]) expect(await statusAt(running, ms)).toBe(400);
    expect(await statusAt(wide, 199 * DAY_MS)).toBe(200);
    expect(await statusAt(wide, -1000)).toBe(400);
    expect((await wide.ask(eventsOf('now'), { item: '1021' })).status).toBe(200);
    const session = newSession();
    const { body } = await running.ask(eventsOf(session), { item: '1021', time: 5 });
    expect(body.detail).toMatch(
      /^"time" expected at most 86400 s before and 300 s after the server's clock, 20\S+Z, got 1970-01-01T00:00:00\.005Z\. Leave it out, or allow more with --click-times/,
    );
    expect((await running.ask(recommendationsOf(session))).body.fallback).toBe(true);
  });

  it('refuses long names in the context, and clicks that make long lines', async () => {
    const session = newSession();
    const withContext = (context: object) => running.ask(eventsOf(session), { item: '1021', context });
    expect((await withContext({ ['x'.repeat(513)]: 'a' })).body.detail).toBe(
      `body/context must NOT have more than 512 characters, got "${'x'.repeat(99)}…`,
    );
    // 20 names and values of 512 characters, which JSON writes in one byte or in six.
    const names = Array.from({ length: 20 }, (_, at) => `${at}`.padEnd(512, '_'));
    const longest = (character: string) =>
      Object.fromEntries(names.map((name) => [name, character.repeat(512)]));
    expect((await withContext(longest('\u0001'))).body.detail).toMatch(
      /^"context" expected to make a click of at most 65536 bytes, got 7\d{4}$/,
    );
    expect((await running.ask(recommendationsOf(session))).body.fallback).toBe(true);
    expect((await withContext(longest('a'))).status).toBe(200);
  });

  it('recommends 20 items unless n says otherwise, and none for n 0', async () => {
    expect(idsOf(await running.ask(eventsOf(newSession()), { item: '1021' }))).toHaveLength(20);
    const session = newSession();
    const none = await running.ask(eventsOf(session), { item: '1021', n: 0 });
    expect(none.body.items).toEqual([]);
    const reply = await running.ask(recommendationsOf(session));
    expect(reply.body.items).toEqual(topOf(running.model, ['1021'], 20));
  });

  it('does not count a click whose eventId and item the session has', async () => {
    const session = newSession();
    const click = { item: '1021', eventId: 'e1', n: 5 };
    const first = await running.ask(eventsOf(session), click);
    const again = await running.ask(eventsOf(session), click);
    expect(again.status).toBe(200);
    expect(again.body.items).toEqual(first.body.items);
    expect(again.body.recommendationId).not.toBe(first.body.recommendationId);
    const next = await running.ask(eventsOf(session), { ...click, item: '1035' });
    expect(next.body.items).toEqual(topOf(running.model, ['1021', '1035'], 5));
  });

  it('answers without remembering with store false', async () => {
    const session = newSession();
    await running.ask(eventsOf(session), { item: '1021' });
    const imagined = await running.ask(eventsOf(session), { item: '1035', store: false, n: 5 });
    expect(imagined.body.items).toEqual(topOf(running.model, ['1021', '1035'], 5));
    const kept = await running.ask(`${recommendationsOf(session)}?n=5`);
    expect(kept.body.items).toEqual(topOf(running.model, ['1021'], 5));
  });

  it('remembers unknown items, names them and skips them', async () => {
    const session = newSession();
    const first = await running.ask(eventsOf(session), { item: 'no such item', n: 5 });
    expect(first.body).toMatchObject({ unknown: ['no such item'], fallback: true, source: 'trending' });
    const next = await running.ask(eventsOf(session), { item: '1021', n: 5 });
    expect(next.body).toMatchObject({ unknown: ['no such item'], fallback: false });
    expect(next.body.items).toEqual(topOf(running.model, ['1021'], 5));
  });

  it('answers clicks of one session that come at once in order of arrival', async () => {
    const url = eventsOf(newSession());
    const clicks = ['1021', '1035', '1007', '1014'];
    const replies = await Promise.all(
      clicks.map((item) => running.server.app.inject({ method: 'POST', url, payload: { item, n: 3 } })),
    );
    expect(replies.map((reply) => reply.json().items)).toEqual(
      clicks.map((_, at) => topOf(running.model, clicks.slice(0, at + 1), 3)),
    );
  });
});

describe('GET /v1/sessions/{sessionId}/recommendations', () => {
  it('recommends the most popular items for a session never seen', async () => {
    const { ask } = await startServer({ directory: running.directory });
    const { status, body } = await ask(`${recommendationsOf(newSession())}?n=4`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ unknown: [], fallback: true });
    const clicks = running.model.recentClicks ?? [];
    const scores = body.items.map(({ score }: { score: number }) => score);
    expect(scores).toEqual([...clicks].sort((a, b) => b - a).slice(0, 4));
  });

  it('takes rules from the query', async () => {
    const session = newSession();
    await running.ask(eventsOf(session), { item: '1021' });
    const reply = await running.ask(`${recommendationsOf(session)}?n=3&excludeSeen=true&deny=1035&deny=1007`);
    expect(reply.body.items).toEqual(
      topOf(running.model, ['1021'], 3, { excludeSeen: true, deny: ['1035', '1007'] }),
    );
    const allowed = await running.ask(`${recommendationsOf(session)}?allow=1035`);
    expect(idsOf(allowed)).toEqual(['1035']);
  });
});

describe('DELETE /v1/sessions/{sessionId}', () => {
  it('forgets a session', async () => {
    const session = newSession();
    await running.ask(eventsOf(session), { item: '1021' });
    const path = eventsOf(session).replace('/events', '');
    expect(await running.ask(path, undefined, { method: 'DELETE' })).toMatchObject({ status: 204, body: '' });
    expect((await running.ask(recommendationsOf(session))).body.fallback).toBe(true);
    const fresh = await running.ask(eventsOf(session), { item: '1035', n: 5 });
    expect(fresh.body.items).toEqual(topOf(running.model, ['1035'], 5));
    expect((await running.ask(path, undefined, { method: 'DELETE' })).status).toBe(204);
  });
});

describe('POST /v1/recommend', () => {
  it('answers as the library does, and remembers nothing', async () => {
    for (let twice = 0; twice < 2; twice++) {
      const { body } = await running.ask('/v1/recommend', { items: ['1021', 'unknown', '1035'], n: 7 });
      expect(body).toMatchObject({ unknown: ['unknown'], fallback: false });
      expect(body.items).toEqual(topOf(running.model, ['1021', '1035'], 7));
    }
  });
});

describe('POST /v1/rank', () => {
  const unknownItems = async () => {
    const { body } = await running.ask('/metrics');
    return Number(/^gru4rec_unknown_items_total\{model="shop"\} (\d+)$/m.exec(body)?.[1] ?? 0);
  };

  it('orders candidates as the library does, by popularity after no known item', async () => {
    const session = running.model.startSession();
    session.click('1021');
    const candidates = ['1007', 'unknown', '1049', '1000'];
    const before = await unknownItems();
    const { body } = await running.ask('/v1/rank', { items: ['1021', 'gone'], candidates });
    const known = namedItems(session.rank(candidates).items);
    expect(body.items).toEqual([...known.slice(0, 1), { id: 'unknown', score: null }, ...known.slice(1)]);
    expect(body).toMatchObject({ unknown: ['gone', 'unknown'], fallback: false });
    expect(await unknownItems()).toBe(before + 2);
    const { ask } = await startServer({ directory: running.directory });
    const { body: cold } = await ask('/v1/rank', { items: [], candidates });
    const { itemIds, recentClicks = [] } = running.model;
    expect(cold.fallback).toBe(true);
    for (const { id, score } of cold.items) expect(score).toBe(recentClicks[itemIds.indexOf(id)] ?? null);
  });

  it('fuses the ranks of the model and of the caller, and leaves unknown candidates at their places', async () => {
    const session = running.model.startSession();
    session.click('1021');
    const ids = fc.constantFrom(...running.model.itemIds, 'x', 'y', 'z');
    const given = fc.record({
      candidates: fc.uniqueArray(ids, { minLength: 1 }),
      deny: fc.array(ids),
      weight: fc.constantFrom(0, 0.3, 1),
      isScored: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(given, async ({ candidates, deny, weight, isScored }) => {
        const left = candidates.filter((id) => !deny.includes(id));
        const byModel = session.rank(left).items.map(({ id }) => id);
        const fused = byModel.map((id, at) => ({
          id,
          score: weight / (60 + at + 1) + (1 - weight) / (60 + candidates.indexOf(id) + 1),
        }));
        fused.sort((a, b) => b.score - a.score);
        const expected = left.map((id) => (byModel.includes(id) ? fused.shift() : { id, score: null }));
        // In reverse, with scores that say so.
        const order = isScored
          ? { candidates: candidates.toReversed(), scores: candidates.map((_, at) => at / 7) }
          : { candidates };
        const { body } = await running.ask('/v1/rank', { items: ['1021'], ...order, weight, deny });
        expect(body.items).toEqual(expected);
      }),
      { seed: 1, numRuns: 40 },
    );
  });

  it.each([
    [{ weight: 1.5 }, 'body/weight must be <= 1, got 1.5'],
    [{ scores: [1] }, '"scores" expected 2 numbers, one per candidate, got 1'],
    [{ variety: -1 }, 'body/variety must be >= 0, got -1'],
  ])('refuses %j', async (more, detail) => {
    const body = { items: [], candidates: ['1007', '1021'], ...more };
    expect(await running.ask('/v1/rank', body)).toMatchObject({ status: 400, body: { detail } });
  });
});

describe('GET /v1/trending', () => {
  it('has what the latest sessions of the event log clicked, within the rules; so has a session never seen', async () => {
    const [events, file] = [testFolder(), join(testFolder(), 'items.jsonl')];
    const log = await EventLog.open(events);
    const nowMs = Date.now();
    for (let visitor = 0; visitor < 60; visitor++) {
      const arrivedMs = nowMs - (60 - visitor) * 20_000;
      const items = visitor < 2 ? ['1021', '1035', '1007'] : ['1021', '1035'];
      for (const item of items) await log.onClick({ ...eventOf(`v${visitor}`, item), arrivedMs });
    }
    writeFileSync(file, '{"id": "1035", "available": false}\n{"id": "1000", "colour": "red"}\n');
    const { ask } = await startServer({
      directory: running.directory,
      observers: [log],
      items: await ItemsFile.open(file),
    });
    const { status, body } = await ask('/v1/trending?n=3&fields=colour');
    expect(status).toBe(200);
    expect(body).toMatchObject({ fallback: true, source: 'trending', unknown: [] });
    expect(body.items[0].score).toBeGreaterThan(60);
    // Two visitors are too few to move an item, and 1035 is sold out.
    const others = topOf(running.model, [], 2, { deny: ['1035', '1021'] });
    expect(idsOf({ body } as Reply)).toEqual(['1021', ...others.map(({ id }) => id)]);
    expect(idsOf(await ask(`${recommendationsOf(newSession())}?n=1`))).toEqual(['1021']);
    expect(idsOf(await ask('/v1/trending?allow=1007&allow=1021&deny=1021'))).toEqual(['1007']);
    expect((await ask('/v1/trending?wrong=1')).status).toBe(400);
    expect((await ask('/metrics')).body).toContain('gru4rec_fallback_total{model="shop"} 1\n');
  });
});
