import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { describeCauses, Problem } from '../http/problem.ts';
import { answers, id, jsonSchema, limits, problem } from '../http/schema.ts';
import type { ServerContext } from '../server-context.ts';
import { forgetSession, readOnly } from './routes.ts';

/** The latest ones, which can be asked for. */
const MOST_JOBS = 1000;
const MOST_WAITING = 16;

const request = z.strictObject({
  sessions: z.array(id).min(1).max(limits.items).describe('Ids of sessions'),
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
type Job = z.output<typeof status>;

/** Forgets sessions wherever the server keeps them, one request after the other. A repeated request completes one that was killed. */
export function forgetPlugin(app: FastifyInstance, context: ServerContext): void {
  const jobs = new LRUCache<string, Job>({ max: MOST_JOBS });
  let waiting = 0;
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
      if (waiting >= MOST_WAITING) throw new Problem(503, `${waiting} requests to forget wait already`);
      const job: Job = { state: 'running', removed: { sessions: 0, clicks: 0 }, error: null };
      const name = randomUUID();
      jobs.set(name, job);
      waiting++;
      last = last.then(() => forget(context, new Set(body.sessions), job)).then(() => void waiting--);
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

async function forget(context: ServerContext, ids: ReadonlySet<string>, job: Job): Promise<void> {
  const { observers, learning } = context;
  try {
    const had = await Promise.all([...ids].map((id) => forgetSession(context, id)));
    job.removed.sessions = had.filter(Boolean).length;
    for (const observer of observers) {
      for await (const clicks of observer.forget?.(ids) ?? []) {
        job.removed.clicks += clicks;
        if (context.isStopping) throw new Problem(503, 'The server stops. Send the request again');
      }
    }
    await learning?.forget(ids);
    job.state = 'done';
  } catch (error) {
    Object.assign(job, { state: 'failed', error: describeCauses(error) } satisfies Partial<Job>);
  }
}
