import type { PerMetric } from './metrics/registry.ts';
import type { PlaceSums } from './popularity.ts';
import type { Ranks } from './ranks.ts';
import type { TieCounts } from './warnings.ts';

/** Sums over the predictions of a part of the sessions. Plain values, which can be sent to another thread. */
export interface PartSums {
  readonly predictions: number;
  /** Targets that were excluded as seen. */
  readonly excludedTargets: number;
  /** Targets that are not candidates. */
  readonly outsideTargets: number;
  /** [sessions] predictions of each session, ≥ 1; without sessions that have none. */
  readonly counts: Float64Array;
  /** In the order of the cutoffs. */
  readonly cutoffs: readonly CutoffSums[];
  /** Support of the targets, if the support is known. */
  readonly targets: PlaceSums | undefined;
  readonly ties: TieCounts;
  /** Each prediction, with `keepRanks`. */
  readonly ranks: Ranks | undefined;
}

/** The sums at one list length. The sums of a metric, [sessions], are over each session's predictions. */
export interface CutoffSums extends PerMetric<Float64Array> {
  /** Items of all lists, each once. */
  readonly recommended: Int32Array;
  /** Support of the items in all lists, if the support is known. */
  readonly popularity: PlaceSums | undefined;
  /** Lists of two items or more and the sum of their diversities in units of 2⁻²⁴, exact in any order; 0 without embeddings. */
  readonly diversity: { readonly lists: number; readonly sum: number };
}

/** Parts of a diversity in which it is added up. */
export const DIVERSITY_PARTS: number = 2 ** 24;
