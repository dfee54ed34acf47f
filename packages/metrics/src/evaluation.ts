import type { Protocol } from './protocol.ts';
import type { TieRule } from './rank.ts';
import type { Ranks } from './ranks.ts';
import type { CutoffResult } from './tally.ts';

/** What an evaluation found. */
export interface Evaluation {
  /** Positions predicted: with the defaults, each event of a session but the first. */
  readonly predictions: number;
  /** Sessions with a prediction: with the defaults, those of two or more events. */
  readonly sessions: number;
  /** What was predicted; `evaluate` says it always, and `next` is meant where it is missing. */
  readonly protocol?: Protocol;
  /** Clicks before the first prediction of a session; 1 is meant where it is missing. */
  readonly warmUp?: number;
  readonly tieRule: TieRule;
  readonly excludeSeen: boolean;
  /** Targets left out as seen, and so missed; 0 unless `excludeSeen`. */
  readonly excludedTargets: number;
  /** Targets not predicted because they are no candidates; 0 without `candidates`, and meant where it is missing. */
  readonly outsideTargets?: number;
  /** In the order of the cutoffs. */
  readonly results: readonly CutoffResult[];
  /** Each prediction, with `keepRanks`. */
  readonly ranks?: Ranks;
}
