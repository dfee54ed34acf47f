import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { OnlineEvaluation } from './online/online-evaluation.ts';
import type { ServerContext } from './server-context.ts';
import { answerRequest } from './sessions/answer.ts';
import { record } from './sessions/routes.ts';
import { MemoryStore } from './sessions/session-store.ts';

const SESSIONS = 36;
const CLICKS = 4;
const STRIDE = 7919;
/** Sessions that click at the same time, so that batches of several sizes occur. */
const TOGETHER = 6;
/** Large models answer slowly, and are compiled by their own warm-up. */
const MOST_MS = 1000;

/**
 * Requests of a server to itself, which compile the code of its routes. Nothing of them is stored, observers do not
 * see them, and metrics begin behind them.
 * @param token - one that the server accepts, if it needs one.
 */
export async function warmUp(
  app: FastifyInstance,
  context: ServerContext,
  token: string | undefined,
): Promise<void> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const headers = { host: 'localhost', ...authorization };
  const get = (url: string) => app.inject({ url, headers });
  const post = (url: string, payload: object) => app.inject({ url, headers, method: 'POST', payload });
  // What a click does is compiled with a store and an observer of the warm-up's own.
  const scratch = {
    ...context,
    sessions: new MemoryStore(),
    observers: [new OnlineEvaluation()],
    readOnly: false,
  };
  /** All kinds of requests for recommendations, with items from all parts of the list. */
  const visit = async (session: number): Promise<void> => {
    const sessionId = randomUUID();
    const model = context.models.of(sessionId);
    const { itemIds } = model.inference;
    const path = `/v1/sessions/${sessionId}`;
    const items = Array.from({ length: CLICKS }, (_, at) => {
      return itemIds.at((STRIDE * (CLICKS * session + at)) % itemIds.length) as string;
    });
    await get(`${path}/recommendations`);
    for (const item of items) {
      await post(`${path}/events`, { item, store: false });
      const stored = await record(scratch, sessionId, { item });
      await answerRequest(scratch, { ...stored, sessionId, model, n: 20, rules: {} });
    }
    await get(`${path}/recommendations?excludeSeen=true`);
    await post('/v1/recommend', { items });
    await post('/v1/rank', { items: items.slice(1), candidates: items });
    context.models.forget(sessionId);
  };
  context.isWarmingUp = true;
  const untilMs = performance.now() + MOST_MS;
  try {
    for (let first = 0; first < SESSIONS && performance.now() < untilMs; first += TOGETHER) {
      await Promise.all(Array.from({ length: TOGETHER }, (_, at) => visit(first + at)));
    }
  } finally {
    context.isWarmingUp = false;
    const { requests, inference, batches, unknown, fallbacks } = context.metrics;
    for (const metric of [requests, inference, batches, unknown, fallbacks]) metric.reset();
  }
}
