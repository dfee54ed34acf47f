import type { Values } from './space.ts';

/** Whether larger or smaller values are better. */
export type Direction = 'maximize' | 'minimize';

/** An intermediate value of a trial, such as the recall after an epoch. */
export interface Report {
  /** Integer ≥ 0; steps of one trial increase. */
  readonly step: number;
  readonly value: number;
}

/** How a trial ended: with a value, pruned, or with an error. */
export interface TrialOutcome {
  readonly state: 'complete' | 'pruned' | 'failed';
  /** Finite; only of a complete trial. */
  readonly value?: number | undefined;
  /** Error message; only of a failed trial. */
  readonly error?: string | undefined;
  /** Milliseconds since 1970. */
  readonly endedMs: number;
}

/** A trial and its state. One that is `running` has no outcome: it is in progress, or was interrupted. */
export interface TrialRecord extends Omit<TrialOutcome, 'state' | 'endedMs'> {
  /** From 0, without gaps. */
  readonly number: number;
  readonly values: Values;
  readonly state: 'running' | TrialOutcome['state'];
  /** Milliseconds since 1970, of the last attempt. */
  readonly startedMs: number;
  readonly endedMs?: number | undefined;
  /** In order of step. */
  readonly reports: readonly Report[];
}
