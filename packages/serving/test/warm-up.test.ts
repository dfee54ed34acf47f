import type { InjectOptions, Response as LightMyRequestResponse } from 'light-my-request';
import { expect, it, vi } from 'vitest';
import { type AnswerEvent, type ClickEvent, MemoryStore, type ServerOptions } from '../src/index.ts';
import { startServer } from './tiny-server.ts';

type Inject = (request: InjectOptions) => Promise<LightMyRequestResponse>;

it.each<Partial<ServerOptions>>([{}, { tokens: ['secret'] }, { readOnly: true }])(
  'a server that is ready has answered itself, and has nothing of it (%o)',
  async (options) => {
    const seen: (AnswerEvent | ClickEvent | string)[] = [];
    const see = (event: AnswerEvent | ClickEvent | string) => void seen.push(event);
    const sessions = new MemoryStore();
    const observers = [{ onClick: see, onRepeat: see, onAnswer: see, onDelete: see }];
    const routes = new Map<string, number>();
    const { server, ask } = await startServer({ ...options, sessions, observers }, undefined, ({ app }) => {
      const inject = app.inject.bind(app) as Inject;
      vi.spyOn(app, 'inject').mockImplementation((async (request: InjectOptions) => {
        const reply = await inject(request);
        const route = `${String(request.url).split(/[?/]/).at(-1)} ${reply.statusCode}`;
        routes.set(route, (routes.get(route) ?? 0) + 1);
        return reply;
      }) as never);
    });
    expect([...routes.keys()].sort()).toEqual([
      'events 200',
      'excludeSeen=true 200',
      'rank 200',
      'recommend 200',
      'recommendations 200',
    ]);
    expect(seen).toEqual([]);
    expect(sessions.size).toBe(0);
    const { tokens: [token] = [] } = options;
    const init = token ? { headers: { authorization: `Bearer ${token}` } } : {};
    const { body } = await ask('/metrics', undefined, init);
    expect(body).toContain('gru4rec_sessions 0');
    expect(body).not.toMatch(/^(http_server|gru4rec_(inference|batch|unknown|fallback|online)).*\{/m);
    const [model] = (await ask('/v1/models', undefined, init)).body.models;
    expect(model.online).toEqual({ recommendations: [], fallback: [] });
    // The header of a warm-up means nothing afterwards.
    const headers = { ...init.headers, 'x-gru4rec-warm-up': 'undefined' };
    await ask('/v1/recommend', { items: ['1021'] }, { headers });
    expect(seen).toHaveLength(1);
    await server.stop({ probeMs: 0 });
  },
);

it('is not ready before it has answered itself', async () => {
  const details: Promise<string>[] = [];
  const { ask } = await startServer({}, undefined, ({ app }) => {
    const inject = app.inject.bind(app) as Inject;
    const spy = vi.spyOn(app, 'inject').mockImplementation(((request: InjectOptions) => {
      spy.mockRestore();
      const asked = inject({ url: '/health/ready', headers: { host: 'localhost' } });
      details.push(asked.then(({ body }) => JSON.parse(body).detail));
      return inject(request);
    }) as never);
  });
  expect(await Promise.all(details)).toEqual(['The server warms up']);
  expect((await ask('/health/ready')).status).toBe(200);
});
