import type { Values } from './space.ts';

/** Whether a greater or a smaller value is better. */
export type Direction = 'maximize' | 'minimize';

/** A value that a trial had before its end, such as the recall after an epoch. */
export interface Report {
  /** Integer ≥ 0; steps of one trial increase. */
  readonly step: number;
  readonly value: number;
}

/** How a trial ended: with a value, stopped by the pruner, or by an error. */
export interface TrialOutcome {
  readonly state: 'complete' | 'pruned' | 'failed';
  /** Of a complete trial; finite. */
  readonly value?: number | undefined;
  /** Of a failed trial: the message. */
  readonly error?: string | undefined;
  /** Milliseconds since 1970. */
  readonly endedMs: number;
}

/** A trial as it stands; one that is `running` has no outcome yet, or none any more after a crash. */
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
