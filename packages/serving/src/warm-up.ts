import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { makeMetrics } from './metrics.ts';
import { OnlineEvaluation } from './online/online-evaluation.ts';
import type { ContextOf, ServerContext } from './server-context.ts';
import { MemoryStore } from './sessions/memory-store.ts';

const HEADER = 'x-gru4rec-warm-up';
const SESSIONS = 36;
const CLICKS = 4;
const STRIDE = 7919;
/** Sessions that click at the same time, so that batches of several sizes occur. */
const TOGETHER = 6;
/** Large models answer slowly, and are compiled by their own warm-up. */
const MOST_MS = 1000;

/**
 * A server's requests to itself, which compile the code of its routes. They use its models, but not its sessions,
 * metrics and observers.
 */
export interface WarmUp {
  readonly contextOf: ContextOf;
  /** Answers and errors are dropped. */
  run(app: FastifyInstance): Promise<void>;
}

/** @param token - one that the server accepts, if it needs one. */
export function makeWarmUp(context: ServerContext, token: string | undefined): WarmUp {
  /** What the requests of a warm-up that runs use, and the key by which they are known. */
  let running: { readonly key: string; readonly scratch: ServerContext } | undefined;
  return {
    contextOf: ({ headers }) => (running && headers[HEADER] === running.key ? running.scratch : context),
    async run(app) {
      const key = randomUUID();
      const scratch = {
        ...{ ...context, sessions: new MemoryStore(), metrics: makeMetrics() },
        ...{ observers: [new OnlineEvaluation()], readOnly: false, isStopping: false },
      };
      const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const headers = { host: 'localhost', [HEADER]: key, ...authorization };
      const send = (url: string, payload?: object) =>
        app.inject({ url, headers, ...(payload ? { method: 'POST', payload } : { method: 'GET' }) });
      running = { key, scratch };
      context.isWarmingUp = true;
      const untilMs = performance.now() + MOST_MS;
      try {
        for (let first = 0; first < SESSIONS && performance.now() < untilMs; first += TOGETHER) {
          const visits = Array.from({ length: TOGETHER }, (_, at) => visit(context, send, key, first + at));
          await Promise.all(visits);
        }
      } finally {
        context.isWarmingUp = false;
        running = undefined;
      }
    },
  };
}

/** A session with all kinds of requests for recommendations, and with items from all parts of the list. */
async function visit(
  { models }: ServerContext,
  send: (url: string, payload?: object) => Promise<unknown>,
  key: string,
  session: number,
): Promise<void> {
  const sessionId = `${key}-${session}`;
  const { itemIds } = models.of(sessionId).inference;
  const path = `/v1/sessions/${sessionId}`;
  const items = Array.from({ length: CLICKS }, (_, at) => {
    return itemIds.at((STRIDE * (CLICKS * session + at)) % itemIds.length) as string;
  });
  await send(`${path}/recommendations`);
  for (const item of items) await send(`${path}/events`, { item });
  await send(`${path}/recommendations?excludeSeen=true`);
  await send('/v1/recommend', { items });
  await send('/v1/rank', { items: items.slice(1), candidates: items });
  models.forget(sessionId);
}
