import { once } from 'node:events';
import { request } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { createServer, MemoryStore, type TrafficObserver } from '../src/index.ts';
import { startHere, startServer } from './tiny-server.ts';

it.each([
  [{ log: {}, output: 5 }, '"output"'],
  [{ log: {}, output: 'a' }, '"learn.log" expected one of the observers'],
  [{ log: {}, output: 'a' }, '"learn" expected one model, got 2', 'a', 'b'],
  [undefined, '"models" expected one or more models of distinct names, got a, a', 'a', 'a'],
  [undefined, '"models" expected a name other than none, which is the control group', 'a', 'none'],
])('refuses %j: %s', async (learn, message, ...names: string[]) => {
  const models = (names.length > 0 ? names : ['a']).map((name) => ({ name, directory: name }));
  const options = { models, startThread: startHere, sessions: new MemoryStore(), learn: learn as never };
  await expect(createServer(options)).rejects.toThrow(message);
});

describe('RecommendationServer', () => {
  it('listens at loopback, and describes its routes in /openapi.json and at /docs', async () => {
    const { ask, server } = await startServer();
    expect(server.app.server.address()).toMatchObject({ address: '127.0.0.1' });
    const { body } = await ask('/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    expect(Object.keys(body.paths)).toContain('/v1/sessions/{sessionId}/events');
    const docs = await ask('/docs');
    expect(docs.status).toBe(200);
    expect(docs.body).toContain('swagger-ui');
  });

  it('reports clicks and answers to observers', async () => {
    const seen: unknown[] = [];
    const observer: TrafficObserver = {
      async onClick(event) {
        await setTimeout(20);
        seen.push(['click', event]);
      },
      onAnswer: (event) => seen.push(['answer', event]),
      onDelete: (session) => void seen.push(['delete', session]),
    };
    const { ask } = await startServer({ observers: [observer] });
    const time = Date.now();
    const click = { item: '1021', time, eventId: 'e', recommendationId: 'r', n: 2 };
    const { body } = await ask('/v1/sessions/ann/events', click);
    await ask('/v1/sessions/ann/events', { ...click, n: 0 });
    await ask('/v1/sessions/ann', undefined, { method: 'DELETE' });
    const { recommendationId, modelVersion, items } = body;
    expect(seen).toEqual([
      [
        'click',
        {
          ...{ sessionId: 'ann', recommendationId: 'r', model: 'shop' },
          ...{ click: { item: '1021', timeMs: time, eventId: 'e' }, arrivedMs: expect.any(Number) },
        },
      ],
      [
        'answer',
        {
          ...{ sessionId: 'ann', recommendationId, model: 'shop', modelVersion, fallback: false },
          lineage: modelVersion,
          items: items.map(({ id }: { id: string }) => id),
        },
      ],
      ['delete', 'ann'],
    ]);
  });
});

describe('stop', () => {
  it('is not ready, goes on answering, asks to close connections, then closes the store', async () => {
    const sessions = new MemoryStore();
    const { server, ask } = await startServer({ sessions });
    await ask('/v1/sessions/ann/events', { item: '1021' });
    const stopping = server.stop({ probeMs: 300 });
    expect(await ask('/health/ready')).toMatchObject({ status: 503, body: { detail: 'The server stops' } });
    const late = await ask('/v1/sessions/ann/events', { item: '1035', n: 3 });
    expect(late.status).toBe(200);
    expect(late.headers.get('connection')).toBe('close');
    await stopping;
    await expect(ask('/health/live')).rejects.toThrow('fetch failed');
    expect(sessions.size).toBe(0);
  });

  it('does not wait for longer than its limit', async () => {
    const sessions = new MemoryStore();
    const close = vi.spyOn(sessions, 'close');
    const { server, url } = await startServer({ sessions });
    // A request whose body never ends.
    const hanging = request(`${url}/v1/recommend`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': 100 },
    });
    const failed = new Promise((resolve) => hanging.on('error', resolve));
    hanging.write('{');
    await once(server.app.server, 'request');
    await server.stop({ probeMs: 0, limitMs: 100 });
    await failed;
    expect(close).toHaveBeenCalledOnce();
  });
});
