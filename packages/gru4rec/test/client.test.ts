import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { EventLog } from '@gru4rec/serving';
import { testFolder } from '@gru4rec/test-support/folder';
import { Ajv } from 'ajv';
import { type Served, serve } from 'gru4rec';
import {
  type Answer,
  type ClickOptions,
  type ClientEvent,
  connect,
  type RankOptions,
  type RecommendOptions,
} from 'gru4rec/client';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { saveModel } from './tiny-shop.ts';

const folder = testFolder();
const log = join(folder, 'events');
let served: Served;
beforeAll(async () => {
  await saveModel(join(folder, 'shop'));
  const observers = [await EventLog.open(log)];
  served = await serve(join(folder, 'shop'), { port: 0, tokens: ['secret'], observers });
}, 60_000);
afterAll(() => served.server.stop({ probeMs: 0 }));

/** A client that knows the token, and the events of its failures. */
function client(url = served.url, timeoutMs = 5000) {
  const events: ClientEvent[] = [];
  const onEvent = (event: ClientEvent) => void events.push(event);
  return { events, ...connect(url, { token: 'secret', timeoutMs, onEvent }) };
}

const idsOf = ({ items }: Answer) => items.map(({ id }) => id).sort();

/** Clicks of a session in the event log. */
function loggedOf(sessionId: string): string[] {
  const names = readdirSync(log).filter((name) => name.endsWith('.jsonl'));
  const text = names.map((name) => readFileSync(join(log, name), 'utf8')).join('');
  return text.match(new RegExp(`"SessionId":"${sessionId}"`, 'g')) ?? [];
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('the types of gru4rec/client', () => {
  const rules: Required<RecommendOptions> = {
    ...{
      place: 'home',
      n: 2,
      allow: ['shoe', 'hat'],
      deny: ['sock'],
      excludeSeen: true,
      excludePurchased: true,
    },
    ...{ maxPerGroup: 1, groupBy: 'group', variety: 0.5, fields: ['title'] },
    where: { title: ['Hat'], group: { not: 'feet' }, price: { lte: 50 } },
  };
  const { n: _, ...ordering } = rules;
  const rank: Required<RankOptions> = { ...ordering, session: 'ann', scores: [2, 1], weight: 0.5 };
  const click: Required<ClickOptions> = {
    ...{ ...rules, timeMs: 1, eventId: 'e', recommendationId: 'r', type: 'cart', store: true },
    ...{ value: 20.5, orderId: 'o1' },
    ...{ context: { device: 'phone' }, groups: { shoe: 'feet' }, pinned: [{ position: 1, item: 'hat' }] },
    boost: { items: { hat: 1 }, groups: { feet: -1 } },
  };
  const answer: Required<Answer> = {
    ...{
      items: [
        { id: 'hat', score: 0.5, title: 'Hat' },
        { id: 'cap', score: null },
      ],
      recommendationId: 'r',
    },
    ...{ model: 'shop', modelVersion: 'v', unknown: ['cap'], unknownContext: ['type=rate'], fallback: false },
    source: 'model',
    left: 2,
  };

  it("have the names and kinds of the server's OpenAPI document", async () => {
    const document = await (await fetch(`${served.url}/openapi.json`)).json();
    const session = document.paths['/v1/sessions/{sessionId}'];
    const events = document.paths['/v1/sessions/{sessionId}/events'].post;
    const { parameters, responses } = document.paths['/v1/sessions/{sessionId}/recommendations'].get;
    const schemaOf = ({ content }: { content: Record<string, { schema: object }> }) =>
      content['application/json']?.schema as { properties: Record<string, object> };
    const query = parameters.filter((one: { in: string }) => one.in === 'query');
    const properties = Object.fromEntries(
      query.map((one: { name: string; schema: object }) => [one.name, one.schema]),
    );
    const body = schemaOf(events.requestBody);
    const { timeMs: time, ...sent } = click;
    const ajv = new Ajv({ validateFormats: false });
    for (const [value, schema] of [
      [
        { ...rules, where: JSON.stringify(rules.where) },
        { type: 'object', properties, additionalProperties: false },
      ],
      [{ ...sent, time, item: 'shoe' }, body],
      [answer, schemaOf(responses[200])],
      [answer, schemaOf(events.responses[200])],
    ] as const) {
      expect(Object.keys(value).sort()).toEqual(Object.keys(schema.properties).sort());
      expect(ajv.validate(schema, value), ajv.errorsText()).toBe(true);
    }
    const ranking = { ...rank, items: ['shoe'], candidates: ['hat', 'x'] };
    const ranked = schemaOf(document.paths['/v1/rank'].post.requestBody);
    expect(ajv.validate(ranked, ranking), ajv.errorsText()).toBe(true);
    expect(Object.keys(session)).toEqual(['delete']);
  });
});

describe('connect', () => {
  it('clicks, recommends by rules, and forgets', async () => {
    const { click, recommend, shown, trending, rank, forget, events } = client(`${served.url}/`);
    expect(idsOf(await click('ann b/c', 'shoe', { n: 2, excludeSeen: true }))).toEqual(['hat', 'sock']);
    expect(idsOf(await recommend('ann b/c', { excludeSeen: true, deny: ['hat'] }))).toEqual(['sock']);
    expect(idsOf(await recommend('ann b/c', { allow: ['shoe', 'hat'], deny: [] }))).toEqual(['hat', 'shoe']);
    const ranked = await rank(['shoe'], ['x', 'hat', 'sock'], { weight: 0, excludeSeen: true });
    expect(ranked.items.map(({ id }) => id)).toEqual(['x', 'hat', 'sock']);
    expect(await recommend('ann b/c', { allow: [] })).toMatchObject({ items: [], fallback: false });
    expect(await click('ann b/c', 'hat', { timeMs: 1 })).toEqual({ items: [] });
    expect(events.splice(0)).toMatchObject([{ kind: 'refused', message: expect.stringContaining('time') }]);
    const most = await trending(1, { allow: ['shoe', 'hat'], deny: ['hat'] });
    expect(most).toMatchObject({ items: [{ id: 'shoe' }], source: 'trending' });
    expect((await trending()).items).toHaveLength(3);
    const related = await client(served.url).related('shoe', { kind: 'together', n: 1, deny: ['sock'] });
    expect(related).toMatchObject({ source: 'next', items: [{ id: 'hat' }] });
    expect(await shown('ann b/c', 'r', ['hat'])).toBe(true);
    expect(await forget('ann b/c')).toBe(true);
    expect(await recommend('ann b/c')).toMatchObject({ fallback: true, items: [{}, {}, {}] });
    expect(events).toEqual([]);
  });

  it.each([
    ['is lost', (response: ServerResponse) => response.destroy()],
    ['does not come in half of the time', () => undefined],
  ])('sends a click again whose answer %s, and it counts once', async (what, drop) => {
    let requests = 0;
    const proxy = createServer(async (request, response) => {
      const chunks = await request.toArray();
      const { authorization = '', 'content-type': type = '' } = request.headers;
      const answered = await fetch(served.url + request.url, {
        ...{ method: 'POST', headers: { authorization, 'content-type': type }, body: Buffer.concat(chunks) },
      });
      if (++requests === 1) drop(response);
      else response.end(await answered.text());
    });
    const { click, events } = client(await listening(proxy), 2000);
    const sessionId = what.replaceAll(' ', '-');
    expect(idsOf(await click(sessionId, 'shoe', { n: 1, deny: ['hat', 'shoe'] }))).toEqual(['sock']);
    expect(requests).toBe(2);
    expect(events).toEqual([]);
    expect(loggedOf(sessionId)).toHaveLength(1);
  });

  it('gives an empty list and an event if the server is stopped or does not answer', async () => {
    const stopped = createServer();
    const stoppedUrl = await listening(stopped);
    await new Promise((resolve) => stopped.close(resolve));
    const hanging = await listening(createServer(() => undefined));
    for (const [url, kind] of [
      [stoppedUrl, 'unreachable'],
      [hanging, 'timeout'],
      ['no URL', 'unreachable'],
    ] as const) {
      const { click, recommend, rank, forget, events } = client(url, 200);
      expect(await click('ann', 'shoe')).toEqual({ items: [] });
      expect(await recommend('ann')).toEqual({ items: [] });
      const left = { items: ['hat', 'shoe'].map((id) => ({ id, score: null })) };
      expect(await rank([], ['hat', 'shoe'])).toEqual(left);
      expect(await forget('ann')).toBe(false);
      const about = { kind, sessionId: 'ann', message: expect.any(String) };
      expect(events).toEqual([
        { ...about, request: 'click', item: 'shoe', eventId: expect.stringMatching(/^[\da-f-]{36}$/) },
        { ...about, request: 'recommend' },
        { kind, message: about.message, request: 'rank' },
        { ...about, request: 'forget' },
      ]);
    }
  });

  it('gives an empty list and an event for an answer without a list of items', async () => {
    let text = '';
    const { click, recommend, forget, events } = client(
      await listening(createServer((_, response) => response.end(text))),
    );
    const texts = ['', '5', 'null', '{"items":null}'];
    for (text of texts) {
      expect([await click('ann', 'shoe'), await recommend('ann')]).toEqual([{ items: [] }, { items: [] }]);
      expect(await forget('ann')).toBe(false);
    }
    const requests = texts.flatMap(() => ['click', 'recommend', 'forget']);
    expect(events).toMatchObject(requests.map((request) => ({ request, kind: 'unreachable' })));
    expect(events[3]?.message).toBe('gru4rec click: expected a list of items, got 5');
  });

  it('throws for no arguments, and for no listener', async () => {
    const { click, recommend, forget, events } = client();
    expect(idsOf(await click('ann null', 'shoe', null as never))).toHaveLength(3);
    expect(idsOf(await recommend('ann null', null as never))).toHaveLength(3);
    expect(events).toEqual([]);
    const bare = Object.create(null);
    const throwing = {
      get eventId(): string {
        throw null;
      },
      get allow(): string[] {
        throw new Error('no list');
      },
    };
    const circular = { context: {} };
    circular.context = circular;
    for (const options of [throwing, circular, { eventId: 5n }]) {
      expect(await click('ann', 'shoe', options as never)).toEqual({ items: [] });
    }
    for (const options of [throwing, { n: bare }, { deny: [bare] }]) {
      expect(await recommend('ann', options as never)).toEqual({ items: [] });
    }
    for (const id of [bare, '\ud800']) {
      expect(await click(id, 'shoe')).toEqual({ items: [] });
      expect(await recommend(id)).toEqual({ items: [] });
      expect(await forget(id)).toBe(false);
    }
    expect(events.map(({ kind }) => kind)).toEqual(Array(12).fill('unreachable'));

    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    onTestFinished(() => warn.mockRestore());
    const wrong = new Error('a wrong listener');
    const fail = () => {
      throw wrong;
    };
    for (const onEvent of [fail, async () => fail()]) {
      expect(await connect('no URL', { onEvent }).click('ann', 'shoe')).toEqual({ items: [] });
    }
    await expect.poll(() => warn.mock.calls).toEqual([[wrong], [wrong]]);
  });

  it('sends the same click again, whatever becomes of its options meanwhile', async () => {
    const bodies: string[] = [];
    const server = createServer(async (request, response) => {
      bodies.push((await request.toArray()).join(''));
      options.eventId = 'other';
      response.destroy();
    });
    const options = { eventId: 'first' };
    const { click, events } = client(await listening(server));
    await click('ann', 'shoe', options);
    expect(bodies).toEqual(Array(2).fill('{"item":"shoe","eventId":"first"}'));
    expect(events).toMatchObject([{ eventId: 'first' }]);
  });

  it('shows wrong use as an event, or on the console', async () => {
    const { click, events } = client();
    expect(await click('ann', 'shoe', { nn: 5 } as object)).toEqual({ items: [] });
    const unknown = 'gru4rec click: HTTP 400: body must NOT have additional properties, got \\"nn\\"';
    expect(events).toMatchObject([{ kind: 'refused', status: 400, message: unknown }]);

    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    onTestFinished(() => warn.mockRestore());
    expect(await connect(served.url).recommend('ann')).toEqual({ items: [] });
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      expect.stringMatching(/^gru4rec recommend: HTTP 401: Expected a bearer/),
    );
  });
});
