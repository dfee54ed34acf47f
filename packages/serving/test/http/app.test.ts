import { once } from 'node:events';
import { STATUS_CODES } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Running, startServer } from '../tiny-server.ts';

let running: Running;
beforeAll(async () => {
  running = await startServer({}, afterAll);
});

const problem = (status: number, title: string, detail: string) => ({
  status,
  body: { type: 'about:blank', title, status, detail },
});

interface ParameterOfQuery {
  readonly name: string;
  readonly schema: { readonly type: string };
}

const post = (path: string, body: BodyInit, headers: object = {}) =>
  running.ask(path, undefined, {
    ...{ method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } },
  });

describe('errors', () => {
  it.each([
    ['{', 'application/json', 400, "Body is not valid JSON but content-type is set to 'application/json'"],
    ['', 'application/json', 400, "Body cannot be empty when content-type is set to 'application/json'"],
    ['{}', 'application/json', 400, "body must have required property 'items'"],
    ['{"items":[],"top":5}', 'application/json', 400, 'body must NOT have additional properties, got "top"'],
    ['{"items":[1.5]}', 'application/json', 400, 'body/items/0 must be string, got 1.5'],
    ['items=1', 'application/x-www-form-urlencoded', 415, 'Unsupported Media Type'],
    [`{"items":["${'x'.repeat(1 << 20)}"]}`, 'application/json', 413, 'Request body is too large'],
  ])('are problems: %.20s as %s', async (body, type, status, detail) => {
    const reply = await post('/v1/recommend', body, { 'content-type': type });
    expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(reply).toMatchObject(problem(status, STATUS_CODES[status] ?? '', detail));
  });

  it('name a number of a query that is not finite, and the model goes on', async () => {
    const { paths } = (await running.ask('/openapi.json')).body;
    const numbers = Object.entries<Record<string, { parameters?: ParameterOfQuery[] }>>(paths).flatMap(
      ([path, { get }]) =>
        (get?.parameters ?? [])
          .filter(({ schema: { type } }) => type === 'integer' || type === 'number')
          .map(({ name }) => [path.replace(/\{.*?\}/, 'ann'), name] as const),
    );
    expect(new Set(numbers.map(([, name]) => name))).toEqual(new Set(['n', 'maxPerGroup', 'variety']));
    for (const [path, name] of numbers) {
      for (const value of ['-Infinity', '1e999', 'NaN']) {
        const { status, body } = await running.ask(`${path}?${name}=${value}`);
        expect(status).toBe(400);
        expect(body.detail).toMatch(new RegExp(`^querystring/${name} must be `));
      }
    }
    expect((await running.ask('/v1/sessions/ann/recommendations?n=2')).body.items).toHaveLength(2);
  });

  it('name a compressed body', async () => {
    const reply = await post('/v1/recommend', gzipSync('{"items":[]}'), { 'content-encoding': 'gzip' });
    expect(reply).toMatchObject(
      problem(415, 'Unsupported Media Type', 'The header content-encoding expected identity, got gzip'),
    );
  });

  it('name a body that is not UTF-8', async () => {
    const body = Buffer.from('{"items":["caf\xe9"]}', 'latin1');
    expect(await post('/v1/recommend', body)).toMatchObject(
      problem(400, 'Bad Request', 'The body expected UTF-8, got invalid bytes'),
    );
  });

  it('are not sent for an empty body of JSON where none is needed', async () => {
    expect((await post('/v1/models/shop/load', '')).status).toBe(200);
  });

  it('name a route that there is not', async () => {
    expect(await running.ask('/v1/nothing?a=b')).toMatchObject(
      problem(404, 'Not Found', 'No route GET /v1/nothing; see /docs'),
    );
    expect((await running.ask(`/${'x'.repeat(2000)}`)).body.detail.length).toBeLessThan(150);
  });

  it('name an id in the path that is too long, or not UTF-8', async () => {
    const path = (id: string) => `/v1/sessions/${id}/recommendations`;
    expect((await running.ask(path('é'.repeat(512)))).status).toBe(200);
    expect(await running.ask(path('x'.repeat(513)))).toMatchObject(
      problem(414, 'URI Too Long', `'${path('x'.repeat(513))}' is exceeding the max param length`),
    );
    expect(await running.ask(path('%ff'))).toMatchObject(
      problem(400, 'Bad Request', `'${path('%ff')}' is not a valid url component`),
    );
  });

  it('name an id in the query that is too long, and values that are not numbers', async () => {
    const path = '/v1/sessions/ann/recommendations';
    expect((await running.ask(`${path}?n=5&n=6`)).body.detail).toBe(
      'querystring/n must be integer, got ["5","6"]',
    );
    expect((await running.ask(`${path}?n=5&excludeSeen=true&deny=1021&deny=1035`)).status).toBe(200);
    expect((await running.ask(`${path}?deny=${'x'.repeat(513)}`)).body.detail).toBe(
      `querystring/deny/0 must NOT have more than 512 characters, got "${'x'.repeat(99)}…`,
    );
  });

  it.each([
    ['hello\r\n\r\n', 400, 'The request is not complete HTTP of the permitted size'],
    [
      'GET / HTTP/1.1\r\nconnection: close\r\n\r\n',
      400,
      'A request of HTTP/1.1 expected the header host, got none',
    ],
    [
      'GET / HTTP/1.1\r\nhost: localhost\r\nexpect: 200-ok\r\nconnection: close\r\n\r\n',
      417,
      'The header expect expected 100-continue, got "200-ok"',
    ],
  ])('are problems where Node would answer by itself: %j', async (request, status, detail) => {
    const { hostname, port } = new URL(running.url);
    const socket = connect(Number(port), hostname);
    socket.write(request);
    const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
    expect(head).toMatch(
      new RegExp(`^HTTP/1.1 ${status} .*\r\ncontent-type: application/problem\\+json`, 'si'),
    );
    expect(JSON.parse(body)).toMatchObject({ status, detail });
  });

  it('never show a stack or what failed inside', async () => {
    const onClick = () => {
      throw new Error('disk is full of secrets');
    };
    const { ask } = await startServer({ observers: [{ onClick }] });
    const { status, body } = await ask('/v1/sessions/ann/events', { item: '1021' });
    expect(status).toBe(500);
    expect(body).toEqual(problem(500, 'Internal Server Error', 'The server failed; its log says why').body);
  });
});

describe('hostile clients', () => {
  it('do not keep connections open after an error', async () => {
    const { url, server } = await startServer({ maxConnections: 5 });
    const { hostname, port } = new URL(url);
    const sockets = Array.from({ length: 5 }, () =>
      connect({ port: Number(port), host: hostname, allowHalfOpen: true }),
    );
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
    });
    const answers = sockets.map((socket) =>
      once(
        socket.on('error', () => undefined),
        'data',
      ),
    );
    for (const socket of sockets) socket.write('no HTTP\r\n\r\n');
    for (const [answer] of await Promise.all(answers)) expect(String(answer)).toMatch(/^HTTP\/1\.1 400 /);
    const connections = promisify(server.app.server.getConnections.bind(server.app.server));
    await expect.poll(connections, { timeout: 10_000 }).toBe(0);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
  }, 20_000);

  it.each(['__proto__', 'constructor'])('may call a group or an item %s', async (name) => {
    const rules = `"groups":{"1021":"${name}","${name}":"a"},"boost":{"groups":{"${name}":1000}}`;
    const { body } = await post('/v1/recommend', `{"items":["1035","${name}"],"n":1,${rules}}`);
    expect(body).toMatchObject({ unknown: [name], items: [{ id: '1021' }] });
    expect(body.items[0].score).toBeGreaterThan(900);
  });
});
