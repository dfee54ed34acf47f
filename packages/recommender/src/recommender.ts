import type { Baseline } from '@gru4rec/baselines';
import type { ItemIds } from '@gru4rec/dataset/ids';
import type { Scorer } from '@gru4rec/metrics';
import { type DatasetReference, type Gru4Rec, LiveRecommender } from '@gru4rec/model';
import { ScorerPrograms } from './live-programs.ts';

/** What a recommender folder holds. */
export interface RecommenderContent<Learned extends Gru4Rec | Baseline> {
  /** As in tables. */
  readonly name: string;
  /** Caller's id of each item index. */
  readonly itemIds: ItemIds;
  readonly recommender: Learned;
  /** [I] clicks per item in the latest training sessions, for sessions without a known click. */
  readonly recentClicks?: Float32Array | undefined;
  readonly dataset?: DatasetReference | undefined;
  /** SHA-256 of the session files by which it was chosen. */
  readonly tunedOn?: readonly string[];
  /** SHA-256 of the manifest, of one that was read. */
  readonly checksum?: string;
}

/** A baseline with live sessions, scored exactly as `compare` scores it. */
export class BaselineRecommender extends LiveRecommender {
  readonly name: string;
  readonly baseline: Baseline;
  readonly dataset?: DatasetReference | undefined;
  readonly tunedOn: readonly string[];

  constructor(content: RecommenderContent<Baseline>) {
    const { name, recommender, dataset, tunedOn = [] } = content;
    super({ ...content, live: new ScorerPrograms(recommender) });
    this.name = name;
    this.baseline = recommender;
    this.tunedOn = tunedOn;
    if (dataset) this.dataset = dataset;
  }

  /** A scorer of many parallel sessions, for `evaluate`. */
  scorer(): Scorer {
    return { ...this.baseline, name: this.name };
  }

  /** Nothing: a baseline has no engine memory. */
  dispose(): void {}
}

/** Anything that a recommender folder holds. */
export type Recommender = Gru4Rec | BaselineRecommender;
