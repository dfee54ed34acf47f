import type { Values } from './space.ts';

/** Whether larger or smaller values are better. */
export type Direction = 'maximize' | 'minimize';

/** An intermediate value, such as the recall after an epoch. */
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

/** A trial. One that is `running` is in progress, or was interrupted. */
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

/** The complete trial with the best value, the first of equal ones; undefined if none is complete. */
export function bestOf(trials: readonly TrialRecord[], direction: Direction): TrialRecord | undefined {
  const [first] = rankTrials(trials, direction);
  return first?.state === 'complete' ? first : undefined;
}

/** From best to worst: complete ones by value, then pruned ones by last step and value, equal ones by number. Fresh. */
export function rankTrials(trials: readonly TrialRecord[], direction: Direction): TrialRecord[] {
  const sign = direction === 'maximize' ? -1 : 1;
  const complete = inOrder(trials.filter(({ state }) => state === 'complete'));
  complete.sort((a, b) => sign * ((a.value ?? 0) - (b.value ?? 0)));
  const pruned = inOrder(trials.filter(({ state }) => state === 'pruned'));
  pruned.sort((a, b) => {
    const [last, other] = [a.reports.at(-1), b.reports.at(-1)];
    const later = (other?.step ?? -1) - (last?.step ?? -1);
    return later || sign * ((last?.value ?? 0) - (other?.value ?? 0));
  });
  return [...complete, ...pruned];
}

export function inOrder(trials: readonly TrialRecord[]): TrialRecord[] {
  return [...trials].sort((a, b) => a.number - b.number);
}
