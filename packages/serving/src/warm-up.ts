import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import type { FastifyInstance } from 'fastify';
import { makeHttpServer } from './http/app.ts';
import { makeMetrics } from './metrics.ts';
import { OnlineEvaluation } from './online/online-evaluation.ts';
import type { ServerContext } from './server-context.ts';
import { MemoryStore } from './sessions/session-store.ts';

const CLICKS = 4;
const STRIDE = 7919;
/** Sessions that click at the same time, so that batches of several sizes occur. */
const TOGETHER = 8;
const SESSIONS = 3;
/** Timed answers in a row that are not faster, in their time's share of the least time before. */
const [PATIENCE, FASTER] = [8, 0.95];
const MOST_MS = 4000;

/** Code that one server has compiled serves the next one of the process. */
let isCompiled = false;

/**
 * Requests of a server to itself, over a port of their own, until they take no less than those before. They have their own
 * store and observers, and no metric counts them; other requests are refused meanwhile.
 * @param token - one that the server accepts, if it needs one.
 */
export async function warmUp(
  app: FastifyInstance,
  context: ServerContext,
  token: string | undefined,
): Promise<void> {
  const own = new WeakSet<IncomingMessage>();
  const scratch = {
    sessions: new MemoryStore(),
    observers: [new OnlineEvaluation()],
    metrics: makeMetrics(),
  };
  context.warmUp = { own, scratch: { ...context, ...scratch, readOnly: false } };
  const server = makeHttpServer((received, response) => {
    own.add(received);
    app.routing(received, response);
  });
  const agent = new Agent({ keepAlive: true, maxSockets: TOGETHER });
  try {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const send = async (path: string, body?: object): Promise<void> => {
      const json = body && { 'content-type': 'application/json' };
      const method = body ? 'POST' : 'GET';
      const sent = request({ port, path, method, agent, headers: { ...authorization, ...json } });
      sent.end(body && JSON.stringify(body));
      const [response] = await once(sent, 'response');
      await once(response.resume(), 'end');
    };
    const untilMs = performance.now() + MOST_MS;
    let [leastMs, left] = [Number.POSITIVE_INFINITY, isCompiled ? 1 : PATIENCE];
    while (left > 0 && performance.now() < untilMs) {
      const start = performance.now();
      await Promise.all(Array.from({ length: TOGETHER }, () => visit(context, send)));
      const ms = performance.now() - start;
      left = ms > FASTER * leastMs || isCompiled ? left - 1 : PATIENCE;
      leastMs = Math.min(leastMs, ms);
    }
    isCompiled = true;
  } finally {
    context.warmUp = undefined;
    agent.destroy();
    await promisify(server.close.bind(server))();
  }
}

async function visit(
  { models }: ServerContext,
  send: (path: string, body?: object) => Promise<void>,
): Promise<void> {
  let at = Math.floor(STRIDE * Math.random());
  for (let session = 0; session < SESSIONS; session++) {
    const sessionId = randomUUID();
    const { itemIds } = models.of(sessionId).inference;
    const items = Array.from(
      { length: CLICKS },
      () => itemIds.at((STRIDE * at++) % itemIds.length) as string,
    );
    const path = `/v1/sessions/${sessionId}`;
    await send(`${path}/recommendations`);
    for (const item of items) await send(`${path}/events`, { item });
    await send(`${path}/events`, { item: items[0], store: false });
    await send(`${path}/recommendations?excludeSeen=true`);
    await send('/v1/recommend', { items });
    await send('/v1/rank', { items: items.slice(1), candidates: items });
    models.forget(sessionId);
  }
}
