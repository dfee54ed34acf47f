import type { JsonObject } from './space.ts';
import type { Direction, Report, TrialRecord } from './trial.ts';

/** The facts of a pruner's decision. */
export interface PruneRequest {
  readonly direction: Direction;
  /** Of the running trial, in order of step; at least one. */
  readonly reports: readonly Report[];
  /** All trials of the study, in any state. */
  readonly trials: readonly TrialRecord[];
}

/** Decides whether to stop a running trial early. */
export interface Pruner {
  /** Name and options. They are stored with a study, which continues only with equal ones. */
  readonly settings: JsonObject;
  /** @returns true to stop the trial. */
  prune(request: PruneRequest): boolean;
}

/** When the median rule starts to prune. */
export interface MedianPrunerOptions {
  /** Complete trials that must have reported at a step before a trial is pruned there. Default: 5. */
  readonly startupTrials?: number;
  /** First step at which a trial may be pruned. Default: 0. */
  readonly warmupSteps?: number;
}

/**
 * Median stopping rule: prunes a trial at step s if its best value up to s is worse than the median of the means up to
 * s of the complete trials that reported at s.
 * (Golovin et al. 2017, Google Vizier, KDD, section 3.2)
 */
export function createMedianPruner(options: MedianPrunerOptions = {}): Pruner {
  const { startupTrials = 5, warmupSteps = 0 } = options;
  return {
    settings: { name: 'median', startupTrials, warmupSteps },
    prune: ({ direction, reports, trials }: PruneRequest) => {
      const step = reports.at(-1)?.step ?? 0;
      if (step < warmupSteps) return false;
      const sign = direction === 'maximize' ? 1 : -1;
      const means = trials.flatMap((trial) => meanUpTo(trial, step) ?? []).map((mean) => sign * mean);
      if (means.length < startupTrials) return false;
      return Math.max(...reports.map(({ value }) => sign * value)) < median(means);
    },
  };
}

function meanUpTo({ state, reports }: TrialRecord, step: number): number | undefined {
  if (state !== 'complete' || !reports.some((report) => report.step === step)) return undefined;
  const upTo = reports.filter((report) => report.step <= step);
  return upTo.reduce((sum, { value }) => sum + value, 0) / upTo.length;
}

function median(numbers: readonly number[]): number {
  const sorted = Float64Array.from(numbers).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
