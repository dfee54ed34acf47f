import type { FastifyInstance } from 'fastify';
import { Problem } from '../problem.ts';
import { modelParams, responses } from '../schemas.ts';
import type { ServerContext } from '../server-context.ts';

const tags = ['models'];

/** The models and the newest items, and reading the models' folders again. */
export function modelRoutes(
  app: FastifyInstance,
  { models, evaluation, learning, newItems, readOnly }: ServerContext,
): void {
  const describe = () =>
    Promise.all(
      models.all.map(async ({ status, learns }) => ({
        ...status,
        learning: learns && learning ? { state: learning.state, reason: learning.reason } : null,
        online: await evaluation.report(status),
      })),
    );
  app.get(
    '/v1/models',
    { schema: { tags, response: responses.models, summary: 'The models that are served' } },
    async () => ({ models: await describe() }),
  );
  const summary = 'The models and the newest items: what the page at / shows beside metrics';
  app.get('/v1/status', { schema: { tags, response: responses.status, summary } }, async () => ({
    ...{ models: await describe(), newItems: newItems.report() },
  }));
  app.post<{ Params: { readonly name: string } }>(
    '/v1/models/:name/load',
    {
      schema: {
        ...{ tags, params: modelParams, response: responses.model },
        summary: 'Read the folder of a model again; if that fails, the earlier version goes on serving',
      },
    },
    async ({ params: { name } }) => {
      if (readOnly) throw new Problem(403, 'This server is read-only: it reads no model again');
      const model = models.get(name);
      if (model.learns)
        throw new Problem(409, `The model "${name}" learns from clicks: it is not read again`);
      await model.load().catch((cause: Error) => {
        throw new Problem(409, `The model "${name}" cannot be loaded: ${cause.message}`, { cause });
      });
      return model.status;
    },
  );
}
