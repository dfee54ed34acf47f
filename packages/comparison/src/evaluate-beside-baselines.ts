import { type Baseline, type BaselineName, createBaseline } from '@gru4rec/baselines';
import {
  type EvaluateOptions,
  type Evaluation,
  evaluateParts,
  type Ranks,
  type SessionArrays,
  type TargetFigures,
  TargetSums,
  type WarmAndCold,
  warmAndColdSums,
} from '@gru4rec/metrics';
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

/**
 * The figures of one scorer; also of warm and cold targets if the dataset has items without training events, and by the type
 * of the target if it has types.
 */
export interface NamedEvaluation extends Evaluation, Partial<WarmAndCold> {
  readonly name: string;
  /** Types with a target, most frequent first in the dataset. */
  readonly types?: readonly TypeFigures[];
}

/** Figures of the targets of one type. */
export interface TypeFigures extends TargetFigures {
  readonly type: string;
}

/** The figures of a baseline, and the size of its index. */
export interface BaselineEvaluation extends NamedEvaluation, Pick<Baseline, 'bytes' | 'index'> {}

/** The figures of a model, and of baselines on the same sessions. */
export interface Comparison {
  readonly model: NamedEvaluation;
  /** Simplest first; empty with `--no-baselines`. */
  readonly baselines: readonly BaselineEvaluation[];
}

/** Options of the evaluation of a model. */
export interface ModelOptions
  extends Omit<EvaluateOptions, 'support' | 'onProgress' | 'keepRanks' | 'onRanks'> {
  /** Called after each part of the work with the predictions so far. */
  readonly onProgress: (scorer: string, progress: ScorerProgress) => void;
}

/** Options of the evaluation of a model beside baselines. */
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
  const scorer = model.scorer(dataset.contextColumns);
  const { name } = scorer;
  const apart = partsOf(dataset, support, options);
  const evaluation = await evaluateParts(scorer, parts, {
    ...options,
    support,
    ...(apart && { onRanks: (ranks) => apart.add(ranks) }),
    onProgress: (progress) => onProgress(name, progress),
  });
  return { name, ...evaluation, ...apart?.figures };
}

/** Figures of parts of the targets, from ranks that are added. */
interface TargetParts {
  readonly add: (ranks: Ranks) => void;
  readonly figures: Pick<NamedEvaluation, 'warm' | 'cold' | 'types'>;
}

/**
 * @param support - by the items of the scorer.
 * @returns undefined if every item has training events and clicks have no types, or if the protocol ranks no single targets.
 */
function partsOf(
  { contextColumns = [] }: DatasetItems,
  support: Int32Array,
  { cutoffs, protocol }: Pick<ModelOptions, 'cutoffs' | 'protocol'>,
): TargetParts | undefined {
  const column = contextColumns.findIndex(({ isType }) => isType);
  const types = contextColumns[column]?.values ?? [];
  if (protocol === 'remaining' || (!support.includes(0) && types.length === 0)) return undefined;
  const apart = support.includes(0) ? warmAndColdSums(cutoffs, support) : undefined;
  const width = contextColumns.length;
  const typeOf = ({ targetContext }: Ranks, at: number) => targetContext?.[at * width + column] ?? -1;
  const byType = new TargetSums(cutoffs, types.length, typeOf);
  return {
    add(ranks) {
      apart?.add(ranks);
      byType.add(ranks);
    },
    get figures() {
      const [warm, cold] = apart?.figures ?? [];
      const found = byType.figures.map((figures, at) => ({ type: types[at] ?? '', ...figures }));
      return {
        ...(warm && cold && { warm, cold }),
        ...(types.length > 0 && { types: found.filter((one) => one.predictions > 0) }),
      };
    },
  };
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
  const { threads, onProgress, ...options } = given;
  const ofModel = await evaluateModel(model, dataset, [sessions], { ...options, onProgress });
  const baselines: BaselineEvaluation[] = [];
  for (const kind of baselineNames) {
    const baseline = createBaseline(kind, dataset);
    const apart = partsOf(dataset, dataset.support, options);
    const plain = { ...options, support: dataset.support, ...(apart && { keepRanks: true }) };
    const { ranks, ...evaluation } = await evaluateScorer(baseline, sessions, plain, {
      threads,
      onPredictions: (predictions) => onProgress(baseline.name, { predictions, total: ofModel.predictions }),
    });
    const { bytes, index } = baseline;
    if (apart && ranks) apart.add(ranks);
    const figures = { ...evaluation, ...apart?.figures };
    baselines.push({ name: baseline.name, ...figures, bytes, ...(index && { index }) });
  }
  return { model: ofModel, baselines };
}
