import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Response } from 'light-my-request';
import { expect, it, vi } from 'vitest';
import { MemoryStore, type ServerOptions } from '../src/index.ts';
import { startServer } from './tiny-server.ts';

it.each<Partial<ServerOptions>>([{}, { tokens: ['secret'], readOnly: true }])(
  'a server that is ready has answered itself and nobody else, and has nothing of it (%o)',
  async (options) => {
    const seen: unknown[] = [];
    const see = (event: unknown) => void seen.push(event);
    const sessions = new MemoryStore();
    const observers = [{ onClick: see, onRepeat: see, onAnswer: see, onDelete: see }];
    const { tokens: [token] = [] } = options;
    const headers = { host: 'localhost', ...(token && { authorization: `Bearer ${token}` }) };
    const routes = new Set<string>();
    const others: Promise<Response>[] = [];
    const { ask } = await startServer({ ...options, sessions, observers }, undefined, ({ app }) => {
      const { routing } = app;
      const click = { method: 'POST', url: '/v1/sessions/eve/events', payload: { item: '1021' } } as const;
      const answerOwn = (request: IncomingMessage, response: ServerResponse) => {
        response.once('finish', () =>
          routes.add(`${String(request.url).split(/[?/]/).at(-1)} ${response.statusCode}`),
        );
        routing(request, response);
        others.push(app.inject({ url: '/health/ready', headers }), app.inject({ ...click, headers }));
      };
      vi.spyOn(app, 'routing').mockImplementation(answerOwn as never);
    });
    const all = ['events', 'excludeSeen=true', 'rank', 'recommend', 'recommendations'];
    expect([...routes].sort()).toEqual(all.map((route) => `${route} 200`));
    const refused = (await Promise.all(others)).map(({ body }) => JSON.parse(body).detail);
    expect(new Set(refused)).toEqual(new Set(['The server warms up']));
    expect(seen).toEqual([]);
    expect(sessions.size).toBe(0);
    const { body } = await ask('/metrics', undefined, { headers });
    expect(body).toContain('gru4rec_sessions 0');
    expect(body).not.toMatch(/^gru4rec_(inference|batch|unknown|fallback|online).*\{/m);
    const counts = [...body.matchAll(/_seconds_count\{.*route="(\S+)",.*code="(\d+)"\} (\d+)/g)];
    const half = others.length / 2;
    expect(counts.map(([, ...of]) => of).sort()).toEqual(
      ['/health/ready', '/v1/sessions/:sessionId/events'].map((route) => [route, '503', String(half)]),
    );
    const [model] = (await ask('/v1/models', undefined, { headers })).body.models;
    expect(model.online).toEqual({ recommendations: [], fallback: [] });
    expect((await ask('/health/ready')).status).toBe(200);
  },
);
