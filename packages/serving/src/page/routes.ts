import { readFileSync } from 'node:fs';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { Problem } from '../http/problem.ts';
import { answers } from '../http/schema.ts';
import type { ServerContext } from '../server-context.ts';
import { chartsOf, headlineFor, tablesOf } from './dashboard.ts';

/** Runs only the page's own script, which asks only its own server. */
const POLICY = [
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:",
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  ...{ 'content-security-policy': POLICY, 'x-content-type-options': 'nosniff' },
  ...{ 'cache-control': 'no-cache', 'referrer-policy': 'no-referrer' },
};

const FILES: readonly (readonly [path: string, name: string, type: string])[] = [
  ['/', 'page.html', 'text/html'],
  ['/page/page.js', 'page.js', 'text/javascript'],
];

/** `/`: the state of the server. Its files need no token; it sends one with what it reads. */
export function pageRoutes(app: FastifyInstance): void {
  for (const [path, name, type] of FILES) {
    const content = readFileSync(new URL(`../../src/page/${name}`, import.meta.url), 'utf8');
    app.get(path, { schema: { hide: true } }, async (_, reply) =>
      reply.headers(HEADERS).type(`${type}; charset=utf-8`).send(content),
    );
  }
  app.get('/page/page.css', { schema: { hide: true } }, async (_, reply) =>
    reply
      .headers(HEADERS)
      .type('text/css; charset=utf-8')
      .send((await import('@gru4rec/report/pages')).STYLE),
  );
}

/** How long drawn curves are shown, whose drawing delays answers. */
const DRAWN_MS = 30_000;

/** What the page shows, as markup. */
export function dashboardRoutes(app: FastifyInstance, context: ServerContext): void {
  let [drawn, drawnMs] = [Promise.resolve(''), Number.NEGATIVE_INFINITY];
  const charts = () => {
    if (performance.now() - drawnMs > DRAWN_MS) [drawn, drawnMs] = [chartsOf(context), performance.now()];
    return drawn;
  };
  for (const [name, content] of Object.entries({
    headline: () => headlineFor(context),
    charts,
    tables: () => tablesOf(context),
  })) {
    app.get(`/page/${name}`, { schema: { hide: true } }, async (_, reply) =>
      reply
        .headers(HEADERS)
        .type('text/html; charset=utf-8')
        .send(await content()),
    );
  }
}

/** `/openapi.json`, and `/docs` as a page. To be registered before the routes that it describes. */
export async function documentationRoutes(app: FastifyInstance, withTokens: boolean): Promise<void> {
  const info = { title: 'GRU4Rec', description: 'Recommendations for sessions', version: '1' };
  const bearer = { type: 'http', scheme: 'bearer' } as const;
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info,
      ...(withTokens ? { security: [{ bearer: [] }], components: { securitySchemes: { bearer } } } : {}),
    },
  });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  await app.register(swaggerUi, { routePrefix: '/docs' });
}

const health = z.object({
  status: z.string(),
  sessions: z
    .enum(['available', 'unavailable'])
    .describe('Whether the store of the sessions works, if it can fail')
    .optional(),
});

/** For probes, without a token. */
export function healthRoutes(app: FastifyInstance, context: ServerContext): void {
  const open = { tags: ['health'], security: [], response: answers(health) };
  const summary = 'Whether the server runs';
  app.get('/health/live', { schema: { ...open, summary } }, async () => ({ status: 'live' }));
  app.get(
    '/health/ready',
    { schema: { ...open, summary: 'Whether all models are loaded and warmed up' } },
    async () => {
      if (context.isStopping) throw new Problem(503, 'The server stops');
      if (!context.models.isReady) throw new Problem(503, 'Not all models are loaded');
      if (context.warmUp) throw new Problem(503, 'The server warms up');
      // A store that fails is replaced by memory, so the server goes on.
      return { status: 'ready', sessions: context.sessions.status?.state };
    },
  );
}

export function metricsRoutes(app: FastifyInstance, { metrics: { registry } }: ServerContext): void {
  const schema = { tags: ['metrics'], summary: 'Metrics for Prometheus' };
  app.get('/metrics', { schema }, async (_, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
}
