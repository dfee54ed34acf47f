import { type Baseline, mix } from '@gru4rec/baselines';
import type { ItemIds } from '@gru4rec/dataset/ids';
import type { Scorer } from '@gru4rec/metrics';
import { type DatasetReference, Gru4Rec, LiveRecommender } from '@gru4rec/model';
import { type MixPart, MixPrograms, ScorerPrograms } from './live-programs.ts';

/** A part of a recommender, and its weight in the mix; any weight above 0 if it is the only part. */
export interface RecommenderPart {
  readonly recommender: Gru4Rec | Baseline;
  readonly weight: number;
}

/** What a baseline or a mix is made of. */
export interface RecommenderParts {
  /** As in tables. */
  readonly name: string;
  /** Caller's id of each item index, the same for all parts. */
  readonly itemIds: ItemIds;
  /** At least one. Two or more are mixed by `score`. */
  readonly parts: readonly RecommenderPart[];
  /** [I] clicks per item in the latest training sessions, for sessions without a known click. */
  readonly recentClicks?: Float32Array | undefined;
  readonly dataset?: DatasetReference | undefined;
  /** SHA-256 of the session files by which parts or weights were chosen. */
  readonly tunedOn?: readonly string[];
  /** SHA-256 of the manifest, of one that was read. */
  readonly checksum?: string;
}

/** A baseline or a mix with live sessions, scored exactly as `compare` scores it. */
export class MixedRecommender extends LiveRecommender {
  readonly name: string;
  readonly parts: readonly RecommenderPart[];
  readonly dataset?: DatasetReference | undefined;
  readonly tunedOn: readonly string[];

  /** @throws RangeError if the parts cannot be mixed: other numbers of items, or no weight above 0. */
  constructor(from: RecommenderParts) {
    const { name, parts, itemIds, dataset, tunedOn = [] } = from;
    // Checks items and weights.
    scorerOf(parts);
    const models = parts.flatMap(({ recommender }) => (recommender instanceof Gru4Rec ? [recommender] : []));
    const trending = models.find((model) => model.trending)?.trending;
    super({ ...from, trending, live: liveOf(parts, itemIds.length), clicks: clicksOf(parts) });
    this.name = name;
    this.parts = parts;
    this.tunedOn = tunedOn;
    if (dataset) this.dataset = dataset;
  }

  /** A scorer of many parallel sessions, for `evaluate`. @param contextColumns - as of `Gru4Rec.scorer`. */
  scorer(contextColumns: Parameters<Gru4Rec['scorer']>[0] = []): Scorer {
    return { ...scorerOf(this.parts, contextColumns), name: this.name };
  }

  /** Frees the engine memory that live sessions share. Using one of them allocates it again. */
  dispose(): void {
    for (const { recommender } of this.parts) if (recommender instanceof Gru4Rec) recommender.dispose();
  }
}

/** Anything that a recommender folder holds. */
export type Recommender = Gru4Rec | MixedRecommender;

function clicksOf(parts: readonly RecommenderPart[]): LiveRecommender['clicks'] {
  const found = parts.flatMap(({ recommender }) =>
    recommender instanceof Gru4Rec && recommender.clicks ? [recommender.clicks] : [],
  );
  if (found.length < 2) return found[0];
  throw new RangeError('mix: expected at most one model with clickFeatures among its parts, got several');
}

function scorerOf(
  parts: readonly RecommenderPart[],
  contextColumns: Parameters<Gru4Rec['scorer']>[0] = [],
): Scorer {
  const scorers = parts.map(({ recommender }) =>
    recommender instanceof Gru4Rec ? recommender.scorer(contextColumns) : recommender,
  );
  return parts.length === 1 ? scorers[0] : mix(scorers, { weights: parts.map(({ weight }) => weight) });
}

function liveOf(parts: readonly RecommenderPart[], itemCount: number): MixPrograms | ScorerPrograms {
  const mixed = parts.map(({ recommender, weight }): MixPart => {
    if (recommender instanceof Gru4Rec) return { live: recommender.live, weight };
    return { live: new ScorerPrograms(recommender), weight };
  });
  const [{ live }] = mixed;
  return mixed.length === 1 && live instanceof ScorerPrograms ? live : new MixPrograms(mixed, itemCount);
}
