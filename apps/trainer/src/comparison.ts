import { type BaselineName, createBaseline } from '@gru4rec/baselines';
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

/** One of each kind, quick to fit, the strongest of its kind among them; `compare` takes all. */
const besides: readonly BaselineName[] = ['pop', 's-pop', 'item-knn', 'sr', 'vstan'];

/**
 * Evaluates a model on the sessions of a split, and beside it POP, S-POP, item-KNN, SR and VSTAN made of the training
 * split.
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
  const names = options.baselines ? besides : [];
  return {
    model: evaluateNamed(model.scorer(), indexed.sessions, indexed.support, options),
    baselines: names.map((name) => {
      const baseline = createBaseline(name, dataset);
      return evaluateNamed(baseline, split, dataset.support, { ...options, keepRanks: false });
    }),
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
