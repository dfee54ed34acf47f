import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { OnlineEvaluation, RankWindow } from '../../src/online/online-evaluation.ts';
import { eventOf } from '../clicks.ts';

/** An answer of five items, of which these are the first. */
const answer = (sessionId: string | undefined, first: readonly string[], more: object = {}) => ({
  ...{ sessionId, items: [...first, ...Array<string>(5 - first.length).fill('other')], model: 'shop' },
  ...{ modelVersion: 'v1', lineage: 'v1', recommendationId: 'r', fallback: false, ...more },
});
const shop = { name: 'shop', lineage: 'v1' };

describe('OnlineEvaluation', () => {
  it('judges the latest answer by the next click, once', async () => {
    const evaluation = new OnlineEvaluation();
    evaluation.onClick(eventOf('ann', 'first'));
    evaluation.onAnswer(answer('ann', ['a', 'b']));
    evaluation.onAnswer(answer('ann', ['c', 'd']));
    evaluation.onClick(eventOf('ann', 'd'));
    evaluation.onClick(eventOf('ann', 'c'));
    const { recommendations } = await evaluation.report(shop);
    expect(recommendations).toMatchObject([{ k: 5, predictions: 1, recall: 1, mrr: 0.5 }]);
  });

  it('counts the most popular items apart, and nothing of sessions that are not kept, deleted or over', async () => {
    const evaluation = new OnlineEvaluation(50);
    evaluation.onAnswer(answer('ann', ['a'], { fallback: true }));
    evaluation.onClick(eventOf('ann', 'a'));
    evaluation.onAnswer(answer(undefined, ['a']));
    for (const session of ['bob', 'cat']) evaluation.onAnswer(answer(session, ['a']));
    evaluation.onDelete('bob');
    evaluation.onClick(eventOf('bob', 'a'));
    await setTimeout(60);
    evaluation.onClick(eventOf('cat', 'a'));
    const fallback = [{ predictions: 1 }];
    expect(await evaluation.report(shop)).toMatchObject({ recommendations: [], fallback });
  });

  it('has figures per model and version; an answer of the version before counts for that one', async () => {
    const evaluation = new OnlineEvaluation();
    evaluation.onAnswer(answer('ann', ['a']));
    evaluation.onAnswer(answer('bob', ['a'], { modelVersion: 'v2', lineage: 'v2' }));
    evaluation.onClick(eventOf('ann', 'a'));
    evaluation.onClick(eventOf('bob', 'b'));
    const recallOf = async (lineage: string) => {
      const { recommendations } = await evaluation.report({ name: 'shop', lineage });
      return recommendations.map(({ recall }) => recall);
    };
    expect([await recallOf('v1'), await recallOf('v2'), await recallOf('v3')]).toEqual([[1], [0], []]);
    evaluation.onAnswer(answer('cat', ['a'], { modelVersion: 'v3', lineage: 'v3' }));
    expect(await evaluation.report(shop)).toEqual({ recommendations: [], fallback: [] });
  });
});

const MISS = Number.POSITIVE_INFINITY;

describe('RankWindow', () => {
  it('has recall and MRR per length of the list', async () => {
    const window = new RankWindow([1, 3], 10);
    const first = window.add(undefined, 1, 3);
    window.add(first, 2, 3);
    window.add(first, MISS, 3);
    window.add(undefined, 4, 5);
    const [at1, at3] = await window.figures();
    expect(at1).toMatchObject({ k: 1, sessions: 2, predictions: 4, recall: 1 / 4, mrr: 1 / 4 });
    expect(at3).toMatchObject({ k: 3, sessions: 2, predictions: 4, recall: 2 / 4, mrr: (1 + 1 / 2) / 4 });
  });

  it('takes no recall@k from shorter lists', async () => {
    const window = new RankWindow([1, 3], 10);
    window.add(undefined, 1, 2);
    expect((await window.figures()).map(({ k }) => k)).toEqual([1]);
  });

  it('is about the latest sessions; one that has left comes in again with later clicks', async () => {
    const window = new RankWindow([1], 2);
    const first = window.add(undefined, 1, 1);
    window.add(first, 1, 1);
    window.add(undefined, MISS, 1);
    window.add(undefined, MISS, 1);
    expect(await window.figures()).toMatchObject([{ sessions: 2, predictions: 2, recall: 0 }]);
    window.add(first, 1, 1);
    expect(await window.figures()).toMatchObject([{ sessions: 2, predictions: 2, recall: 1 / 2 }]);
  });

  it('has no intervals of fewer than 30 sessions', async () => {
    const window = new RankWindow([1], 100);
    for (let session = 0; session < 29; session++) window.add(undefined, 1 + (session % 2), 1);
    expect(await window.figures()).toMatchObject([{ recallInterval: null, mrrInterval: null }]);
    window.add(undefined, 1, 1);
    expect((await window.figures())[0].recallInterval).not.toBeNull();
  });
});
