import { type Evaluation, meanIntervals, pairedBootstrap, type RankBootstrapOptions } from '@gru4rec/metrics';
import type { Difference, StudyClaim, StudyRow, StudySection, StudyTuning } from '@gru4rec/report';
import type { JsonObject } from '@gru4rec/tuning';
import { mean, sampleStandardDeviation } from 'simple-statistics';
import type { StudyData } from './data-sets.ts';
import type { FinalRun } from './final-runs.ts';
import { CUTOFF, figuresOf } from './fit.ts';
import type { Method } from './methods.ts';

/** A method, how it was tuned, and its runs: one per seed, or one. */
export interface MethodResult {
  readonly title: string;
  readonly family: StudyRow['family'];
  /** Absent for the mix and for peers. */
  readonly method?: Method;
  readonly values?: JsonObject;
  readonly tuning?: StudyTuning;
  readonly runs: readonly FinalRun[];
}

/** A claim's two methods, and their evaluations without the items that the session has clicked before. */
export interface ClaimRuns {
  readonly model: ClaimedRuns;
  readonly baseline: ClaimedRuns;
}

interface ClaimedRuns {
  readonly result: MethodResult;
  readonly unseen: readonly Evaluation[];
}

/** Resamples, seed and cutoff of all intervals and tests of the study. */
export const BOOTSTRAP: RankBootstrapOptions = { resamples: 1000, seed: 1, cutoff: CUTOFF };
const measures = ['recall', 'mrr'] as const;
type Measure = (typeof measures)[number];

/** Means over seeds, intervals and paired tests against the best, of one data set. */
export function describeSection(
  data: StudyData,
  results: readonly MethodResult[],
  claim: ClaimRuns,
): Omit<StudySection, 'origin' | 'tuningSeconds'> {
  const { final, name, about } = data;
  const best = {
    recall: bestOf(results, 'recall'),
    mrr: bestOf(results, 'mrr'),
  };
  const { sessions = 0, predictions = 0 } = results[0]?.runs[0]?.evaluation ?? {};
  return {
    name,
    about,
    checksum: final.manifest.checksum,
    items: final.itemIds.length,
    events: final.train.items.length,
    sessions: final.train.sessionOffsets.length - 1,
    testSessions: sessions,
    predictions,
    rows: results.map((result) => describeRow(result, best)),
    leads: {
      recall: leadOf(claim.model.result, results, 'recall'),
      mrr: leadOf(claim.model.result, results, 'mrr'),
    },
    claim: describeClaim(claim),
  };
}

const evaluationsOf = ({ runs }: MethodResult) => runs.map(({ evaluation }) => evaluation);

function meanOf(evaluations: readonly Evaluation[], measure: Measure): number {
  return mean(evaluations.map((evaluation) => figuresOf(evaluation)[measure]));
}

/** The first of the best. */
function bestOf(results: readonly MethodResult[], measure: Measure): MethodResult | undefined {
  const values = results.map((result) => meanOf(evaluationsOf(result), measure));
  return results[values.indexOf(Math.max(...values))];
}

/** The best GRU4Rec on validation against the best baseline of the test split. */
function leadOf(model: MethodResult, results: readonly MethodResult[], measure: Measure): Difference {
  const baseline = bestOf(
    results.filter(({ family }) => family === 'baseline'),
    measure,
  );
  if (!baseline) throw new Error('expected a baseline among the methods');
  return pairedBootstrap(evaluationsOf(model), evaluationsOf(baseline), BOOTSTRAP)[measure];
}

/**
 * Means over seeds, intervals, and tests against the best.
 *
 * @param best - by measure; without one there is no test.
 */
export function describeRow(
  result: MethodResult,
  best: Readonly<Partial<Record<Measure, MethodResult | undefined>>>,
): StudyRow {
  const { title, family, runs, tuning, values } = result;
  const evaluations = evaluationsOf(result);
  const intervals = meanIntervals(evaluations, BOOTSTRAP);
  const measure = (name: Measure) => {
    const found = evaluations.map((evaluation) => figuresOf(evaluation)[name]);
    const top = best[name];
    const test =
      top && top !== result ? pairedBootstrap(evaluationsOf(top), evaluations, BOOTSTRAP)[name] : undefined;
    return {
      mean: mean(found),
      ...(found.length > 1 ? { sd: sampleStandardDeviation(found) } : {}),
      interval: intervals[name],
      ...(test && { p: test.p }),
    };
  };
  const seconds = mean(runs.map(({ evaluateSeconds }) => evaluateSeconds));
  return {
    name: title,
    family,
    runs: runs.length,
    recall: measure('recall'),
    mrr: measure('mrr'),
    fitSeconds: mean(runs.map(({ fitSeconds }) => fitSeconds)),
    answerMilliseconds: (1000 * seconds) / (evaluations[0]?.predictions ?? 1),
    ...(values && { values }),
    ...(tuning && { tuning }),
  };
}

function describeClaim({ model, baseline }: ClaimRuns): StudyClaim {
  const figuresIn = (evaluations: readonly Evaluation[]) => ({
    recall: meanOf(evaluations, 'recall'),
    mrr: meanOf(evaluations, 'mrr'),
  });
  return {
    model: model.result.title,
    baseline: baseline.result.title,
    withRepeats: {
      model: figuresIn(evaluationsOf(model.result)),
      baseline: figuresIn(evaluationsOf(baseline.result)),
    },
    withoutRepeats: { model: figuresIn(model.unseen), baseline: figuresIn(baseline.unseen) },
  };
}
