import { type Evaluation, meanIntervals, pairedBootstrap } from '@gru4rec/metrics';
import type { StudyClaim, StudyRow, StudySection } from '@gru4rec/report';
import type { JsonObject } from '@gru4rec/tuning';
import { mean, sampleStandardDeviation } from 'simple-statistics';
import type { StudyData } from './data-sets.ts';
import type { FinalRun } from './final-runs.ts';
import { CUTOFF, figuresOf, scoreOf } from './fit.ts';
import type { Method } from './methods.ts';
import type { Tuning } from './tune-method.ts';

/** A method, how it was tuned, and its runs: one per seed, or one. */
export interface MethodResult {
  readonly title: string;
  readonly family: 'baseline' | 'gru4rec' | 'mix';
  /** Not of the mix. */
  readonly method?: Method;
  readonly values?: JsonObject;
  readonly tuning?: Tuning;
  readonly runs: readonly FinalRun[];
}

const BOOTSTRAP = { resamples: 1000, seed: 1, cutoff: CUTOFF };
const measures = ['recall', 'mrr'] as const;
type Measure = (typeof measures)[number];

/** Means over seeds, intervals and paired tests against the best, of one data set. */
export function describeSection(data: StudyData, results: readonly MethodResult[]): StudySection {
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
    claim: describeClaim(results),
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

function describeRow(
  result: MethodResult,
  best: Readonly<Record<Measure, MethodResult | undefined>>,
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
    ...(tuning && { tuning: tuningOf(tuning) }),
  };
}

function tuningOf({ defaultFigures, figures, screened, ended, full, seconds }: Tuning): StudyRow['tuning'] {
  return { untuned: defaultFigures, tuned: figures, screened, ended, full, seconds };
}

/** The best GRU4Rec on validation against item-KNN, with and without repeats in the lists. */
function describeClaim(results: readonly MethodResult[]): StudyClaim | undefined {
  const knn = results.find(({ method }) => method?.id === 'item-knn');
  const [gru] = results
    .filter(({ family }) => family === 'gru4rec')
    .sort((a, b) => scoreOf(b.tuning?.figures ?? NONE) - scoreOf(a.tuning?.figures ?? NONE));
  if (!knn || !gru) return undefined;
  const unseen = ({ runs }: MethodResult) => runs.flatMap((run) => (run.unseen ? [run.unseen] : []));
  const figuresIn = (evaluations: readonly Evaluation[]) => ({
    recall: meanOf(evaluations, 'recall'),
    mrr: meanOf(evaluations, 'mrr'),
  });
  return {
    model: gru.title,
    baseline: knn.title,
    withRepeats: { model: figuresIn(evaluationsOf(gru)), baseline: figuresIn(evaluationsOf(knn)) },
    withoutRepeats: { model: figuresIn(unseen(gru)), baseline: figuresIn(unseen(knn)) },
  };
}

const NONE = { recall: 0, mrr: 0 };
