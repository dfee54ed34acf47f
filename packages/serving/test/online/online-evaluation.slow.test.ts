import { RandomStream } from '@gru4rec/random';
import { describe, expect, it } from 'vitest';
import { OnlineEvaluation } from '../../src/online/online-evaluation.ts';
import { startServer } from '../tiny-server.ts';

const answer = (sessionId: string | undefined, items: readonly string[], more: object = {}) => ({
  ...{ sessionId, items, model: 'shop', modelVersion: 'v1', lineage: 'v1' },
  ...{ recommendationId: 'r', fallback: false, ...more },
});
const click = (sessionId: string, item: string) => ({
  ...{ sessionId, model: 'shop', recommendationId: undefined },
  click: { item, timeMs: 0 },
});
const shop = { name: 'shop', lineage: 'v1' };

describe('OnlineEvaluation', () => {
  it('judges the latest answer by the next click, once', async () => {
    const evaluation = new OnlineEvaluation({ cutoffs: [2] });
    evaluation.onClick(click('ann', 'first'));
    evaluation.onAnswer(answer('ann', ['a', 'b']));
    evaluation.onAnswer(answer('ann', ['c', 'd']));
    evaluation.onClick(click('ann', 'd'));
    evaluation.onClick(click('ann', 'c'));
    expect((await evaluation.report(shop)).recommendations).toMatchObject([
      { predictions: 1, recall: 1, mrr: 0.5 },
    ]);
  });

  it('counts the most popular items apart, and nothing of sessions that are not kept or deleted', async () => {
    const evaluation = new OnlineEvaluation({ cutoffs: [1] });
    evaluation.onAnswer(answer('ann', ['a'], { fallback: true }));
    evaluation.onClick(click('ann', 'a'));
    evaluation.onAnswer(answer(undefined, ['a']));
    evaluation.onAnswer(answer('bob', ['a']));
    evaluation.onDelete('bob');
    evaluation.onClick(click('bob', 'a'));
    expect(await evaluation.report(shop)).toMatchObject({
      recommendations: [],
      fallback: [{ predictions: 1 }],
    });
  });

  it('has figures per model and version; an answer of the version before counts for that one', async () => {
    const evaluation = new OnlineEvaluation({ cutoffs: [1] });
    evaluation.onAnswer(answer('ann', ['a']));
    evaluation.onAnswer(answer('bob', ['a'], { modelVersion: 'v2', lineage: 'v2' }));
    evaluation.onClick(click('ann', 'a'));
    evaluation.onClick(click('bob', 'b'));
    const recallOf = async (version: string) =>
      (await evaluation.report({ name: 'shop', lineage: version })).recommendations.map(
        ({ recall }) => recall,
      );
    expect([await recallOf('v1'), await recallOf('v2'), await recallOf('v3')]).toEqual([[1], [0], []]);
    evaluation.onAnswer(answer('cat', ['a'], { modelVersion: 'v3', lineage: 'v3' }));
    expect(await evaluation.report(shop)).toEqual({ recommendations: [], fallback: [] });
  });

  it('forgets the sessions that were answered longest ago', async () => {
    const evaluation = new OnlineEvaluation({ cutoffs: [1], maxSessions: 2 });
    for (const session of ['ann', 'bob', 'cat']) evaluation.onAnswer(answer(session, ['a']));
    for (const session of ['ann', 'bob', 'cat']) evaluation.onClick(click(session, 'a'));
    expect((await evaluation.report(shop)).recommendations).toMatchObject([{ sessions: 2 }]);
  });
});

it('covers the recall and MRR of visitors who click the first recommendation with 30 %, the seventh with 20 %', async () => {
  const { ask, model } = await startServer();
  const random = new RandomStream(3, 'test.visitors');
  const visit = async (visitor: number, draws: readonly number[]) => {
    let next = model.itemIds.at(visitor % model.itemIds.length) as string;
    for (const draw of draws) {
      const { body } = await ask(`/v1/sessions/v${visitor}/events`, { item: next, n: 10 });
      const listed: string[] = body.items.map(({ id }: { id: string }) => id);
      const missed = [...model.itemIds].find((id) => !listed.includes(id)) as string;
      next = draw < 0.3 ? listed[0] : draw < 0.5 ? listed[6] : missed;
    }
    await ask(`/v1/sessions/v${visitor}/events`, { item: next, n: 0 });
  };
  for (let visitor = 0; visitor < 200; visitor += 20) {
    const visits = Array.from({ length: 20 }, (_, at) =>
      visit(
        visitor + at,
        Array.from({ length: 1 + ((visitor + at) % 4) }, () => random.nextFloat()),
      ),
    );
    await Promise.all(visits);
  }
  const { online } = (await ask('/v1/models')).body.models[0];
  expect(online.fallback).toEqual([]);
  expect(online.recommendations).toMatchObject([
    { k: 5, sessions: 200, predictions: 500 },
    { k: 10, sessions: 200, predictions: 500 },
  ]);
  const truth = [
    { recall: 0.3, mrr: 0.3 },
    { recall: 0.5, mrr: 0.3 + 0.2 / 7 },
  ];
  for (const [at, { recall, mrr }] of truth.entries()) {
    const { recallInterval, mrrInterval } = online.recommendations[at];
    for (const [[lower, upper], value] of [
      [recallInterval, recall],
      [mrrInterval, mrr],
    ] as const) {
      expect(lower).toBeLessThan(value);
      expect(upper).toBeGreaterThan(value);
      expect(upper - lower).toBeLessThan(0.12);
    }
  }
  const metrics = (await ask('/metrics')).body as string;
  const [{ recall }] = online.recommendations;
  expect(metrics).toContain(`gru4rec_online_recall{model="shop",source="recommendations",k="5"} ${recall}\n`);
  expect(metrics).toContain('gru4rec_online_predictions{model="shop",source="recommendations",k="10"} 500\n');
});
