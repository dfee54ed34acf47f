import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { answerRequest } from '../answer.ts';
import type { RequestRules } from '../rules.ts';
import { rankBody, recommendBody, responses } from '../schemas.ts';
import type { ServerContext } from '../server-context.ts';

interface RecommendBody extends RequestRules {
  readonly items: readonly string[];
  readonly n: number;
}

interface RankBody extends RequestRules {
  readonly items: readonly string[];
  readonly candidates: readonly string[];
}

const tags = ['without a stored session'];

/** Answers for sessions that come with the request and are not remembered. */
export function recommendRoutes(app: FastifyInstance, context: ServerContext): void {
  const { models, metrics } = context;
  // Nothing to be sticky by, so each request draws its model.
  const anyModel = () => models.of(models.all.length === 1 ? '' : randomUUID());
  app.post<{ Body: RecommendBody }>(
    '/v1/recommend',
    {
      schema: { tags, body: recommendBody, response: responses.answer, summary: 'Recommend the next items' },
    },
    async ({ body }) => {
      const { items: clicked, n } = body;
      const request = { model: anyModel(), sessionId: undefined, clicked, dropped: 0, n, rules: body };
      const answer = await answerRequest(context, request);
      metrics.unknown(answer.model, answer.unknown.length);
      return answer;
    },
  );
  app.post<{ Body: RankBody }>(
    '/v1/rank',
    { schema: { tags, body: rankBody, response: responses.answer, summary: 'Order candidates, best first' } },
    async ({ body }) => {
      const { items: clicked, candidates } = body;
      const answer = await answerRequest(context, {
        ...{ model: anyModel(), sessionId: undefined, clicked, dropped: 0 },
        ...{ n: candidates.length, rules: body, candidates },
      });
      metrics.unknown(answer.model, answer.unknown.length);
      return answer;
    },
  );
}
