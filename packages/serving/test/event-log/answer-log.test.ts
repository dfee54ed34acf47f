import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { EventLog, type EventLogOptions } from '../../src/event-log/event-log.ts';
import { forgetEvents } from '../../src/event-log/forget-events.ts';
import { type Reply, startServer, testFolder } from '../tiny-server.ts';

const NOON = Date.UTC(2026, 4, 1, 12);
const DAY_MS = 86_400_000;

function openLog(directory: string, options: EventLogOptions = {}): Promise<EventLog> {
  return EventLog.open(directory, { now: () => NOON, ...options });
}

function linesIn(directory: string, name = '2026-05-01.jsonl') {
  const bytes = readFileSync(join(directory, 'answers', name));
  const text = String(name.endsWith('.gz') ? gunzipSync(bytes) : bytes);
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(1).map((line) => JSON.parse(line));
}

const line = (SessionId: string) => ({ SessionId, Kind: 'shown', Items: ['1070'] }) as const;

describe('the log of answers', () => {
  it('has answers with a place, what was seen, and returns, which are no clicks', async () => {
    const directory = testFolder();
    const log = await openLog(directory);
    const { ask, server } = await startServer({ observers: [log] });
    const path = '/v1/sessions/ann/events';
    const { body } = await ask(path, { item: '1021', place: 'product', n: 2, type: 'cart' });
    const items = body.items.map(({ id }: { id: string }) => id);
    await ask('/v1/trending?place=home&session=bob&n=1');
    await ask('/v1/recommend', { items: ['1021'], n: 1 });
    const shown = { recommendationId: body.recommendationId, items: items.slice(0, 1) };
    expect((await ask('/v1/sessions/ann/shown', shown)).status).toBe(204);
    await ask(path, { item: '1070', type: 'purchase', value: 20.5, orderId: 'o1', n: 0 });
    const before = await ask('/v1/sessions/ann/recommendations?n=3');
    const back = await ask(path, { item: '1070', value: -20.5, orderId: 'o1', n: 3 });
    expect(back.body.items).toEqual(before.body.items);
    await server.stop({ probeMs: 0 });
    const of = { Time: '2026-05-01T12:00:00.000Z', Arm: 'shop', Version: body.modelVersion, Share: 1 };
    expect(linesIn(directory)).toMatchObject([
      { ...of, SessionId: 'ann', Kind: 'answer', Place: 'product', Source: 'model', Items: items },
      { ...of, SessionId: 'bob', Kind: 'answer', Place: 'home', Source: 'trending' },
      { SessionId: 'ann', Kind: 'shown', RecommendationId: body.recommendationId, Items: [items[0]] },
      { SessionId: 'ann', Kind: 'return', Items: ['1070'], OrderId: 'o1', Value: -20.5 },
    ]);
    const clicks = readFileSync(join(directory, '2026-05-01.jsonl'), 'utf8').trim().split('\n').slice(1);
    expect(clicks.map((click) => JSON.parse(click))).toMatchObject([
      { ItemId: '1021', Type: 'cart' },
      { ItemId: '1070', Value: 20.5, OrderId: 'o1' },
    ]);
  });

  it('compresses earlier days, also those of a killed process, and keeps them as long as clicks', async () => {
    const directory = testFolder();
    let now = NOON;
    for (const days of [0, 1, 3]) {
      now = NOON + days * DAY_MS;
      const log = await openLog(directory, { now: () => now, keepMs: 2 * DAY_MS });
      log.onLine(line(`day ${days}`));
      await log.forget(new Set());
      await log.close();
      if (days === 0) appendFileSync(join(directory, 'answers', '2026-05-01.jsonl'), '{"SessionId":"torn');
      if (days === 1) expect(linesIn(directory, '2026-05-01.jsonl.gz')).toMatchObject([line('day 0')]);
    }
    expect(readdirSync(join(directory, 'answers')).sort()).toEqual([
      '2026-05-02.jsonl.gz',
      '2026-05-04.jsonl',
    ]);
  });

  it('forgets sessions, also in compressed files and without a server', async () => {
    const directory = testFolder();
    let now = NOON;
    const log = await openLog(directory, { now: () => now });
    for (const id of ['ann', 'bob']) log.onLine(line(id));
    await log.forget(new Set());
    now += DAY_MS;
    for (const id of ['ann', 'bob']) log.onLine(line(id));
    await log.forget(new Set(['ann']));
    const sessions = () =>
      ['2026-05-01.jsonl.gz', '2026-05-02.jsonl'].map((name) =>
        linesIn(directory, name).map(({ SessionId }) => SessionId),
      );
    expect(sessions()).toEqual([['bob'], ['bob']]);
    await log.close();
    await forgetEvents(directory, new Set(['bob']));
    expect(sessions()).toEqual([[], []]);
  });

  it('loses lines, counted, and no click, where it cannot be written', async () => {
    const directory = testFolder();
    writeFileSync(join(directory, 'answers'), 'no folder');
    const log = await openLog(directory);
    const registry = new Registry();
    log.registerMetrics(registry);
    const { ask } = await startServer({ observers: [log] });
    expect((await ask('/v1/sessions/ann/events', { item: '1021', place: 'product' })).status).toBe(200);
    await expect(log.forget(new Set())).rejects.toThrow('cannot be read');
    expect(await registry.metrics()).toMatch(/^gru4rec_answers_lost_total 1$/m);
    expect(await registry.metrics()).toMatch(/^gru4rec_event_log_clicks_total 1$/m);
    rmSync(join(directory, 'answers'));
    log.onLine(line('ann'));
    await log.forget(new Set());
    expect(linesIn(directory)).toHaveLength(1);
    expect(existsSync(join(directory, 'answers'))).toBe(true);
  });
});

describe('the control group', () => {
  it('is the share of the sessions that is given, gets nothing, and is logged; another experiment splits anew', async () => {
    const directory = testFolder();
    const log = await openLog(directory);
    const ids = Array.from({ length: 200 }, (_, at) => `v${at}`);
    const controls: string[][] = [];
    for (const experiment of ['a', 'b']) {
      const { ask, server } = await startServer({
        observers: experiment === 'a' ? [log] : [],
        controlWeight: 1,
        experiment,
      });
      const answers: Reply['body'][] = [];
      for (const id of ids) answers.push((await ask(`/v1/trending?place=home&n=3&session=${id}`)).body);
      controls.push(ids.filter((_, at) => answers[at].source === 'none'));
      for (const { source, items } of answers) expect(items).toHaveLength(source === 'none' ? 0 : 3);
      const [one] = controls.at(-1) ?? [];
      const clicked = await ask(`/v1/sessions/${one}/events`, { item: '1021' });
      expect([clicked.status, clicked.body.source, clicked.body.items]).toEqual([200, 'none', []]);
      const ranked = { items: ['1021'], session: one, candidates: ['x', '1070', '1021'] };
      const { body } = await ask('/v1/rank', ranked);
      expect(body.items).toEqual(ranked.candidates.map((id) => ({ id, score: null })));
      await server.stop({ probeMs: 0 });
    }
    for (const control of controls) expect(Math.abs(control.length - 100)).toBeLessThan(30);
    expect(controls[0]).not.toEqual(controls[1]);
    const arms = linesIn(directory).filter(({ Arm }) => Arm === 'none');
    expect(arms.map(({ SessionId }) => SessionId)).toEqual(controls[0]);
  });
});
