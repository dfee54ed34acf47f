import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { describeCauses, Problem } from '../http/problem.ts';
import { answers, id, jsonSchema, problem } from '../http/schema.ts';
import type { ServerContext } from '../server-context.ts';
import { forgetSession, readOnly } from './routes.ts';

/** The most ids of a request. */
const MOST_IDS = 100_000;
const MOST_WAITING = 16;

const request = z.strictObject({
  sessions: z.array(id).min(1).max(MOST_IDS).describe('Ids of sessions'),
});
const params = z.object({ job: id });
const status = z.object({
  state: z.enum(['running', 'done', 'failed']),
  removed: z.object({
    sessions: z.int().describe('Sessions that the store had'),
    clicks: z.int().describe('Clicks of the event log'),
  }),
  error: z.string().nullable().describe('Why it failed; the same request again completes it'),
});

/** How far a request to forget is. */
export type ForgetStatus = z.output<typeof status>;

/** Forgets sessions wherever the server keeps them, one request after the other. A repeated request completes one that was killed. */
export function forgetPlugin(app: FastifyInstance, context: ServerContext): void {
  const jobs = new LRUCache<string, ForgetStatus>({ max: 1000 });
  let last = Promise.resolve();
  app.addHook('onClose', () => last);
  const tags = ['sessions'];
  const accepted = { 202: jsonSchema(status), default: problem };
  app.post<{ Body: z.output<typeof request> }>(
    '/v1/forget',
    {
      bodyLimit: 1 << 24,
      schema: {
        ...{ tags, body: jsonSchema(request), response: accepted },
        summary:
          'Forget sessions, in the event log and the learner too; the header location says where to look',
      },
    },
    async ({ body }, reply) => {
      if (context.readOnly) throw readOnly();
      if ([...jobs.values()].filter(({ state }) => state === 'running').length >= MOST_WAITING)
        throw new Problem(503, `${MOST_WAITING} requests to forget wait already`);
      const job: ForgetStatus = { state: 'running', removed: { sessions: 0, clicks: 0 }, error: null };
      const name = randomUUID();
      jobs.set(name, job);
      last = last.then(() => forget(context, new Set(body.sessions), job));
      return reply.code(202).header('location', `/v1/forget/${name}`).send(job);
    },
  );
  app.get<{ Params: z.output<typeof params> }>(
    '/v1/forget/:job',
    {
      schema: {
        ...{ tags, params: jsonSchema(params), response: answers(status) },
        summary: 'How far a request to forget is',
      },
    },
    async ({ params: { job } }) => {
      const found = jobs.get(job);
      if (found) return found;
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
    job.state = 'done';
  } catch (error) {
    Object.assign(job, { state: 'failed', error: describeCauses(error) } satisfies Partial<ForgetStatus>);
  }
}
