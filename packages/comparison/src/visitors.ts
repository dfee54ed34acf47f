import { pickSessions } from '@gru4rec/batcher';
import type { SessionDataset } from '@gru4rec/dataset';
import type { RankGroup, SessionArrays } from '@gru4rec/metrics';
import { collectEarlier, Gru4Rec, raisedRank, visitorClicks } from '@gru4rec/model';
import { trainedScorer } from './contenders/trained.ts';
import type { HeldOut } from './held-out.ts';

const labels = ['first, seen before', 'first, not seen', 'first of new visitors', 'later, returning'];

/**
 * Breaks down clicks by visitor, as a server that remembers visitors lists items: with the part `earlier` for those who return,
 * popular items before the first click of others.
 * @param sessions - some or all of the split.
 * @returns undefined for another recommender than a GRU4Rec, or if no visitor returns.
 */
export async function evaluateVisitors(
  model: object | undefined,
  dataset: SessionDataset,
  {
    split,
    sessions,
    cutoff,
  }: { readonly split: HeldOut; readonly sessions: SessionArrays; readonly cutoff: number },
): Promise<RankGroup[] | undefined> {
  const table = dataset[split];
  if (!(model instanceof Gru4Rec) || !table) return undefined;
  const before =
    split === 'test' && dataset.validation ? [dataset.train, dataset.validation] : [dataset.train];
  const earlierItems = await collectEarlier(table, before);
  const ids = sessions.sessionIds ?? [];
  const returning = [...ids.keys()].filter((at) => earlierItems.get(ids[at] ?? '')?.length);
  if (returning.length === 0) return undefined;
  const { recentClicks } = model;
  const popularity = Float32Array.from(
    dataset.itemIds,
    (id) => recentClicks?.[model.itemIndex(id) ?? -1] ?? 0,
  );
  const popular = popularity
    .map((_, item) => item)
    .sort((a, b) => (popularity[b] ?? 0) - (popularity[a] ?? 0));
  const rankOf = new Map(Array.from(popular, (item, at) => [item, at + 1]));
  const groups = labels.map((label) => ({ label, ranks: [] as number[], baseline: [] as number[] }));
  const add = (group: number, rank: number, baseline: number) => {
    groups[group]?.ranks.push(rank);
    groups[group]?.baseline.push(baseline);
  };
  const popularRank = (item: number) => rankOf.get(item) ?? Number.POSITIVE_INFINITY;
  for (const [session, id] of ids.entries()) {
    if (earlierItems.get(id)?.length !== 0) continue;
    const rank = popularRank(sessions.items[sessions.sessionOffsets[session] ?? 0] ?? -1);
    add(2, rank, rank);
  }
  const part = model.earlier ?? { fed: 0, first: 0, later: 0 };
  const scorer = trainedScorer(model, dataset);
  const { fed } = part;
  for (const click of visitorClicks(scorer, pickSessions(sessions, returning), earlierItems, {
    fed,
    popularity,
  })) {
    const { target, earlier, isFirst, scores } = click;
    const at = earlier.indexOf(target);
    const rank =
      scores === popularity ? popularRank(target) : raisedRank(click, isFirst ? part.first : part.later);
    const pushed = earlier.filter((item) => popularRank(item) > popularRank(target)).length;
    add(isFirst ? Number(at < 0) : 3, rank, at < 0 ? popularRank(target) + pushed : at + 1);
  }
  return groups.flatMap(({ label, ranks, baseline }) => {
    if (ranks.length === 0) return [];
    const [own, other] = [ranks, baseline].map((of) => {
      const listed = of.filter((rank) => rank <= cutoff);
      const mrr = listed.reduce((sum, rank) => sum + 1 / rank, 0) / of.length;
      return { recall: listed.length / of.length, mrr };
    });
    return [
      { label, predictions: ranks.length, recall: own?.recall ?? 0, mrr: own?.mrr ?? 0, baseline: other },
    ];
  });
}
