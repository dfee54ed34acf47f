import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { makeMetrics } from './metrics.ts';
import { OnlineEvaluation } from './online/online-evaluation.ts';
import type { ContextOf, ServerContext } from './server-context.ts';
import { MemoryStore } from './sessions/memory-store.ts';

const HEADER = 'x-gru4rec-warm-up';
/** Sessions of a warm-up, of `CLICKS` clicks each. */
const SESSIONS = 36;
const CLICKS = 4;
const STRIDE = 7919;
/** Sessions that click at the same time, so that batches of several sizes occur. */
const TOGETHER = 6;
/** Large models answer slowly, and are compiled by their own warm-up. */
const MOST_MS = 1000;

/**
 * A server's requests to itself, by which the code of its routes is compiled before it is ready. They use the server's models,
 * and in place of its sessions, metrics and observers others, which are then dropped.
 */
export class WarmUp {
  readonly #context: ServerContext;
  readonly #token: string | undefined;
  #asked = 0;
  #key: string | undefined;
  #scratch: ServerContext | undefined;

  constructor(context: ServerContext, token: string | undefined) {
    this.#context = context;
    this.#token = token;
  }

  /** The server's own context, except for requests of a warm-up. */
  readonly contextOf: ContextOf = ({ headers }) => {
    const isOwn = this.#key !== undefined && headers[HEADER] === this.#key;
    return (isOwn && this.#scratch) || this.#context;
  };

  /** Sends the requests. Their answers, errors among them, are dropped. */
  async run(app: FastifyInstance): Promise<void> {
    this.#scratch = {
      ...{ ...this.#context, sessions: new MemoryStore(), metrics: makeMetrics() },
      ...{ observers: [new OnlineEvaluation()], readOnly: false, isStopping: false },
    };
    const key = randomUUID();
    this.#key = key;
    this.#context.isWarmingUp = true;
    const untilMs = performance.now() + MOST_MS;
    try {
      for (let first = 0; first < SESSIONS && performance.now() < untilMs; first += TOGETHER) {
        const visits = Array.from({ length: TOGETHER }, (_, at) => this.#visit(app, `${key}-${first + at}`));
        await Promise.all(visits);
      }
    } finally {
      this.#context.isWarmingUp = false;
      this.#key = undefined;
      this.#scratch = undefined;
    }
  }

  /** A session with all kinds of requests for recommendations. */
  async #visit(app: FastifyInstance, sessionId: string): Promise<void> {
    const { itemIds } = this.#context.models.of(sessionId).inference;
    const path = `/v1/sessions/${sessionId}`;
    const items = Array.from({ length: CLICKS }, () => itemIds.at(this.#nextItem(itemIds.length)) as string);
    await this.#send(app, `${path}/recommendations`);
    for (const item of items) await this.#send(app, `${path}/events`, { item });
    await this.#send(app, `${path}/recommendations?excludeSeen=true`);
    await this.#send(app, '/v1/recommend', { items });
    await this.#send(app, '/v1/rank', { items: items.slice(1), candidates: items });
    this.#context.models.forget(sessionId);
  }

  /** Items from all parts of the list. */
  #nextItem(count: number): number {
    return (STRIDE * this.#asked++) % count;
  }

  async #send(app: FastifyInstance, url: string, payload?: object): Promise<void> {
    const authorization = this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` };
    const headers = { host: 'localhost', [HEADER]: this.#key, ...authorization };
    await app.inject({ url, headers, ...(payload ? { method: 'POST', payload } : { method: 'GET' }) });
  }
}
