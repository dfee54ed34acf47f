import { type SessionArrays, sampleParts } from '@gru4rec/metrics';
import type { Gru4Rec } from '@gru4rec/model';
import type { SessionDataset, StreamedSplit } from '@gru4rec/sessions';
import { openDataset, readDataset } from '../arguments/read-inputs.ts';
import {
  type Comparison,
  type ComparisonOptions,
  compare,
  evaluateModel,
} from './evaluate-beside-baselines.ts';
import {
  type DatasetFacts,
  datasetFacts,
  type HeldOut,
  sessionsIn,
  splitOf,
  streamedFacts,
} from './evaluation-facts.ts';
import { drawSample, type SampleFacts, type SampleSettings, sampleOf } from './session-sample.ts';

/** Which sessions are evaluated. */
export interface EvaluationSettings extends SampleSettings {
  /** Folder of the dataset, for messages. */
  readonly data: string;
  readonly split: HeldOut;
  readonly baselines: boolean;
}

/** A dataset to evaluate on: in memory, or open on disk. */
export interface EvaluationSource {
  readonly data: Pick<SessionDataset, 'manifest' | 'itemIds' | 'support'>;
  /** All sessions of the split. */
  readonly sessions: number;
  /** Undefined if all are evaluated. */
  readonly sample: SampleFacts | undefined;
  /** @throws Error if model and dataset do not know the same items. */
  evaluate(model: Gru4Rec, options: ComparisonOptions): Promise<Comparison>;
  facts(): Promise<DatasetFacts>;
  /** To be called at the end. */
  close(): Promise<void>;
}

/**
 * Opens a dataset for an evaluation. Baselines are made of training sessions in memory; without them sessions stay on
 * disk, and one record batch is held at a time, to the same figures.
 *
 * @throws DataError naming what is wrong with the dataset; Error if it lacks the split.
 */
export function openEvaluation(directory: string, settings: EvaluationSettings): Promise<EvaluationSource> {
  return settings.baselines ? readSource(directory, settings) : openSource(directory, settings);
}

async function readSource(directory: string, settings: EvaluationSettings): Promise<EvaluationSource> {
  const data = await readDataset(directory);
  const split = splitOf(data, settings);
  const { sessions, sample } = drawSample(split, settings);
  return {
    data,
    sessions: split.sessionIds.length,
    sample,
    evaluate: (model, options) => compare(model, data, sessions, options),
    facts: async () => datasetFacts(data, settings.split, split),
    close: () => Promise.resolve(),
  };
}

async function openSource(directory: string, settings: EvaluationSettings): Promise<EvaluationSource> {
  const data = await openDataset(directory);
  try {
    const split = splitOf(data, settings);
    const sessions = sessionsIn(split);
    const sample = sampleOf(sessions, settings);
    return {
      data,
      sessions,
      sample,
      async evaluate(model, { onProgress, ...options }) {
        const blocks = readInTurn(split);
        const parts = sample
          ? sampleParts(blocks, { size: sample.sessions, sessions, seed: sample.seed })
          : blocks;
        const total = sample ? undefined : predictionsIn(split, options);
        const ofModel = await evaluateModel(model, data, parts, {
          ...options,
          onProgress: (scorer, { predictions }) => onProgress(scorer, { predictions, total }),
        });
        return { model: ofModel, baselines: [] };
      },
      facts: () => streamedFacts(data, settings.split, split),
      close: data.close,
    };
  } catch (error) {
    await data.close();
    throw error;
  }
}

/** Not read ahead: a block takes 11 ms to read and a second of CPU to evaluate, even with GRU 4 and 1,000 items. */
async function* readInTurn({ blocks, read }: StreamedSplit): AsyncGenerator<SessionArrays> {
  for (const index of blocks.keys()) yield await read(index);
}

/** Predictions to be made, where the table of record batches tells: with a warm-up of one click. */
function predictionsIn(
  { blocks }: StreamedSplit,
  { protocol, warmUp = 1 }: Pick<ComparisonOptions, 'protocol' | 'warmUp'>,
): number | undefined {
  const counted = protocol === 'last' ? 'sessionsWithPairs' : 'pairs';
  return warmUp === 1 ? blocks.reduce((sum, block) => sum + block[counted], 0) : undefined;
}
