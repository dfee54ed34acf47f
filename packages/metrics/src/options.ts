import {
  anything,
  callback,
  checkHas,
  checkOptions,
  flag,
  integer,
  type OptionChecks,
  oneOf,
} from '@gru4rec/checks';
import { type BootstrapOptions, bootstrapChecks } from './bootstrap.ts';
import type { ItemVectors } from './list-distance.ts';
import { type MetricOptions, metricChecks } from './metrics/registry.ts';
import { PROTOCOLS, type Protocol } from './plan.ts';
import { TIE_RULES, type TieRule } from './rank.ts';
import type { Ranks } from './ranks.ts';
import type { Ranker, Scorer } from './scorer.ts';
import type { EvaluationFacts } from './warnings.ts';

/** Options of an evaluation. Targets are ranked among all items, never among sampled negatives. */
export interface EvaluateOptions extends MetricOptions {
  /** Lengths k of the lists, each an integer ≥ 1; default `[20]`. */
  readonly cutoffs?: readonly number[] | undefined;
  /** What each position predicts, default `next`. */
  readonly protocol?: Protocol | undefined;
  /** Clicks of a session before its first prediction, an integer ≥ 1, default 1. */
  readonly warmUp?: number | undefined;
  /**
   * Default `standard`, which counts a tie in the target's favour. Without a stated rule, ties of a tenth of the targets or
   * more are an error.
   */
  readonly tieRule?: TieRule | undefined;
  /**
   * Sessions scored in parallel, default 128, and at most the number of sessions. A scorer without `rank` holds slots ×
   * items scores.
   */
  readonly slots?: number | undefined;
  /** [I] training events per item, for mean popularity and popularity bias; without it the former is NaN. */
  readonly support?: ArrayLike<number> | undefined;
  /** The vector of each item, for the intra-list distance, which is absent without. */
  readonly vectors?: ItemVectors | undefined;
  /** Makes other lists of the best items; targets rank by their places, those that are not listed behind. Not with a {@link Ranker}. */
  readonly reorder?: Reordering | undefined;
  /** Intervals of every metric, by session; default none. */
  readonly bootstrap?: BootstrapOptions | undefined;
  /**
   * Excludes the items that the session has already clicked, including the latest, from ranks and lists. A target
   * that the session has clicked before is then in no list, and counts as missed. Default false.
   */
  readonly excludeSeen?: boolean | undefined;
  /**
   * Keeps the rank of every prediction in `ranks`, 24 bytes each; default false. Not with `remaining`, where a
   * prediction has several targets.
   */
  readonly keepRanks?: boolean | undefined;
  /**
   * Called with the ranks of each part after it is evaluated, sessions numbered from 0 in each, so that ranks need not
   * be kept to derive something from them. Not with `remaining`.
   */
  readonly onRanks?: ((ranks: Ranks) => void) | undefined;
  /**
   * Lists the best items of every prediction, for coverage and popularity. Without lists, coverage and mean popularity are
   * NaN, and the other metrics and the ranks take less time: half of it for a model of 3,000 items. Default true.
   */
  readonly lists?: boolean | undefined;
  /** What is known of the data and of the scorer's tuning, for the `warnings` of the result. */
  readonly facts?: Pick<EvaluationFacts, 'split' | 'repeatsRemoved' | 'tuning'> | undefined;
  /** Called after each step. */
  readonly onProgress?: ((progress: EvaluationProgress) => void) | undefined;
}

/** Makes a list, at most `n` of the best 200 items (or `n`, if more), which come best first, with their scores. */
export type Reordering = (items: Int32Array, scores: Float64Array, n: number) => Int32Array;

/** Options of an evaluation that lets others use its thread. */
export interface EvaluateAsyncOptions extends EvaluateOptions {
  /** Ends the evaluation between two steps; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each step, in place of a turn of the event loop every 50 ms. Its promise is awaited, and its errors end the evaluation. */
  readonly pause?: (() => Promise<void> | undefined) | undefined;
}

/** @returns the cutoffs of an evaluation; `[20]` if not given. */
export const cutoffsOf = ({ cutoffs = [20] }: EvaluateOptions): readonly number[] => cutoffs;

/** Progress of an evaluation. */
export interface EvaluationProgress {
  readonly predictions: number;
  /** All predictions; with parts, the predictions of the parts read so far. */
  readonly total: number;
}

const checks: OptionChecks<EvaluateOptions> = {
  ...metricChecks,
  cutoffs: {
    expected: 'array of one or more integers >= 1',
    fits: (value) => Array.isArray(value) && value.length > 0 && value.every(integer(1).fits),
  },
  protocol: oneOf(PROTOCOLS),
  warmUp: integer(1),
  tieRule: oneOf(TIE_RULES),
  slots: integer(1),
  support: anything,
  vectors: anything,
  reorder: anything,
  bootstrap: anything,
  excludeSeen: flag,
  keepRanks: flag,
  onRanks: callback,
  lists: flag,
  facts: anything,
  onProgress: callback,
};

export function checkEvaluate(
  scorer: Pick<Scorer | Ranker, 'name' | 'itemCount'>,
  options: EvaluateOptions,
): void {
  checkHas('evaluate', 'scorer', scorer, ['name', 'itemCount']);
  checkOptions('evaluate', options, checks);
  const { support, bootstrap } = options;
  if (support !== undefined && support.length !== scorer.itemCount) {
    throw new RangeError(
      `evaluate: "support" expected ${scorer.itemCount} entries, one per item of ${scorer.name}, ` +
        `got ${support.length}.`,
    );
  }
  checkProtocol(options);
  if (bootstrap !== undefined) checkOptions('bootstrap', bootstrap, bootstrapChecks);
}

function checkProtocol({ protocol, keepRanks = false, onRanks, metrics }: EvaluateOptions): void {
  if (protocol !== 'remaining' || !(keepRanks || onRanks || metrics)) return;
  const option = keepRanks ? 'keepRanks' : onRanks ? 'onRanks' : 'metrics';
  throw new RangeError(
    `evaluate: "${option}" expected protocol 'next' or 'last', got 'remaining'. ` +
      'Its predictions have several targets and so no one rank.',
  );
}
