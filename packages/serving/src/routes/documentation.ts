import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';

/**
 * `/openapi.json`, and `/docs` as a page. To be registered before the routes that it describes.
 *
 * @param withTokens - whether requests need a bearer token.
 */
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
