import { itemKnn, pop, sessionPop } from '@gru4rec/baselines';
import {
  type EvaluateOptions,
  type Evaluation,
  type EvaluationProgress,
  evaluate,
  type Scorer,
} from '@gru4rec/metrics';
import type { Gru4Rec } from '@gru4rec/model';
import type { SessionDataset, SessionTable } from '@gru4rec/sessions';
import { modelSessions } from './model-sessions.ts';

/** How one scorer did. */
export interface NamedEvaluation extends Evaluation {
  readonly name: string;
}

/** How a model did, and the baselines on the same sessions. */
export interface Comparison {
  readonly model: NamedEvaluation;
  /** Simplest first; none if not wanted. */
  readonly baselines: readonly NamedEvaluation[];
}

/** How to compare. */
export interface ComparisonOptions extends Omit<EvaluateOptions, 'support' | 'onProgress'> {
  readonly baselines: boolean;
  readonly onProgress: (scorer: string, progress: EvaluationProgress) => void;
}

/**
 * Evaluates a model on the sessions of a split, and beside it POP, S-POP and item-KNN made of the training split.
 *
 * @throws Error if model and dataset do not know the same items.
 */
export function compare(
  model: Gru4Rec,
  dataset: SessionDataset,
  split: SessionTable,
  options: ComparisonOptions,
): Comparison {
  const indexed = modelSessions(model, dataset, split);
  const makers = options.baselines ? [pop, sessionPop, itemKnn] : [];
  return {
    model: evaluateNamed(model.scorer(), indexed.sessions, indexed.support, options),
    baselines: makers.map((make) => evaluateNamed(make(dataset), split, dataset.support, options)),
  };
}

function evaluateNamed(
  scorer: Scorer,
  sessions: Pick<SessionTable, 'sessionOffsets' | 'items'>,
  support: Int32Array,
  { baselines: _, onProgress, ...options }: ComparisonOptions,
): NamedEvaluation {
  const { name } = scorer;
  const evaluation = evaluate(scorer, sessions, {
    ...options,
    support,
    onProgress: (progress) => onProgress(name, progress),
  });
  return { name, ...evaluation };
}
