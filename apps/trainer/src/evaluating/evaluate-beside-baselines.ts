import { type Baseline, type BaselineName, createBaseline } from '@gru4rec/baselines';
import {
  countTies,
  type EvaluateOptions,
  type Evaluation,
  evaluateParts,
  type Ranks,
  type SessionArrays,
  type TieCounts,
} from '@gru4rec/metrics';
import type { Gru4Rec } from '@gru4rec/model';
import type { SessionDataset } from '@gru4rec/sessions';
import { evaluateBaseline } from '../comparing/evaluate-baseline.ts';
import type { ScorerProgress } from '../terminal/progress.ts';
import { tiedTargets } from './evaluation-facts.ts';
import { type DatasetItems, modelSessions, type Parts } from './model-sessions.ts';

/** How one scorer did. */
export interface NamedEvaluation extends Evaluation {
  readonly name: string;
}

/** How a model did. */
export interface ModelEvaluation extends NamedEvaluation {
  /** Of targets that lists can hold; none with the protocol `remaining`. */
  readonly ties?: TieCounts;
}

/** How a baseline did, and what it holds. */
export interface BaselineEvaluation extends NamedEvaluation, Pick<Baseline, 'bytes' | 'index'> {}

/** How a model did, and the baselines on the same sessions. */
export interface Comparison {
  readonly model: ModelEvaluation;
  /** Simplest first; none if not wanted. */
  readonly baselines: readonly BaselineEvaluation[];
}

/** How to evaluate a model. */
export interface ModelOptions
  extends Omit<EvaluateOptions, 'support' | 'onProgress' | 'keepRanks' | 'onRanks'> {
  readonly onProgress: (scorer: string, progress: ScorerProgress) => void;
}

/** How to compare. */
export interface ComparisonOptions extends ModelOptions {
  /** For the baselines; the model's are those of its engine. */
  readonly threads: number;
}

/** One of each kind, quick to fit, the strongest of its kind among them; `compare` takes all. */
const besides: readonly BaselineName[] = ['pop', 's-pop', 'item-knn', 'sr', 'vstan'];

/**
 * Evaluates a model on sessions of a dataset, all at once or part by part, with the same figures.
 *
 * @throws Error if model and dataset do not know the same items.
 */
export async function evaluateModel(
  model: Gru4Rec,
  dataset: DatasetItems,
  sessions: Parts,
  { onProgress, ...options }: ModelOptions,
): Promise<ModelEvaluation> {
  const { parts, support } = modelSessions(model, dataset, sessions);
  const scorer = model.scorer();
  const { name } = scorer;
  const { tieRule = 'standard', cutoffs, protocol } = options;
  let ties: TieCounts | undefined;
  const onRanks = (ranks: Ranks) => {
    ties = countTies(tiedTargets({ ranks, tieRule }, Math.max(...cutoffs)), ties);
  };
  const evaluation = await evaluateParts(scorer, parts, {
    ...options,
    support,
    ...(protocol !== 'remaining' && { onRanks }),
    onProgress: (progress) => onProgress(name, progress),
  });
  return { name, ...evaluation, ...(ties && { ties }) };
}

/**
 * Evaluates a model on the sessions of a split, and beside it POP, S-POP, item-KNN, SR and VSTAN made of the training
 * split.
 *
 * @throws Error if model and dataset do not know the same items.
 */
export async function compare(
  model: Gru4Rec,
  dataset: SessionDataset,
  split: SessionArrays,
  { threads, onProgress, ...options }: ComparisonOptions,
): Promise<Comparison> {
  const ofModel = await evaluateModel(model, dataset, [split], { ...options, onProgress });
  const baselines: BaselineEvaluation[] = [];
  for (const kind of besides) {
    const baseline = createBaseline(kind, dataset);
    const plain = { ...options, support: dataset.support };
    const evaluation = await evaluateBaseline(baseline, split, plain, {
      threads,
      onPredictions: (predictions) => onProgress(baseline.name, { predictions, total: ofModel.predictions }),
    });
    const { bytes, index } = baseline;
    baselines.push({ name: baseline.name, ...evaluation, bytes, ...(index && { index }) });
  }
  return { model: ofModel, baselines };
}
