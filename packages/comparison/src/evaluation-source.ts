import { type SessionArrays, sampleParts } from '@gru4rec/metrics';
import type { Recommender } from '@gru4rec/recommender';
import { openDataset, readDataset, type SessionDataset, type StreamedSplit } from '@gru4rec/sessions';
import {
  type Comparison,
  type ComparisonOptions,
  evaluateBesideBaselines,
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
import {
  drawSample,
  type SampleFacts,
  type SampleSettings,
  sampleOf,
  sampleSettings,
} from './session-sample.ts';

/** Selects the sessions to evaluate. */
export interface EvaluationSettings extends SampleSettings {
  /** Folder of the dataset, for messages. */
  readonly data: string;
  readonly split: HeldOut;
  readonly baselines: boolean;
}

/** A dataset to evaluate on, in memory or open on disk. */
export interface EvaluationSource {
  readonly dataset: Pick<SessionDataset, 'manifest' | 'itemIds' | 'support' | 'contextColumns'>;
  /** Number of sessions in the split. */
  readonly sessions: number;
  /** Undefined if all sessions are evaluated. */
  readonly sample: SampleFacts | undefined;
  /** @throws Error if model and dataset do not have the same items. */
  evaluate(model: Recommender, options: ComparisonOptions): Promise<Comparison>;
  /** Where the evaluated sessions come from, for reports. */
  facts(): Promise<DatasetFacts>;
  /** Must be called at the end. */
  close(): Promise<void>;
}

/**
 * Opens a dataset for an evaluation. Baselines need the training sessions in memory. Without baselines the sessions are
 * read from disk one record batch at a time; the figures are the same.
 *
 * @throws DataError naming what is wrong with the dataset; Error if it lacks the split.
 */
export async function openEvaluation(
  directory: string,
  settings: EvaluationSettings,
): Promise<EvaluationSource> {
  return settings.baselines ? readSource(directory, settings) : openSource(directory, settings);
}

async function readSource(directory: string, settings: EvaluationSettings): Promise<EvaluationSource> {
  const dataset = await readDataset(directory);
  const split = splitOf(dataset, settings);
  const { sessions, sample } = drawSample(split, sampleSettings(settings));
  return {
    dataset,
    sessions: split.sessionIds.length,
    sample,
    evaluate: (model, options) => evaluateBesideBaselines(model, dataset, sessions, options),
    facts: async () => datasetFacts(dataset, settings.split, split),
    close: () => Promise.resolve(),
  };
}

async function openSource(directory: string, settings: EvaluationSettings): Promise<EvaluationSource> {
  const dataset = await openDataset(directory);
  try {
    const split = splitOf(dataset, settings);
    const sessions = sessionsIn(split);
    const sample = sampleOf(sessions, sampleSettings(settings));
    return {
      dataset,
      sessions,
      sample,
      async evaluate(model, { onProgress, threads: _, ...options }) {
        const blocks = readInTurn(split);
        const parts = sample
          ? sampleParts(blocks, { size: sample.sessions, sessions, seed: sample.seed })
          : blocks;
        const total = sample ? undefined : predictionsIn(split, options);
        const ofModel = await evaluateModel(model, dataset, parts, {
          ...options,
          onProgress: (scorer, { predictions }) => onProgress(scorer, { predictions, total }),
        });
        return { model: ofModel, baselines: [] };
      },
      facts: () => streamedFacts(dataset, settings.split, split),
      close: dataset.close,
    };
  } catch (error) {
    await dataset.close();
    throw error;
  }
}

/** Reads blocks without reading ahead: a block takes 11 ms to read and a second to evaluate, even with 4 units and 1,000 items. */
async function* readInTurn({ blocks, read }: StreamedSplit): AsyncGenerator<SessionArrays> {
  for (const index of blocks.keys()) yield await read(index);
}

/** Total number of predictions, if the table of record batches determines it: with a warm-up of one click. */
function predictionsIn(
  { blocks }: StreamedSplit,
  { protocol, warmUp = 1 }: Pick<ComparisonOptions, 'protocol' | 'warmUp'>,
): number | undefined {
  const counted = protocol === 'last' ? 'sessionsWithPairs' : 'pairs';
  return warmUp === 1 ? blocks.reduce((sum, block) => sum + block[counted], 0) : undefined;
}
