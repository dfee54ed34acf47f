import { randomUUID } from 'node:crypto';
import { show } from '@gru4rec/checks';
import { relatedKinds } from '@gru4rec/model';
import type { FastifyInstance } from 'fastify';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { logLine } from '../event-log/log-lines.ts';
import { describeCauses, Problem } from '../http/problem.ts';
import { answers, id, itemId, jsonSchema, limits, problem } from '../http/schema.ts';
import { registerReadMetrics } from '../metrics.ts';
import type { Models } from '../models/served-model.ts';
import { SerialQueue } from '../serial-queue.ts';
import { contextOf, refuseReadOnly, type ServerContext } from '../server-context.ts';
import { type AnswerRequest, answer, answerRequest, checkAnswerable } from './answer.ts';
import { bodyRules, pinned, queryRules } from './rules.ts';
import { makeClick, NO_CLICKS, type StoredSession } from './session-store.ts';

const clickAbout = {
  type: id.describe('Type of the click, such as cart').optional(),
  context: z
    .record(z.string(), id)
    .meta({ propertyNames: jsonSchema(id), maxProperties: 20 })
    .describe('Further values of the click by column, such as device')
    .optional(),
};
const n = z.int().min(0).max(limits.n).default(20).describe('Number of items');
const clicks = z
  .array(z.union([itemId, z.strictObject({ item: itemId, ...clickAbout })]))
  .max(1000)
  .describe('The session’s items in order, or clicks with item, type and context');

const params = z.object({ sessionId: id.describe('Any id of the caller’s') });
const query = z.strictObject({ n, ...queryRules });
const session = id.describe('Whose list it is, for the arm and the log of answers').optional();
const passingQuery = query.extend({ session });
const event = z.strictObject({
  item: itemId.describe('The clicked item'),
  // 16 November 5138 is the latest time that `prepare` reads.
  time: z
    .int()
    .min(0)
    .max(99_999_999_999_999)
    .describe('Milliseconds since 1970; now, if not given')
    .optional(),
  eventId: id
    .describe('A click whose id and item the session has already is answered and not counted')
    .optional(),
  recommendationId: id.describe('The answer in which the item was clicked').optional(),
  ...clickAbout,
  orderId: id.describe('The order that the item is part of').optional(),
  value: z
    .number()
    .min(-1e9)
    .max(1e9)
    .describe(
      'What the item earns, such as its price. Below 0 it came back: that is kept for gru4rec impact, and is no click of the session',
    )
    .optional(),
  store: z.boolean().default(true).describe('false answers without remembering the click'),
  n,
  ...bodyRules,
  pinned,
});
const recommend = z.strictObject({ items: clicks, session, n, ...bodyRules, pinned });
const rank = z.strictObject({
  items: clicks,
  session,
  candidates: z
    .array(itemId)
    .max(limits.items)
    .describe(
      'The items to order, in the caller’s order, such as of a search engine. Those that the model does not know keep their places among what the rules leave, with the score null',
    ),
  scores: z
    .array(z.number())
    .max(limits.items)
    .describe('A score per candidate: the greatest first are the caller’s order, not that of candidates')
    .optional(),
  weight: z
    .number()
    .min(0)
    .max(1)
    .describe(
      'Mixes the orders: score = weight / (60 + rank by the model) + (1 − weight) / (60 + rank by the caller). If not given, only the model orders',
    )
    .optional(),
  ...bodyRules,
});

const shown = z.strictObject({
  recommendationId: id,
  items: z.array(itemId).max(limits.n).describe('Those that were on the screen'),
});

type EventBody = z.output<typeof event>;
type Params = z.output<typeof params>;

const MOST_BYTES = 65_536;

export function sessionPlugin(app: FastifyInstance, server: ServerContext): void {
  const { models } = server;
  registerMetrics(server);
  const tags = ['sessions'];
  const schema = { tags, params: jsonSchema(params), response: answers(answer) };
  app.post<{ Params: Params; Body: EventBody }>(
    '/v1/sessions/:sessionId/events',
    {
      schema: { ...schema, body: jsonSchema(event), summary: 'Record a click and recommend the next items' },
    },
    async ({ params, body, raw }) => {
      const { n, store, item } = body;
      const context = contextOf(server, raw);
      const sessionId = ownText(params.sessionId);
      const model = models.of(sessionId);
      if (model.inference.itemIds.indexOf(item) < 0) context.metrics.unknown.inc({ model: model.name });
      // A server that cannot answer takes no click, because the client will send it again.
      checkAnswerable(context, { model, n, rules: body });
      const { session, observed } = await (!store ? imagine : isReturn(body) ? recordReturn : record)(
        context,
        sessionId,
        body,
      );
      const kept = store ? sessionId : undefined;
      return answerRequest(context, {
        ...session,
        model,
        sessionId: kept,
        visitor: sessionId,
        observed,
        n,
        rules: body,
      });
    },
  );
  const summary = 'Recommend the next items of a session; of a session never seen, what is trending';
  app.get<{ Params: Params; Querystring: z.output<typeof query> }>(
    '/v1/sessions/:sessionId/recommendations',
    { schema: { ...schema, querystring: jsonSchema(query), summary } },
    async ({ params, query, raw }) => {
      const context = contextOf(server, raw);
      const id = ownText(params.sessionId);
      const session = (await context.sessions.read(id)) ?? NO_CLICKS;
      const sessionId = session.clicks.length > 0 ? id : undefined;
      const asked = { ...session, sessionId, visitor: id, model: models.of(id) };
      return answerRequest(context, { ...asked, n: query.n, rules: query });
    },
  );
  const nothing = { 204: { type: 'null', description: 'Logged' }, default: problem };
  app.post<{ Params: Params; Body: z.output<typeof shown> }>(
    '/v1/sessions/:sessionId/shown',
    {
      schema: {
        ...schema,
        body: jsonSchema(shown),
        response: nothing,
        summary: 'Log which items of an answer the visitor saw',
      },
    },
    async ({ params, body, raw }, reply) => {
      refuseReadOnly(server, NO_CHANGES);
      const { recommendationId: RecommendationId, items: Items } = body;
      const line = { SessionId: ownText(params.sessionId), Kind: 'shown', RecommendationId, Items } as const;
      for (const observer of contextOf(server, raw).observers) observer.onLine?.(line);
      return reply.code(204).send();
    },
  );
  const deleted = { 204: { type: 'null', description: 'The session is forgotten' }, default: problem };
  app.delete<{ Params: Params }>(
    '/v1/sessions/:sessionId',
    { schema: { ...schema, response: deleted, summary: 'Forget a session' } },
    async ({ params }, reply) => {
      refuseReadOnly(server, NO_CHANGES);
      await forgetSession(server, ownText(params.sessionId));
      return reply.code(204).send();
    },
  );
  const passing = { tags: ['without a stored session'], response: answers(answer) };
  const answerPassing = async (
    context: ServerContext,
    items: z.output<typeof clicks>,
    asked: Pick<AnswerRequest, 'visitor' | 'n' | 'rules' | 'candidates' | 'source' | 'weight'>,
  ) => {
    const model = anyOf(models, asked.visitor);
    const session = items.map((click) => (typeof click === 'string' ? { item: click } : click));
    const answered = await answerRequest(context, { model, clicks: session, ...asked });
    if (answered.unknown.length > 0)
      context.metrics.unknown.inc({ model: model.name }, answered.unknown.length);
    return answered;
  };
  app.get<{ Querystring: z.output<typeof passingQuery> }>(
    '/v1/trending',
    { schema: { ...passing, querystring: jsonSchema(passingQuery), summary: 'Recommend what is trending' } },
    async ({ query, raw }) => {
      const { n, session: visitor } = query;
      const asked = { visitor, n, rules: query, source: { kind: 'trending' } } as const;
      return answerPassing(contextOf(server, raw), [], asked);
    },
  );
  app.post<{ Body: z.output<typeof recommend> }>(
    '/v1/recommend',
    { schema: { ...passing, body: jsonSchema(recommend), summary: 'Recommend the next items' } },
    async ({ body, raw }) => {
      const { items, n, session: visitor } = body;
      return answerPassing(contextOf(server, raw), items, { visitor, n, rules: body });
    },
  );
  app.post<{ Body: z.output<typeof rank> }>(
    '/v1/rank',
    { schema: { ...passing, body: jsonSchema(rank), summary: 'Order candidates, best first' } },
    async ({ body, raw }) => {
      const { items, weight, session: visitor } = body;
      const candidates = inOrder(body.candidates, body.scores);
      const asked = { visitor, n: candidates.length, rules: body, candidates, weight };
      return answerPassing(contextOf(server, raw), items, asked);
    },
  );
}

/** Lists that start from an item. */
export function relatedPlugin(app: FastifyInstance, server: ServerContext): void {
  const params = z.object({ itemId });
  const { excludeSeen, excludePurchased, ...rules } = queryRules;
  const query = z.strictObject({
    kind: z
      .enum(relatedKinds)
      .default('next')
      .describe(
        'The answer to one click on the item; items of the same sessions, else next; or items whose features are like its own',
      ),
    n,
    session,
    ...rules,
  });
  app.get<{ Params: z.output<typeof params>; Querystring: z.output<typeof query> }>(
    '/v1/items/:itemId/related',
    {
      schema: {
        tags: ['items'],
        params: jsonSchema(params),
        querystring: jsonSchema(query),
        response: answers(answer),
        summary: 'Recommend items that are related to an item',
      },
    },
    async ({ params: { itemId: id }, query: { kind, n, session: visitor, ...rules }, raw }) => {
      const context = contextOf(server, raw);
      const model = anyOf(context.models, visitor);
      const item = model.inference.itemIds.indexOf(id);
      if (item < 0) throw new Problem(404, `The model "${model.name}" knows no item ${show(id)}`);
      if (kind === 'alike' && (!model.additions || model.learns)) {
        const advice = 'Serve a model with itemFeatures, without --learn';
        throw new Problem(409, `The model "${model.name}" has no features of items. ${advice}`);
      }
      const start = kind === 'next' ? { clicks: [{ item: id }] } : { clicks: [], source: { kind, item } };
      const deny = [id, ...(rules.deny ?? [])];
      const answered = await answerRequest(context, {
        model,
        visitor,
        ...start,
        n,
        rules: { ...rules, deny },
      });
      return kind === 'next' && answered.source !== 'none' ? { ...answered, source: kind } : answered;
    },
  );
}

/** Without a visitor, each request draws its model. */
const anyOf = (models: Models, visitor?: string) =>
  visitor === undefined && models.all.length === 1 ? models.all[0] : models.of(visitor ?? randomUUID());

function inOrder(candidates: readonly string[], scores: readonly number[] | undefined): readonly string[] {
  if (!scores) return candidates;
  if (scores.length !== candidates.length) {
    const expected = `${candidates.length} numbers, one per candidate`;
    throw new Problem(400, `"scores" expected ${expected}, got ${scores.length}`);
  }
  const scored = candidates.map((id, at) => ({ id, score: scores[at] ?? 0 }));
  return scored.sort((a, b) => b.score - a.score).map(({ id }) => id);
}

function registerMetrics({ sessions, metrics }: ServerContext): void {
  registerReadMetrics(metrics.registry, {
    gru4rec_sessions: ['Sessions in the store, if it can count them', () => sessions.size],
    ...(sessions.status && {
      gru4rec_session_store_available: [
        '0 while the store of the sessions fails',
        () => Number(sessions.status?.state === 'available'),
      ],
    }),
  });
}

/** The part itself would keep the whole URL, of up to 16 KiB, in memory. */
function ownText(part: string): string {
  return Buffer.from(part).toString();
}

/** Leaves the lines of the event log, and what has been learnt. @returns whether the store had it. */
async function forgetSession(
  { observers, sessions, models }: ServerContext,
  sessionId: string,
): Promise<boolean> {
  // In one turn, so that the log and the store have it between the same clicks.
  const observed = observers.map((observer) => observer.onDelete?.(sessionId));
  const deleted = sessions.delete(sessionId);
  await Promise.all([...observed, deleted]).finally(() => models.forget(sessionId));
  return deleted;
}

const NO_CHANGES = 'remembers no clicks and reads no model again';

/** A wrong time would move what later steps count from, such as the days that are kept. */
function checkTime(timeMs: number, { behindMs, aheadMs }: ServerContext['clickTimes']): void {
  const now = Date.now();
  if (timeMs >= now - behindMs && timeMs <= now + aheadMs) return;
  const [got, clock] = [timeMs, now].map((ms) => new Date(ms).toISOString());
  const bound = `at most ${behindMs / 1000} s before and ${aheadMs / 1000} s after the server's clock, ${clock}`;
  const advice = 'Leave it out, or allow more with --click-times (clickTimes)';
  throw new Problem(400, `"time" expected ${bound}, got ${got}. ${advice}`);
}

interface Recorded {
  readonly session: StoredSession;
  readonly observed?: Promise<unknown>;
}

async function record(context: ServerContext, sessionId: string, body: EventBody): Promise<Recorded> {
  refuseReadOnly(context, NO_CHANGES);
  const arrivedMs = Date.now();
  const click = makeClick(body.item, body.time ?? arrivedMs, body);
  const model = context.models.armOf(sessionId);
  const { recommendationId, orderId, value } = body;
  const event = { sessionId, click, arrivedMs, recommendationId, model, orderId, value };
  if (body.time !== undefined) checkTime(body.time, context.clickTimes);
  // Without a context, the longest ids make less.
  const bytes = click.context ? Buffer.byteLength(logLine(event)) : 0;
  if (bytes > MOST_BYTES)
    throw new Problem(400, `"context" expected to make a click of at most ${MOST_BYTES} bytes, got ${bytes}`);
  const { session, repeated } = await context.sessions.append(sessionId, click);
  const kind = repeated ? 'onRepeat' : 'onClick';
  const waits = context.observers.flatMap((observer) => observer[kind]?.(event) ?? []);
  if (waits.length === 0) return { session };
  const observed = Promise.all(waits);
  // A request that fails otherwise does not wait for it.
  observed.catch(() => undefined);
  return { session, observed };
}

const isReturn = ({ value = 0 }: EventBody) => value < 0;

/** The session stays as it is. */
async function recordReturn(context: ServerContext, sessionId: string, body: EventBody): Promise<Recorded> {
  refuseReadOnly(context, NO_CHANGES);
  const { item, eventId: EventId, orderId: OrderId, value: Value } = body;
  for (const observer of context.observers)
    observer.onLine?.({ SessionId: sessionId, Kind: 'return', Items: [item], EventId, OrderId, Value });
  return { session: (await context.sessions.read(sessionId)) ?? NO_CLICKS };
}

async function imagine({ sessions }: ServerContext, sessionId: string, body: EventBody): Promise<Recorded> {
  const session = (await sessions.read(sessionId)) ?? NO_CLICKS;
  const { item, type, context } = body;
  const click = makeClick(item, Date.now(), { type, context });
  return { session: { ...session, clicks: [...session.clicks, click] } };
}

const MOST_IDS = 100_000;
const MOST_FORGETTING = 16;

const forgetRequest = z.strictObject({
  sessions: z.array(id).min(1).max(MOST_IDS).describe('Ids of sessions'),
});
const job = z.object({ job: id });
const forgetStatus = z.object({
  state: z.enum(['running', 'done', 'failed']),
  removed: z.object({
    sessions: z.int().describe('Sessions that the store had'),
    clicks: z.int().describe('Clicks of the event log'),
  }),
  error: z.string().nullable().describe('Why it failed; the same request again completes it'),
});

/** How far a request to forget is. */
export type ForgetStatus = z.output<typeof forgetStatus>;

/** One request after the other. A repeated request completes one that was killed. */
export function forgetPlugin(app: FastifyInstance, context: ServerContext): void {
  const jobs = new LRUCache<string, ForgetStatus>({ max: 1000 });
  const queue = new SerialQueue();
  app.addHook('onClose', () => queue.idle());
  const tags = ['sessions'];
  const accepted = { 202: jsonSchema(forgetStatus), default: problem };
  app.post<{ Body: z.output<typeof forgetRequest> }>(
    '/v1/forget',
    {
      bodyLimit: 1 << 24,
      schema: {
        tags,
        body: jsonSchema(forgetRequest),
        response: accepted,
        summary:
          'Forget sessions, in the event log and the learner too; the header location says where to look',
      },
    },
    async ({ body }, reply) => {
      refuseReadOnly(context, NO_CHANGES);
      if ([...jobs.values()].filter(({ state }) => state === 'running').length >= MOST_FORGETTING)
        throw new Problem(503, `${MOST_FORGETTING} requests to forget wait already`);
      const forgotten: ForgetStatus = { state: 'running', removed: { sessions: 0, clicks: 0 }, error: null };
      const name = randomUUID();
      jobs.set(name, forgotten);
      queue.run(() => forget(context, new Set(body.sessions), forgotten));
      return reply.code(202).header('location', `/v1/forget/${name}`).send(forgotten);
    },
  );
  app.get<{ Params: z.output<typeof job> }>(
    '/v1/forget/:job',
    {
      schema: {
        tags,
        params: jsonSchema(job),
        response: answers(forgetStatus),
        summary: 'How far a request to forget is',
      },
    },
    async ({ params }) => {
      const job = jobs.get(params.job);
      if (job) return job;
      throw new Problem(404, 'No request to forget has this id since the server started. Send it again');
    },
  );
}

async function forget(context: ServerContext, ids: ReadonlySet<string>, job: ForgetStatus): Promise<void> {
  const { observers, learning } = context;
  try {
    const had = await Promise.all([...ids].map((id) => forgetSession(context, id)));
    job.removed.sessions = had.filter(Boolean).length;
    for (const observer of observers) {
      job.removed.clicks += (await observer.forget?.(ids)) ?? 0;
    }
    await learning?.forget(ids);
    await context.sessions.save?.();
    job.state = 'done';
  } catch (error) {
    Object.assign(job, { state: 'failed', error: describeCauses(error) } satisfies Partial<ForgetStatus>);
  }
}
