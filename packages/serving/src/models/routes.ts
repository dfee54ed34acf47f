import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { Problem } from '../http/problem.ts';
import { answers, id, jsonSchema } from '../http/schema.ts';
import { learningStatus } from '../learning/learning.ts';
import { type ReadMetric, registerReadMetrics } from '../metrics.ts';
import { newItems } from '../online/new-items.ts';
import { onlineReport } from '../online/online-evaluation.ts';
import { describeModels, problemsOf } from '../page/problems.ts';
import { refuseReadOnly, type ServerContext } from '../server-context.ts';
import { modelStatus } from './served-model.ts';

const params = z.object({ name: id });
const problems = z.array(z.string()).describe('What is wrong, and what to do');
const models = z.array(modelStatus.extend({ learning: learningStatus, online: onlineReport }));

export function modelPlugin(app: FastifyInstance, context: ServerContext): void {
  const { models: served } = context;
  registerMetrics(context);
  const tags = ['models'];
  app.get(
    '/v1/models',
    { schema: { tags, response: answers(z.object({ models })), summary: 'The models that are served' } },
    async () => ({ models: await describeModels(context) }),
  );
  const response = answers(z.object({ problems, models, newItems }));
  const summary = 'What is wrong, the models and the newest items, as the page at / shows them';
  app.get('/v1/status', { schema: { tags, response, summary } }, async () => {
    const models = await describeModels(context);
    return { problems: await problemsOf(context, models), models, newItems: context.newItems.report() };
  });
  app.post<{ Params: z.output<typeof params> }>(
    '/v1/models/:name/load',
    {
      schema: {
        tags,
        params: jsonSchema(params),
        response: answers(modelStatus),
        summary:
          'Read the folder of a model again; if that fails, the earlier version goes on serving. If it learns, the one of the folder serves when it has learnt the clicks since its dataset',
      },
    },
    async ({ params: { name } }) => {
      refuseReadOnly(context, 'reads no model again');
      const model = served.get(name);
      await model.reload().catch((cause: Error) => {
        throw new Problem(409, `The model "${name}" cannot be loaded: ${cause.message}`, { cause });
      });
      return model.status;
    },
  );
}

function registerMetrics({ models, metrics }: ServerContext): void {
  const failed: ReadMetric = [
    '1 if the latest load of a model failed; an earlier version may serve',
    () => models.all.map(({ status }) => [{ model: status.name }, Number(status.error !== null)]),
  ];
  registerReadMetrics(metrics.registry, { gru4rec_model_load_failed: failed }, ['model']);
  const info: ReadMetric = [
    'The versions that serve',
    () =>
      models.all.flatMap(({ status: { name: model, folder, version, lineage, items } }) => {
        // One that learns has a new version every few seconds, which would each be a series.
        const counted = lineage === version ? String(items) : '';
        return lineage === null
          ? []
          : [[{ model, folder: folder ?? '', version: lineage, items: counted }, 1]];
      }),
  ];
  registerReadMetrics(metrics.registry, { gru4rec_model_info: info }, [
    'model',
    'folder',
    'version',
    'items',
  ]);
}
