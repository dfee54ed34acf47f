import type { Protocol } from './protocol.ts';
import type { TieRule } from './rank.ts';
import type { Ranks } from './ranks.ts';
import type { CutoffResult } from './tally.ts';
import type { EvaluationWarning, TieCounts } from './warnings.ts';

/** The result of an evaluation. */
export interface Evaluation {
  /** Positions predicted: with the defaults, each event of a session but the first. */
  readonly predictions: number;
  /** Sessions with a prediction: with the defaults, all sessions of two or more events. */
  readonly sessions: number;
  /** Always set by `evaluate`; absent means `next`. */
  readonly protocol?: Protocol;
  /** Clicks before the first prediction of a session; absent means 1. */
  readonly warmUp?: number;
  readonly tieRule: TieRule;
  readonly excludeSeen: boolean;
  /** Targets that were excluded as seen, and so missed; 0 without `excludeSeen`. */
  readonly excludedTargets: number;
  /** Targets not predicted because they are not candidates; 0 without `candidates`; absent means 0. */
  readonly outsideTargets?: number;
  /** Targets that share their score; none with `remaining`. */
  readonly ties: TieCounts;
  /** Reasons not to trust the figures, from this evaluation and the `facts` of its options. */
  readonly warnings: readonly EvaluationWarning[];
  /** In the order of the cutoffs. */
  readonly results: readonly CutoffResult[];
  /** Each prediction, with `keepRanks`. */
  readonly ranks?: Ranks;
}
