import type { FastifyInstance } from 'fastify';
import { Problem } from '../problem.ts';
import { responses } from '../schemas.ts';
import type { ServerContext } from '../server-context.ts';

/** No token is needed. */
const open = { tags: ['health'], security: [], response: responses.health };

/** For probes: whether the process lives, and whether it should get requests. */
export function healthRoutes(app: FastifyInstance, context: ServerContext): void {
  app.get('/health/live', { schema: { ...open, summary: 'Whether the server runs' } }, async () => ({
    status: 'live',
  }));
  app.get(
    '/health/ready',
    { schema: { ...open, summary: 'Whether all models are loaded and warmed up' } },
    async () => {
      if (context.isStopping) throw new Problem(503, 'The server stops');
      if (!context.models.isReady) throw new Problem(503, 'Not all models are loaded');
      if (context.isWarmingUp) throw new Problem(503, 'The server warms up');
      // A store that fails is replaced by memory, so the server goes on.
      return { status: 'ready', sessions: context.sessions.status?.state };
    },
  );
}
