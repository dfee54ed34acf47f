import type { FastifyInstance } from 'fastify';
import { responses } from '../schemas.ts';
import type { ServerContext } from '../server-context.ts';

/** Metrics for Prometheus, and the last day for the server's own page. */
export function metricsRoutes(app: FastifyInstance, { metrics, history }: ServerContext): void {
  const { registry } = metrics;
  app.get(
    '/metrics',
    { schema: { tags: ['metrics'], summary: 'Metrics for Prometheus' } },
    async (_, reply) => reply.type(registry.contentType).send(await registry.metrics()),
  );
  app.get(
    '/v1/history',
    {
      schema: {
        ...{ tags: ['metrics'], response: responses.history },
        summary: 'The last day, a sample per minute since the server started: what the page at / shows',
      },
    },
    async () => history.report(),
  );
}
