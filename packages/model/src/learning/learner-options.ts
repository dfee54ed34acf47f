import {
  anything,
  finiteAbove0,
  integer,
  type OptionChecks,
  positive,
  required,
} from '@gru4rec/checked-options';
import type { ModelConfig } from '../config.ts';
import type { TrainingEngine } from '../training/train-options.ts';
import type { LearnerState } from './learner-state.ts';

/** How a learner learns. Of `ClickLimits`, none if not given. */
export interface LearnerOptions extends Partial<ClickLimits> {
  readonly engine: TrainingEngine;
  /** η of every step; that of the model if not given. */
  readonly learningRate?: number;
  /** Pairs of clicks per step (8; that of the model if it is smaller, or if nothing is sampled). */
  readonly batchSize?: number;
  /** Steps on earlier pairs after each step on new ones (0). */
  readonly replays?: number;
  /** Latest pairs that `replays` draws from (20,000). Each takes 4 bytes per number of the hidden states. */
  readonly replayPairs?: number;
  /** Time of clicks, in ms, after which a pair is learnt in a step that is not full (60,000). */
  readonly maxWaitMs?: number;
  /** Time, in ms, in which the weight of a click halves, for negatives and popular items (one day). */
  readonly halfLifeMs?: number;
  /** The most sessions that are followed (100,000). A new one replaces the one without a click for longest. */
  readonly maxSessions?: number;
  /** [I] clicks per item before the first; those that the model records if not given. Read only. */
  readonly counts?: ArrayLike<number>;
  /**
   * `Learner.state` of the learner that made the model, to go on where that one was, in place of `counts`. The other options
   * must be equal to its own.
   */
  readonly state?: LearnerState;
}

export const learnerChecks: OptionChecks<LearnerOptions> = {
  engine: required(anything),
  ...{ learningRate: finiteAbove0, batchSize: integer(1), replays: integer(0), replayPairs: integer(1) },
  ...{ maxWaitMs: positive, halfLifeMs: finiteAbove0, maxSessions: integer(1), counts: anything },
  ...{ sessionPairs: integer(1), sessionItem: integer(1), itemShare: finiteAbove0, newItems: integer(0) },
  state: anything,
};

const DAY_MS = 86_400_000;
/** Pairs of a step where negatives are sampled; see decision 0044. */
const PAIRS = 8;

const noLimits: ClickLimits = {
  ...{ sessionPairs: Number.POSITIVE_INFINITY, sessionItem: Number.POSITIVE_INFINITY },
  ...{ itemShare: 1, newItems: Number.POSITIVE_INFINITY },
};

export type FullOptions = Required<Omit<LearnerOptions, 'counts' | 'state'>>;

export function fullOptions(
  { learningRate, batchSize, nSample }: ModelConfig,
  { counts, state, ...given }: LearnerOptions,
): FullOptions {
  return {
    ...{ learningRate, batchSize: nSample === 0 ? batchSize : Math.min(PAIRS, batchSize) },
    ...{ replays: 0, replayPairs: 20_000, maxWaitMs: 60_000, halfLifeMs: DAY_MS, maxSessions: 100_000 },
    ...{ ...noLimits, ...given },
  };
}

/** The configuration that a learner goes on with: its biases follow what is fresh, and its items have no features. */
export function learnerConfig(config: ModelConfig): ModelConfig {
  return { ...config, freshness: 'none', itemFeatures: [], itemVectors: [], targetTypes: [] };
}

/** A copy of clicks per item, not all 0. @throws RangeError if there is not one count ≥ 0 per item. */
export function countsOf(counts: ArrayLike<number> | undefined, itemCount: number): Float64Array {
  if (counts && counts.length !== itemCount) {
    throw new RangeError(
      `Learner: "counts" expected ${itemCount} entries, one per item, got ${counts.length}.`,
    );
  }
  const copy = counts ? Float64Array.from(counts) : new Float64Array(itemCount).fill(1);
  return copy.some((count) => count > 0) ? copy : copy.fill(1);
}

/** How much one visitor, or everybody together, can teach a learner. A click beyond a limit is as if it had not happened. */
export interface ClickLimits {
  /** The most pairs that are learnt of one session. */
  readonly sessionPairs: number;
  /** The most times that one session teaches one item as the next click. */
  readonly sessionItem: number;
  /**
   * The most that one item has of the clicks of a minute, from 0 to 1: this share, or twice its share of the latest days if
   * that is more, and at least 20 clicks.
   */
  readonly itemShare: number;
  /** The most items that are learnt beside those of the model. */
  readonly newItems: number;
}
