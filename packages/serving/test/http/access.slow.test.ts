import { describe, expect, it, onTestFinished } from 'vitest';
import { createServer, MemoryStore, type ServerOptions } from '../../src/index.ts';
import { type Running, startServer, startThread } from '../tiny-server.ts';

const withToken = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

describe('tokens', () => {
  it('are needed for everything but health and documentation', async () => {
    const { ask } = await startServer({ tokens: ['secret-1', 'secret-2'] });
    const others = ['secret', 'secret-12'].map(withToken);
    for (const init of [{}, ...others, { headers: { authorization: 'secret-1' } }]) {
      const { status, body, headers } = await ask('/v1/models', undefined, init);
      expect(status).toBe(401);
      expect(headers.get('www-authenticate')).toBe('Bearer');
      expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(body.detail).toBe('Expected a bearer token of this server in the header authorization');
    }
    for (const authorization of ['Bearer secret-2', 'bearer secret-1'])
      expect((await ask('/v1/models', undefined, { headers: { authorization } })).status).toBe(200);
    for (const path of ['/health/live', '/health/ready', '/openapi.json'])
      expect((await ask(path)).status).toBe(200);
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
      await ask('/v1/models/shop/load', {}),
      await ask('/v1/forget', { sessions: ['ann'] }),
      await ask('/v1/items', { items: [] }),
    ];
    expect(refused.map(({ status }) => status)).toEqual(Array(5).fill(403));
    expect(refused[0]?.body.detail).toMatch(/^This server is read-only/);
    expect((await ask('/v1/recommend', { items: ['1021'], n: 1 })).body.items).toHaveLength(1);
    expect((await ask('/v1/sessions/ann/events', { item: '1021', store: false })).status).toBe(200);
    expect((await ask('/v1/sessions/ann/recommendations')).body.fallback).toBe(true);
  });
});

describe('host names', () => {
  async function serverWith(options: Partial<ServerOptions>) {
    const models = [{ name: 'shop', directory: 'none' }];
    const server = await createServer({ models, startThread, sessions: new MemoryStore(), ...options });
    onTestFinished(() => server.stop({ probeMs: 0 }));
    return (host: string) => server.app.inject({ url: '/health/live', headers: { host } });
  }

  it('are localhost, IP addresses and the given ones, so that no page comes through a name of its own', async () => {
    const askAs = await serverWith({ allowedHosts: ['Shop.example'] });
    const own = 'localhost LOCALHOST:80 127.0.0.1:8080 [::1]:8080 10.1.2.3 shop.EXAMPLE:1';
    for (const host of own.split(' ')) expect((await askAs(host)).statusCode, host).toBe(200);
    const others = 'evil.example:80 localhost.evil.example 127.0.0.1.evil.example localhost:x';
    for (const host of others.split(' ')) expect((await askAs(host)).statusCode, host).toBe(403);
    expect((await askAs('evil.example')).json()).toMatchObject({
      detail:
        'The header host expected localhost, an IP address or an allowed name, got "evil.example". Allow it with --allowed-host (allowedHosts), or require tokens',
    });
  });

  it('are all with * or with tokens, which no page has, unless some are given', async () => {
    const statusWith = async (options: Partial<ServerOptions>) =>
      (await (await serverWith(options))('evil.example')).statusCode;
    expect(await statusWith({})).toBe(403);
    expect(await statusWith({ allowedHosts: ['*'] })).toBe(200);
    expect(await statusWith({ tokens: ['t'] })).toBe(200);
    expect(await statusWith({ tokens: ['t'], allowedHosts: ['a.example'] })).toBe(403);
  });
});

describe('pages of other origins', () => {
  it('change nothing without CORS, even by requests that browsers send without asking', async () => {
    const { ask, url, server } = await startServer({ corsOrigins: ['https://shop.example'] });
    const own = url.replace('http://', '');
    const recommend = (headers: Record<string, string>) =>
      server.app.inject({
        ...{ method: 'POST', url: '/v1/recommend', payload: { items: ['1021'] } },
        headers: { host: own, ...headers },
      });
    for (const origin of ['null', 'http://localhost:1', `http://${own}.evil.example`])
      expect((await recommend({ origin })).statusCode, origin).toBe(403);
    expect((await recommend({ origin: 'https://evil.example' })).json().detail).toBe(
      'The header origin expected the server\'s own or one of --cors (corsOrigins), got "https://evil.example"',
    );
    const foreign = { headers: { origin: 'https://evil.example' } };
    const forget = { method: 'DELETE', ...foreign };
    expect((await ask('/v1/sessions/ann', undefined, forget)).status).toBe(403);
    expect((await ask('/v1/sessions/ann/recommendations', undefined, foreign)).status).toBe(200);
    // Its own pages, also behind a proxy that adds TLS, names its port or changes the host; no page; a page that may.
    for (const headers of [
      { origin: `http://${own}` },
      { origin: `https://${own}` },
      { origin: 'https://localhost', host: 'localhost:443' },
      { origin: 'https://front.example', 'sec-fetch-site': 'same-origin' },
      {},
      { origin: 'https://shop.example' },
    ]) {
      expect((await recommend(headers)).statusCode, JSON.stringify(headers)).toBe(200);
    }
  });
});

/** Requests of a visitor's page, and all others that need a token where there are tokens. */
const ofPages = [
  ['POST', '/v1/sessions/ann/events', { item: '1021' }],
  ['POST', '/v1/sessions/ann/shown', { recommendationId: 'r', items: [] }],
  ['GET', '/v1/sessions/ann/recommendations'],
  ['GET', '/v1/trending'],
  ['GET', '/v1/items/1021/related'],
  ['POST', '/v1/recommend', { items: ['1021'] }],
  ['POST', '/v1/rank', { items: ['1021'], candidates: ['1035'] }],
  ['DELETE', '/v1/sessions/ann'],
] as const;
const ofOthers = [
  ['POST', '/v1/forget', { sessions: ['ann'] }],
  ['GET', '/v1/forget/1'],
  ['POST', '/v1/models/shop/load', {}],
  ['POST', '/v1/items', { items: [] }],
  ['GET', '/v1/models'],
  ['GET', '/v1/status'],
  ['GET', '/page/tables'],
  ['GET', '/metrics'],
] as const;

describe('a page of a visitor', () => {
  const statusesOf = async (
    { ask }: Running,
    requests: typeof ofPages | typeof ofOthers,
    headers: Record<string, string>,
  ) => {
    const statuses: number[] = [];
    for (const [method, path, body] of requests)
      statuses.push((await ask(path, body, { method, headers })).status);
    return statuses;
  };
  const all = (requests: readonly unknown[], status: number) => requests.map(() => status);
  const DONE = [200, 204, 200, 200, 200, 200, 200, 204];

  it('calls what it needs and nothing else, also one of the own host; requests without origin call all', async () => {
    const running = await startServer({ corsOrigins: ['https://shop.example'] });
    const { paths } = (await running.ask('/openapi.json')).body;
    const routes = Object.entries<object>(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{.*?\}/, '*')}`),
    );
    const asked = [...ofPages, ...ofOthers].map(([method, path]) => `${method} ${path}`);
    const described = asked.filter((one) => !one.includes('/page/'));
    const listed = described.map((one) => one.replace(/\/(ann|shop|1|1021)(?=\/|$)/, '/*'));
    expect(listed.sort()).toEqual(routes.filter((route) => !route.includes('/health/')).sort());

    const origins = ['https://shop.example', running.url, running.url.replace('http', 'https')];
    const proxied = { origin: 'https://front.example', 'sec-fetch-site': 'same-origin' };
    for (const headers of [...origins.map((origin) => ({ origin })), proxied]) {
      expect(await statusesOf(running, ofPages, headers)).toEqual(DONE);
      expect(await statusesOf(running, ofOthers, headers)).toEqual(all(ofOthers, 403));
    }
    const refused = await running.ask('/v1/models', undefined, { headers: { origin: 'null' } });
    expect(refused.body.detail).toBe(
      'Without a token, a page may call only /v1/sessions/…, /v1/trending, related items, /v1/recommend and /v1/rank; got the header origin "null"',
    );
    expect(await statusesOf(running, ofOthers, {})).toEqual([202, 404, 200, 409, 200, 200, 200, 200]);
  });

  it('opens nothing by its origin where tokens are needed, and only its requests by a key of pages', async () => {
    const running = await startServer({
      corsOrigins: ['https://shop.example'],
      tokens: ['secret'],
      pageKeys: ['public'],
    });
    for (const origin of ['https://shop.example', running.url]) {
      const withKey = { origin, authorization: 'Bearer public' };
      expect(await statusesOf(running, ofPages, { origin })).toEqual(all(ofPages, 401));
      expect(await statusesOf(running, ofOthers, { origin })).toEqual(all(ofOthers, 401));
      expect(await statusesOf(running, ofPages, withKey)).toEqual(DONE);
      expect(await statusesOf(running, ofOthers, withKey)).toEqual(all(ofOthers, 401));
      const secret = { origin, authorization: 'Bearer secret' };
      expect((await running.ask('/v1/models', undefined, { headers: secret })).status).toBe(200);
    }
    const foreign = { origin: 'https://evil.example', authorization: 'Bearer public' };
    expect(await statusesOf(running, ofPages, foreign)).toEqual([403, 403, 200, 200, 200, 403, 403, 403]);
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

  it('lets pages of the given origins call the server, also with tokens, and read errors of paths that no route sees', async () => {
    const { ask } = await startServer({ corsOrigins: ['https://shop.example'], tokens: ['secret'] });
    const allowed = await ask('/v1/recommend', undefined, preflight);
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://shop.example');
    expect(allowed.headers.get('access-control-allow-methods')).toBe('GET, POST, DELETE');
    const other = await ask('/health/live', undefined, { headers: { origin: 'https://other.example' } });
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
    const origin = { headers: { origin: 'https://shop.example' } };
    for (const [id, status] of [
      ['%ff', 400],
      ['x'.repeat(513), 414],
    ] as const) {
      const path = `/v1/sessions/${id}/recommendations`;
      const { headers, ...reply } = await ask(path, undefined, origin);
      expect(reply.status).toBe(status);
      expect(headers.get('access-control-allow-origin')).toBe('https://shop.example');
      expect((await ask(path, undefined, preflight)).status).toBe(204);
    }
    expect((await ask('/metrics', undefined, withToken('secret'))).body).toContain(
      'http_route="none",http_response_status_code="414"} 1',
    );
  });
});
