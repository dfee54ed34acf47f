import type { EpochRecord } from '../training/epoch-record.ts';
import type { MinuteCounts } from './click-limits.ts';

/**
 * What a learner has beside its model between two clicks. With the model of the same moment (`Learner.model`), a new learner
 * goes on with the same bits. Typed arrays and plain values only, so that `v8.serialize` and messages can carry it.
 */
export interface LearnerState {
  /** [I] decayed clicks per item. */
  readonly counts: Float64Array;
  readonly countSum: number;
  /** [at most I] the counts that negatives are drawn by. */
  readonly drawnBy: Float64Array;
  readonly countedMs: number | undefined;
  readonly stepsSinceCount: number;
  /** Items that the model had before it learnt. */
  readonly itemsBefore: number;
  readonly pairs: number;
  readonly dropped: number;
  readonly minute: MinuteCounts;
  readonly step: StepState;
  /** The followed sessions, the latest one first; then those that are not followed but have a pair that waits. */
  readonly sessions: SessionsState;
  readonly waiting: WaitingState;
}

/** The steps taken so far, and room for items. */
export interface StepState {
  /** Rows of the item tables, spare ones included. */
  readonly rows: number;
  readonly course: Pick<EpochRecord, 'epoch' | 'steps' | 'events' | 'seconds'> & { readonly lossSum: number };
}

/** Sessions one after the other. */
export interface SessionsState {
  /** Of the followed ones. */
  readonly ids: readonly string[];
  /** [S] item of the last click. */
  readonly last: Int32Array;
  /** [S × K] features of that click; states of earlier releases lack it. */
  readonly features?: Int32Array;
  /** [S × state] hidden states. */
  readonly states: Float32Array;
  /** [S] items that each session has taught, and all of them. */
  readonly taughtCounts: Int32Array;
  readonly taught: Int32Array;
}

/** [P] pairs that wait, in order. */
export interface WaitingState {
  /** Number of the session. */
  readonly session: Int32Array;
  readonly input: Int32Array;
  /** [P × K] features of the click on `input`; states of earlier releases lack it. */
  readonly features?: Int32Array;
  readonly target: Int32Array;
  readonly timeMs: Float64Array;
}
