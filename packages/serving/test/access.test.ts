import { describe, expect, it } from 'vitest';
import { startServer } from './tiny-server.ts';

const withToken = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

describe('tokens', () => {
  it('are needed for everything but health and documentation', async () => {
    const { ask } = await startServer({ tokens: ['secret-1', 'secret-2'] });
    for (const path of ['/v1/models', '/metrics', '/v1/sessions/ann/recommendations']) {
      for (const init of [
        {},
        withToken('secret'),
        withToken('secret-12'),
        { headers: { authorization: 'secret-1' } },
      ]) {
        const { status, body, headers } = await ask(path, undefined, init);
        expect(status).toBe(401);
        expect(headers.get('www-authenticate')).toBe('Bearer');
        expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
        expect(body.detail).toBe('Expected a bearer token of this server in the header authorization');
      }
      expect((await ask(path, undefined, withToken('secret-2'))).status).toBe(200);
    }
    const lowerCase = { headers: { authorization: 'bearer secret-1' } };
    expect((await ask('/v1/models', undefined, lowerCase)).status).toBe(200);
    const click = { item: '1021' };
    expect((await ask('/v1/sessions/ann/events', click)).status).toBe(401);
    expect((await ask('/v1/sessions/ann/events', click, withToken('secret-1'))).status).toBe(200);
    for (const path of ['/health/live', '/health/ready', '/openapi.json']) {
      expect((await ask(path)).status).toBe(200);
    }
  });

  it('are in the description of the requests, so that /docs sends one', async () => {
    const { body } = await (await startServer({ tokens: ['secret'] })).ask('/openapi.json');
    expect(body.components.securitySchemes.bearer).toEqual({ type: 'http', scheme: 'bearer' });
    expect(body.security).toEqual([{ bearer: [] }]);
    expect(body.paths['/health/live'].get.security).toEqual([]);
    expect(body.paths['/v1/models'].get.security).toBeUndefined();
    const open = (await (await startServer()).ask('/openapi.json')).body;
    expect([open.security, open.components.securitySchemes]).toEqual([undefined, undefined]);
  });
});

describe('a read-only server', () => {
  it('recommends, and remembers nothing', async () => {
    const { ask } = await startServer({ readOnly: true });
    const refused = [
      await ask('/v1/sessions/ann/events', { item: '1021' }),
      await ask('/v1/sessions/ann', undefined, { method: 'DELETE' }),
      await ask('/v1/models/shop/load', undefined, { method: 'POST' }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([403, 403, 403]);
    expect(refused[0]?.body.detail).toMatch(/^This server is read-only/);
    expect((await ask('/v1/recommend', { items: ['1021'], n: 1 })).body.items).toHaveLength(1);
    expect((await ask('/v1/sessions/ann/events', { item: '1021', store: false })).status).toBe(200);
    expect((await ask('/v1/sessions/ann/recommendations')).body.fallback).toBe(true);
  });
});

describe('CORS', () => {
  const preflight = {
    method: 'OPTIONS',
    headers: { origin: 'https://shop.example', 'access-control-request-method': 'POST' },
  };

  it('is off unless origins are given', async () => {
    const { ask } = await startServer();
    const { headers } = await ask('/v1/models', undefined, { headers: { origin: 'https://shop.example' } });
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect((await ask('/v1/recommend', undefined, preflight)).status).toBe(404);
  });

  it('lets pages of the given origins call the server, also with tokens', async () => {
    const { ask } = await startServer({ corsOrigins: ['https://shop.example'], tokens: ['secret'] });
    const allowed = await ask('/v1/recommend', undefined, preflight);
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://shop.example');
    expect(allowed.headers.get('access-control-allow-methods')).toBe('GET, POST, DELETE');
    const other = await ask('/health/live', undefined, { headers: { origin: 'https://other.example' } });
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('lets all pages call the server with *', async () => {
    const { ask } = await startServer({ corsOrigins: ['*'] });
    const { headers } = await ask('/health/live', undefined, { headers: { origin: 'https://any.example' } });
    expect(headers.get('access-control-allow-origin')).toBe('*');
  });
});
