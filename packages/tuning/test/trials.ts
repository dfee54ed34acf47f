import type { Values } from '../src/space.ts';
import type { TrialRecord } from '../src/trial.ts';

export function complete(number: number, values: Values, value: number): TrialRecord {
  return { ...running(number, values), state: 'complete', value, endedMs: 1 };
}

/** A trial that was stopped after these values, one per step from 0. */
export function pruned(number: number, values: Values, reported: readonly number[]): TrialRecord {
  return { ...running(number, values), state: 'pruned', endedMs: 1, reports: reportsOf(reported) };
}

export function failed(number: number, values: Values): TrialRecord {
  return { ...running(number, values), state: 'failed', error: 'no', endedMs: 1 };
}

export function running(number: number, values: Values): TrialRecord {
  return { number, values, state: 'running', startedMs: 0, reports: [] };
}

/** The parts of trials that do not depend on the clock. */
export function facts(trials: readonly TrialRecord[]): object[] {
  return trials.map(({ startedMs: _started, endedMs: _ended, ...rest }) => rest);
}

/** Values, one per step from 0. */
export function reportsOf(values: readonly number[]): { step: number; value: number }[] {
  return values.map((value, step) => ({ step, value }));
}
