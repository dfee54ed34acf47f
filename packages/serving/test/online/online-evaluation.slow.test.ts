import { RandomStream } from '@gru4rec/random';
import { expect, it } from 'vitest';
import { startServer } from '../tiny-server.ts';

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
