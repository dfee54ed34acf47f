import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { type AnswerRequest, answerRequest } from '../answer.ts';
import type { RequestRules } from '../rules.ts';
import { rankBody, recommendBody, responses } from '../schemas.ts';
import type { ContextOf, ServerContext } from '../server-context.ts';
import type { Click } from '../session-store.ts';

/** A click: its item, or what else is known of it. */
type Clicked = string | Pick<Click, 'item' | 'type' | 'context'>;

interface RecommendBody extends RequestRules {
  readonly items: readonly Clicked[];
  readonly n: number;
}

interface RankBody extends RequestRules {
  readonly items: readonly Clicked[];
  readonly candidates: readonly string[];
}

const tags = ['without a stored session'];

/** Answers for sessions that come with the request and are not remembered. */
export function recommendRoutes(app: FastifyInstance, contextOf: ContextOf): void {
  // Nothing to be sticky by, so each request draws its model.
  const anyModel = ({ models }: ServerContext) => models.of(models.all.length === 1 ? '' : randomUUID());
  app.post<{ Body: RecommendBody }>(
    '/v1/recommend',
    {
      schema: { tags, body: recommendBody, response: responses.answer, summary: 'Recommend the next items' },
    },
    async (request) => {
      const context = contextOf(request);
      const { body } = request;
      const { n } = body;
      const asked = { model: anyModel(context), ...sessionOf(body), n, rules: body };
      const answer = await answerRequest(context, asked);
      context.metrics.unknown(answer.model, answer.unknown.length);
      return answer;
    },
  );
  app.post<{ Body: RankBody }>(
    '/v1/rank',
    { schema: { tags, body: rankBody, response: responses.answer, summary: 'Order candidates, best first' } },
    async (request) => {
      const context = contextOf(request);
      const { body } = request;
      const { candidates } = body;
      const answer = await answerRequest(context, {
        ...{ model: anyModel(context), ...sessionOf(body) },
        ...{ n: candidates.length, rules: body, candidates },
      });
      context.metrics.unknown(answer.model, answer.unknown.length);
      return answer;
    },
  );
}

/** The session of a request. */
function sessionOf({
  items,
}: Pick<RecommendBody, 'items'>): Pick<AnswerRequest, 'sessionId' | 'clicked' | 'about' | 'dropped'> {
  const clicks = items.map((click) => (typeof click === 'string' ? { item: click } : click));
  return { sessionId: undefined, clicked: clicks.map(({ item }) => item), about: clicks, dropped: 0 };
}
