import { ItemIdTable } from '@gru4rec/dataset/ids';
import { DEFAULT_HALF_LIFE_MS, Gru4Rec, type LiveRecommender } from '@gru4rec/model';
import type { Engine } from '@gru4rec/program';
import { loadRecommender } from '@gru4rec/recommender';
import { openShared, type SharedModel, shareTrained } from '../learning/shared-model.ts';
import { BatchAnswerer, plainQueries } from './answer-batch.ts';
import type { ClicksSince, ThreadReady } from './messages.ts';

/** Answers that are timed when a model is loaded. The first hundreds run uncompiled code. */
const LONE_ANSWERS = 500;
const TIMED_MS = 150;

export interface LoadedModel {
  readonly answerer: BatchAnswerer;
  readonly ready: ThreadReady;
  readonly follow: (clicks: ClicksSince) => void;
  readonly model: Gru4Rec | undefined;
}

export interface LoadOptions {
  readonly engine: Engine;
  readonly maxBatch: number;
  readonly learns?: boolean;
  readonly before?: Gru4Rec | undefined;
}

export async function fromFolder(
  directory: string,
  { exactItems, ...options }: LoadOptions & { readonly exactItems: number },
): Promise<LoadedModel> {
  const { engine, learns } = options;
  const recommender = await loadRecommender(directory, { engine, optimizer: false });
  if (recommender instanceof Gru4Rec && recommender.vocabulary) {
    const base = shareTrained(recommender);
    return timed(fromMemory(base, { ...options, base }));
  }
  const { checksum = '' } = recommender;
  const ids = ItemIdTable.of(recommender.itemIds).share();
  const loaded = warm(recommender, options, { ids, checksum, lineage: checksum });
  const isLarge = recommender instanceof Gru4Rec && recommender.itemIds.length > exactItems;
  // Freshness renews the biases of all items every few seconds.
  const probing = isLarge && !learns && !recommender.isFresh ? recommender.probe() : undefined;
  return timed({ ...loaded, ready: { ...loaded.ready, probing } });
}

/** Must stay in memory while it answers; it is not timed. */
export function fromMemory(
  model: SharedModel,
  { base, ...options }: LoadOptions & { readonly base?: SharedModel },
): LoadedModel {
  const { version: checksum, lineage } = model;
  const recommender = openShared(model, options.engine, options.before);
  const ids = model.added ? ItemIdTable.of(recommender.itemIds).share() : model.ids;
  return warm(recommender, options, { ids, checksum, lineage, base });
}

let isCompiled = false;

/** So that the first requests find compiled code; after another version only the smallest size. */
function warm(
  recommender: LiveRecommender,
  { maxBatch, learns = false }: LoadOptions,
  about: Omit<
    ThreadReady,
    'kind' | 'isFresh' | 'hasVectors' | 'trending' | 'earlier' | 'answerMs' | 'clickVocabulary'
  >,
): LoadedModel {
  const { live, itemIds, popularity, clicks } = recommender;
  const { trending = { clicks: popularity, halfLifeMs: DEFAULT_HALF_LIFE_MS } } = recommender;
  const model = recommender instanceof Gru4Rec ? recommender : undefined;
  const fresh = model?.isFresh ? model : undefined;
  // Clicks up to here were counted in training.
  const sinceMs = fresh?.lastClickMs ?? 0;
  const itemCount = itemIds.length;
  const trained = trending.clicks.length;
  const perClick = clicks?.perClick ?? 0;
  const startOf: LiveRecommender['startOf'] = (item, kind) => recommender.startOf(item, kind);
  const answerer = new BatchAnswerer({
    live,
    startOf,
    itemCount,
    trending: popularity,
    trained,
    maxBatch,
    perClick,
    learns,
  });
  const most = isCompiled ? 1 : maxBatch;
  for (let size = 1; size < most; size *= 2) answerer.answer(plainQueries(size, perClick));
  answerer.answer(plainQueries(most, perClick));
  isCompiled = true;
  const follow = ({ items, timesMs, nowMs, trending }: ClicksSince) => {
    popularity.set(trending);
    for (const [at, item] of items.entries()) {
      const timeMs = timesMs[at] ?? nowMs;
      if (timeMs > sinceMs) fresh?.observe(item, timeMs);
    }
    fresh?.renew(nowMs);
  };
  const facts = {
    isFresh: fresh !== undefined,
    trending,
    earlier: model?.earlier,
    hasVectors: live.vectors !== undefined,
    clickVocabulary: clicks?.vocabulary,
  };
  const ready: ThreadReady = { kind: 'ready', ...facts, answerMs: undefined, ...about };
  return { answerer, ready, follow, model };
}

function timed({ answerer, ready, ...model }: LoadedModel): LoadedModel {
  const perClick = ready.clickVocabulary?.columns.length ?? 0;
  const untilMs = performance.now() + TIMED_MS;
  let leastMs = Number.POSITIVE_INFINITY;
  for (let answer = 0; answer < LONE_ANSWERS && performance.now() < untilMs; answer++) {
    const start = performance.now();
    answerer.answer(plainQueries(1, perClick));
    // The minimum, because other work on the processor only adds.
    leastMs = Math.min(leastMs, performance.now() - start);
  }
  return { ...model, answerer, ready: { ...ready, answerMs: leastMs } };
}
