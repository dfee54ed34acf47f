import type { FastifyInstance } from 'fastify';
import { type AnswerRequest, answerRequest, checkAnswerable } from '../answer.ts';
import { logLine } from '../event-log/log-line.ts';
import { Problem } from '../problem.ts';
import type { RequestRules } from '../rules.ts';
import { eventBody, recommendationsQuery, responses, sessionParams } from '../schemas.ts';
import type { ContextOf, ServerContext } from '../server-context.ts';
import type { StoredSession } from '../session-store.ts';

interface EventBody extends RequestRules {
  readonly item: string;
  readonly time?: number;
  readonly eventId?: string;
  readonly recommendationId?: string;
  readonly type?: string;
  readonly context?: Readonly<Record<string, string>>;
  readonly store: boolean;
  readonly n: number;
}

interface SessionParams {
  readonly sessionId: string;
}

const EMPTY: StoredSession = { clicks: [], dropped: 0 };
const tags = ['sessions'];
/** Bytes of a click as a line of the event log. */
const MOST_BYTES = 65_536;

/** Sessions that the server remembers: clicks, recommendations, forgetting. */
export function sessionRoutes(app: FastifyInstance, contextOf: ContextOf): void {
  app.post<{ Params: SessionParams; Body: EventBody }>(
    '/v1/sessions/:sessionId/events',
    {
      schema: {
        ...{ tags, params: sessionParams, body: eventBody, response: responses.answer },
        summary: 'Record a click and recommend the next items',
      },
    },
    async (request) => {
      const context = contextOf(request);
      const { params, body } = request;
      const sessionId = ownText(params.sessionId);
      const model = context.models.of(sessionId);
      const { itemIds } = model.inference;
      if (itemIds.indexOf(body.item) < 0) context.metrics.unknown(model.name, 1);
      const { n } = body;
      // A server that cannot answer takes no click, because the client will send it again.
      checkAnswerable(context, { model, n, rules: body });
      const session = await (body.store ? record : imagine)(context, sessionId, body);
      return answerRequest(context, {
        ...asked(session),
        model,
        sessionId: body.store ? sessionId : undefined,
        n,
        rules: body,
      });
    },
  );
  app.get<{ Params: SessionParams; Querystring: RequestRules & { readonly n: number } }>(
    '/v1/sessions/:sessionId/recommendations',
    {
      schema: {
        ...{ tags, params: sessionParams, querystring: recommendationsQuery, response: responses.answer },
        summary: 'Recommend the next items of a session; of a session never seen, the most popular ones',
      },
    },
    async (request) => {
      const context = contextOf(request);
      const { params, query } = request;
      const sessionId = ownText(params.sessionId);
      const session = (await context.sessions.read(sessionId)) ?? EMPTY;
      return answerRequest(context, {
        ...asked(session),
        ...{ model: context.models.of(sessionId), n: query.n, rules: query },
        sessionId: session.clicks.length > 0 ? sessionId : undefined,
      });
    },
  );
  app.delete<{ Params: SessionParams }>(
    '/v1/sessions/:sessionId',
    { schema: { tags, params: sessionParams, response: responses.deleted, summary: 'Forget a session' } },
    async (request, reply) => {
      const context = contextOf(request);
      if (context.readOnly) throw readOnly();
      const sessionId = ownText(request.params.sessionId);
      // In one turn, so that the log and the store have it between the same clicks.
      const observed = context.observers.map((observer) => observer.onDelete?.(sessionId));
      await Promise.all([...observed, context.sessions.delete(sessionId)]).finally(() =>
        context.models.forget(sessionId),
      );
      return reply.code(204).send();
    },
  );
}

/** A copy of a part of a URL. The part itself would keep the whole URL, of up to 16 KiB, in memory. */
function ownText(part: string): string {
  return Buffer.from(part).toString();
}

function asked({ clicks, dropped }: StoredSession): Pick<AnswerRequest, 'clicked' | 'about' | 'dropped'> {
  return { clicked: clicks.map(({ item }) => item), about: clicks, dropped };
}

function aboutOf({ type, context }: EventBody): Pick<EventBody, 'type' | 'context'> {
  return { ...(type !== undefined && { type }), ...(context && { context }) };
}

function readOnly(): Problem {
  return new Problem(403, 'This server is read-only: it remembers no clicks and reads no model again');
}

/** A wrong time would move what later steps count from, such as the days that are kept. */
function checkTime(timeMs: number, { behindMs, aheadMs }: ServerContext['clickTimes']): void {
  const now = Date.now();
  if (timeMs >= now - behindMs && timeMs <= now + aheadMs) return;
  const [got, clock] = [timeMs, now].map((ms) => new Date(ms).toISOString());
  const bound = `at most ${behindMs / 1000} s before and ${aheadMs / 1000} s after the server's clock, ${clock}`;
  const advice = 'Leave it out, or allow more with --click-times (clickBehindMs, clickAheadMs)';
  throw new Problem(400, `"time" expected ${bound}, got ${got}. ${advice}`);
}

/** Stores a click and reports it. @returns the session with it. */
async function record(context: ServerContext, sessionId: string, body: EventBody): Promise<StoredSession> {
  if (context.readOnly) throw readOnly();
  const { item, eventId, recommendationId } = body;
  const arrivedMs = Date.now();
  const timeMs = body.time ?? arrivedMs;
  const click = { item, timeMs, ...(eventId === undefined ? {} : { eventId }), ...aboutOf(body) };
  const { name: model } = context.models.of(sessionId);
  const event = { sessionId, click, arrivedMs, recommendationId, model };
  if (body.time !== undefined) checkTime(body.time, context.clickTimes);
  // Without a context, the longest ids make less.
  const bytes = click.context ? Buffer.byteLength(logLine(event)) : 0;
  if (bytes > MOST_BYTES)
    throw new Problem(400, `"context" expected to make a click of at most ${MOST_BYTES} bytes, got ${bytes}`);
  const { session, repeated } = await context.sessions.append(sessionId, click);
  for (const observer of context.observers) await observer[repeated ? 'onRepeat' : 'onClick']?.(event);
  return session;
}

/** The session as it would be with a click that is not stored. */
async function imagine(
  { sessions }: ServerContext,
  sessionId: string,
  body: EventBody,
): Promise<StoredSession> {
  const { clicks, dropped } = (await sessions.read(sessionId)) ?? EMPTY;
  return { clicks: [...clicks, { item: body.item, timeMs: Date.now(), ...aboutOf(body) }], dropped };
}
