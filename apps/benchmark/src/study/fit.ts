import { type Baseline, createBaseline } from '@gru4rec/baselines';
import { sliceSessions } from '@gru4rec/batcher';
import { evaluateScorer } from '@gru4rec/comparison';
import type { Evaluation, Scorer, SessionArrays } from '@gru4rec/metrics';
import {
  type EpochRecord,
  type Gru4Rec,
  type ModelConfig,
  parseConfig,
  type TrainingData,
  type TrainOptions,
  train,
} from '@gru4rec/model';
import type { StudyFigures } from '@gru4rec/report';
import type { JsonObject } from '@gru4rec/tuning';
import type { BaselineMethod, ModelMethod } from './methods.ts';

/** Length of the lists of the study. */
export const CUTOFF = 20;

/** Seed of tuning. */
const TUNING_SEED = 42;

/** The engine, threads and signal of all fits and evaluations. */
export interface Workshop {
  readonly engine: TrainOptions['engine'];
  /** Threads of baselines; models have those of the engine. */
  readonly threads: number;
  readonly signal: AbortSignal;
}

/** What tuning maximises: the mean of both figures. */
export function scoreOf({ recall, mrr }: StudyFigures): number {
  return (recall + mrr) / 2;
}

/** Training sessions in memory, with times. */
export interface FitData extends TrainingData {
  readonly train: SessionArrays & { readonly sessionStartTimes: Float64Array };
}

/** Evaluates a baseline or a model, with the rank of every prediction. */
export function evaluateRanks(
  scorer: Scorer | Baseline,
  sessions: SessionArrays,
  { threads }: Pick<Workshop, 'threads'>,
  more: { readonly excludeSeen?: boolean } = {},
): Promise<Evaluation> {
  const options = { cutoffs: [CUTOFF], tieRule: 'standard' as const, keepRanks: true, lists: false, ...more };
  return evaluateScorer(scorer, sessions, options, { threads });
}

/** Recall and MRR of an evaluation. */
export function figuresOf({ results }: Evaluation): StudyFigures {
  const [result] = results;
  return { recall: result?.recall ?? Number.NaN, mrr: result?.mrr ?? Number.NaN };
}

/** Fits a baseline; a seeded baseline has its default seed. */
export function fitBaseline({ name }: BaselineMethod, values: JsonObject, data: FitData): Baseline {
  return createBaseline(name, data, values);
}

/** The configuration of a GRU4Rec. */
export function modelConfig(
  { defaults }: ModelMethod,
  values: JsonObject,
  seed: number = TUNING_SEED,
): ModelConfig {
  return parseConfig({ ...defaults, ...values, seed });
}

/** Validation figures of a GRU4Rec after its best epoch, or after its last one if the learning rate decays. */
export async function measureModel(
  config: ModelConfig,
  { data, heldOut }: { readonly data: FitData; readonly heldOut: SessionArrays },
  { engine, signal }: Workshop,
  onEpoch?: (epoch: number, figures: StudyFigures) => void,
): Promise<StudyFigures & { readonly epoch: number }> {
  const seen: (StudyFigures & { readonly epoch: number })[] = [];
  await train(data, config, {
    engine,
    signal,
    keepDiverged: true,
    monitor: { sessions: heldOut },
    onEpoch({ epoch, validation: { recall = Number.NaN, mrr = Number.NaN } = {} }: EpochRecord) {
      seen.push({ epoch, recall, mrr });
      onEpoch?.(epoch, { recall, mrr });
    },
  });
  const last = seen.at(-1) ?? { epoch: 0, recall: Number.NaN, mrr: Number.NaN };
  if (config.learningRateDecay !== 'none') return last;
  return seen.reduce((best, figures) => (scoreOf(figures) > scoreOf(best) ? figures : best), last);
}

/** Trains a GRU4Rec to the end. */
export function fitModel(config: ModelConfig, data: FitData, { engine, signal }: Workshop): Promise<Gru4Rec> {
  return train(data, config, { engine, signal, keepDiverged: true });
}

/** The latest sessions, a share of all; the items stay, with their support in these sessions. */
export function latestSessions({ itemIds, train }: FitData, share: number): FitData {
  const { sessionOffsets, items, sessionStartTimes } = train;
  const count = sessionOffsets.length - 1;
  const from = count - Math.max(1, Math.ceil(share * count));
  const latest = sliceSessions({ sessionOffsets, items }, from, count);
  const support = new Int32Array(itemIds.length);
  for (const item of latest.items) support[item] = (support[item] ?? 0) + 1;
  return { itemIds, support, train: { ...latest, sessionStartTimes: sessionStartTimes.subarray(from) } };
}
