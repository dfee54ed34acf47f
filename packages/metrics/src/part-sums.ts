import type { PerMetric } from './metrics/registry.ts';
import type { PlaceSums } from './popularity.ts';
import type { Ranks } from './ranks.ts';

/** What the predictions of a part of the sessions came to. Plain values: another thread can be sent it. */
export interface PartSums {
  readonly predictions: number;
  /** Targets left out as seen. */
  readonly excludedTargets: number;
  /** Targets that are no candidates. */
  readonly outsideTargets: number;
  /** [sessions] predictions of each session, ≥ 1; sessions without one are left out. */
  readonly counts: Float64Array;
  /** In the order of the cutoffs. */
  readonly cutoffs: readonly CutoffSums[];
  /** Support of the targets, where the support is known. */
  readonly targets: PlaceSums | undefined;
  /** Each prediction, with `keepRanks`. */
  readonly ranks: Ranks | undefined;
}

/** The sums at one list length; those of the metrics, [sessions], over each session's predictions. */
export interface CutoffSums extends PerMetric<Float64Array> {
  /** Items that some list holds, each once. */
  readonly recommended: Int32Array;
  /** Support of the items in all lists, where the support is known. */
  readonly popularity: PlaceSums | undefined;
}
