import type { SessionDataset } from '@gru4rec/dataset';
import {
  type EvaluateOptions,
  type Evaluation,
  evaluateParts,
  type Ranks,
  type Scorer,
  type SessionArrays,
  type TargetFigures,
  TargetSums,
  type WarmAndCold,
  warmAndColdSums,
} from '@gru4rec/metrics';
import type { Recommender } from '@gru4rec/recommender';
import { evaluateScorer, type ThreadOptions } from './evaluate-scorer.ts';

export type Parts = AsyncIterable<SessionArrays> | Iterable<SessionArrays>;

type DatasetItems = Pick<SessionDataset, 'itemIds' | 'support' | 'contextColumns'>;

/**
 * The figures of one scorer; also of warm and cold targets if the dataset has items without training events, and by the type
 * of the target if it has types.
 */
export interface PartedEvaluation extends Evaluation, Partial<WarmAndCold> {
  /** Types with a target, most frequent first in the dataset. */
  readonly types?: readonly (TargetFigures & { readonly type: string })[];
}

/** Progress of the evaluation of a scorer. */
export interface ScorerProgress {
  readonly predictions: number;
  /** Total number of predictions; undefined if it is unknown before all sessions are read. */
  readonly total: number | undefined;
}

export interface ModelOptions
  extends Omit<EvaluateOptions, 'support' | 'onProgress' | 'keepRanks' | 'onRanks' | 'warmUp'> {
  /** Called after each part of the work with the predictions so far. */
  readonly onProgress: (scorer: string, progress: ScorerProgress) => void;
}

/** The figures are the same in one part or in several. A model that knows more items ranks against all of them. */
export async function evaluateRecommender(
  model: Recommender,
  dataset: DatasetItems,
  sessions: Parts,
  { onProgress, ...options }: ModelOptions,
): Promise<PartedEvaluation & { readonly name: string }> {
  const toModel = Int32Array.from(dataset.itemIds, (id) => model.itemIndex(id) ?? -1);
  checkKnown(dataset, toModel);
  const support = new Int32Array(model.itemIds.length);
  for (const [item, index] of toModel.entries()) support[index] = dataset.support[item] ?? 0;
  const scorer = model.scorer(dataset.contextColumns);
  const apart = partsOf(dataset, support, options);
  const evaluation = await evaluateParts(scorer, mapItems(sessions, toModel), {
    ...options,
    support,
    ...(apart && { onRanks: (ranks) => apart.add(ranks) }),
    onProgress: (progress) => onProgress(scorer.name, progress),
  });
  return { name: scorer.name, ...evaluation, ...apart?.figures };
}

async function* mapItems(parts: Parts, toModel: Int32Array): AsyncGenerator<SessionArrays> {
  for await (const { sessionOffsets, items, context } of parts) {
    const mapped = items.map((item) => toModel[item] as number);
    yield { sessionOffsets, items: mapped, ...(context && { context }) };
  }
}

function checkKnown(dataset: DatasetItems, toModel: Int32Array): void {
  const unknown = toModel.indexOf(-1);
  if (unknown < 0) return;
  const count = toModel.filter((index) => index < 0).length;
  const first = JSON.stringify(dataset.itemIds.at(unknown));
  throw new Error(
    `The model does not know ${count} of the dataset's ${toModel.length} items, the first being ${first}. ` +
      'Evaluate on the dataset that the model was trained on',
  );
}

export async function evaluateFitted(
  scorer: Scorer,
  dataset: DatasetItems,
  sessions: SessionArrays,
  options: EvaluateOptions,
  threading: ThreadOptions,
): Promise<PartedEvaluation> {
  const apart = partsOf(dataset, dataset.support, options);
  const ranked = { ...options, support: dataset.support, ...(apart && { keepRanks: true }) };
  const { ranks, ...evaluation } = await evaluateScorer(scorer, sessions, ranked, threading);
  if (ranks) apart?.add(ranks);
  return { ...evaluation, ...(options.keepRanks && ranks && { ranks }), ...apart?.figures };
}

interface TargetParts {
  readonly add: (ranks: Ranks) => void;
  readonly figures: Pick<PartedEvaluation, 'warm' | 'cold' | 'types'>;
}

/** @returns undefined without cold items and types, or if the protocol ranks no single targets. */
function partsOf(
  { contextColumns = [] }: DatasetItems,
  support: Int32Array,
  { cutoffs, protocol }: Pick<EvaluateOptions, 'cutoffs' | 'protocol'>,
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
