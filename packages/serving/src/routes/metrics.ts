import type { FastifyInstance } from 'fastify';
import type { ServerContext } from '../server-context.ts';

/** Metrics for Prometheus. */
export function metricsRoutes(app: FastifyInstance, { metrics }: ServerContext): void {
  const { registry } = metrics;
  app.get(
    '/metrics',
    { schema: { tags: ['metrics'], summary: 'Metrics for Prometheus' } },
    async (_, reply) => reply.type(registry.contentType).send(await registry.metrics()),
  );
}
