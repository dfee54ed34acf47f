import type { InjectOptions, Response } from 'light-my-request';
import { expect, it, vi } from 'vitest';
import { MemoryStore, type ServerOptions } from '../src/index.ts';
import { startServer } from './tiny-server.ts';

it.each<Partial<ServerOptions>>([{}, { tokens: ['secret'] }, { readOnly: true }])(
  'a server that is ready has answered itself, and has nothing of it (%o)',
  async (options) => {
    const seen: unknown[] = [];
    const see = (event: unknown) => void seen.push(event);
    const sessions = new MemoryStore();
    const observers = [{ onClick: see, onRepeat: see, onAnswer: see, onDelete: see }];
    const routes = new Set<string>();
    const readiness: string[] = [];
    const { ask } = await startServer({ ...options, sessions, observers }, undefined, ({ app }) => {
      const inject = app.inject.bind(app) as (request: InjectOptions) => Promise<Response>;
      vi.spyOn(app, 'inject').mockImplementation((async (request: InjectOptions) => {
        const ready = await inject({ url: '/health/ready', headers: { host: 'localhost' } });
        readiness.push(JSON.parse(ready.body).detail);
        const reply = await inject(request);
        routes.add(`${String(request.url).split(/[?/]/).at(-1)} ${reply.statusCode}`);
        return reply;
      }) as never);
    });
    const all = ['events', 'excludeSeen=true', 'rank', 'recommend', 'recommendations'];
    expect([...routes].sort()).toEqual(all.map((route) => `${route} 200`));
    expect(new Set(readiness)).toEqual(new Set(['The server warms up']));
    expect(seen).toEqual([]);
    expect(sessions.size).toBe(0);
    const { tokens: [token] = [] } = options;
    const init = token ? { headers: { authorization: `Bearer ${token}` } } : {};
    const { body } = await ask('/metrics', undefined, init);
    expect(body).toContain('gru4rec_sessions 0');
    expect(body).not.toMatch(/^(http_server|gru4rec_(inference|batch|unknown|fallback|online)).*\{/m);
    const [model] = (await ask('/v1/models', undefined, init)).body.models;
    expect(model.online).toEqual({ recommendations: [], fallback: [] });
    expect((await ask('/health/ready')).status).toBe(200);
  },
);
