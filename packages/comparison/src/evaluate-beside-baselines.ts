import { type Baseline, type BaselineName, createBaseline } from '@gru4rec/baselines';
import { checkHas } from '@gru4rec/checked-options';
import { type EvaluateOptions, type Evaluation, evaluateParts, type SessionArrays } from '@gru4rec/metrics';
import type { Recommender } from '@gru4rec/recommender';
import type { SessionDataset } from '@gru4rec/sessions';
import { evaluateScorer } from './evaluate-scorer.ts';
import { type DatasetItems, modelSessions, type Parts } from './model-sessions.ts';

/** Progress of the evaluation of a scorer. */
export interface ScorerProgress {
  readonly predictions: number;
  /** Total number of predictions; undefined if it is unknown before all sessions are read. */
  readonly total: number | undefined;
}

/** The figures of one scorer. */
export interface NamedEvaluation extends Evaluation {
  readonly name: string;
}

/** The figures of a baseline, and the size of its index. */
export interface BaselineEvaluation extends NamedEvaluation, Pick<Baseline, 'bytes' | 'index'> {}

/** The figures of a model, and of baselines on the same sessions. */
export interface Comparison {
  readonly model: NamedEvaluation;
  /** Simplest first; empty with `--no-baselines`. */
  readonly baselines: readonly BaselineEvaluation[];
}

/** How to evaluate a model. */
export interface ModelOptions
  extends Omit<EvaluateOptions, 'support' | 'onProgress' | 'keepRanks' | 'onRanks'> {
  /** Called after each part of the work, with what is done of it. */
  readonly onProgress: (scorer: string, progress: ScorerProgress) => void;
}

/** How to compare. */
export interface ComparisonOptions extends ModelOptions {
  /** Threads of the baselines; the model uses those of its engine. */
  readonly threads: number;
}

/** The strongest baseline of each kind that is quick to fit; `gru4rec compare` takes any. */
const baselineNames: readonly BaselineName[] = ['pop', 's-pop', 'item-knn', 'sr', 'vstan'];

/**
 * Evaluates a model on sessions of a dataset. In one part or in several, the figures are the same.
 *
 * @throws Error if model and dataset do not have the same items.
 */
export async function evaluateModel(
  model: Recommender,
  dataset: DatasetItems,
  sessions: Parts,
  { onProgress, ...options }: ModelOptions,
): Promise<NamedEvaluation> {
  const { parts, support } = modelSessions(model, dataset, sessions);
  const scorer = model.scorer();
  const { name } = scorer;
  const evaluation = await evaluateParts(scorer, parts, {
    ...options,
    support,
    onProgress: (progress) => onProgress(name, progress),
  });
  return { name, ...evaluation };
}

/**
 * Evaluates a model on the sessions of a split, and POP, S-POP, item-KNN, SR and VSTAN, fitted to the training split, on
 * the same sessions.
 *
 * @throws Error if model and dataset do not have the same items.
 */
export async function evaluateBesideBaselines(
  model: Recommender,
  dataset: SessionDataset,
  sessions: SessionArrays,
  given: ComparisonOptions,
): Promise<Comparison> {
  checkHas('evaluateBesideBaselines', 'options', given, ['threads', 'onProgress']);
  const { threads, onProgress, ...options } = given;
  const ofModel = await evaluateModel(model, dataset, [sessions], { ...options, onProgress });
  const baselines: BaselineEvaluation[] = [];
  for (const kind of baselineNames) {
    const baseline = createBaseline(kind, dataset);
    const plain = { ...options, support: dataset.support };
    const evaluation = await evaluateScorer(baseline, sessions, plain, {
      threads,
      onPredictions: (predictions) => onProgress(baseline.name, { predictions, total: ofModel.predictions }),
    });
    const { bytes, index } = baseline;
    baselines.push({ name: baseline.name, ...evaluation, bytes, ...(index && { index }) });
  }
  return { model: ofModel, baselines };
}
