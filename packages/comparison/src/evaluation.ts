import { baselineTitle } from '@gru4rec/baselines';
import { openDataset, readDataset, type SessionDataset, type StreamedSplit } from '@gru4rec/dataset';
import { cutoffsOf, type MetricOptions, type SessionArrays, sampleParts } from '@gru4rec/metrics';
import { Gru4Rec } from '@gru4rec/model';
import type { Recommender } from '@gru4rec/recommender';
import { type ComparisonReport, mainCutoff } from '@gru4rec/report';
import { buildReport, type ReportFrame } from './build-report.ts';
import { fitBaseline } from './contenders/baseline.ts';
import { bytesOf, MIB, tunedOn } from './contenders/kind.ts';
import { evaluateRecommender, type ModelOptions, type Parts } from './evaluate-scorer.ts';
import {
  type DatasetFacts,
  datasetFacts,
  drawSample,
  type HeldOut,
  type SampleFacts,
  type SampleSettings,
  sampleOf,
  sessionsIn,
  splitChecksum,
  splitOf,
  streamedFacts,
} from './held-out.ts';
import { evaluateRun, type NamedRun, warningsOf } from './run-contenders.ts';
import { evaluateVisitors } from './visitors.ts';

/** Selects the sessions to evaluate. */
export interface EvaluationSettings extends SampleSettings {
  /** Folder of the dataset, for messages. */
  readonly data: string;
  readonly split: HeldOut;
  readonly baselines: boolean;
}

/** Options of the evaluation of a model beside baselines. */
export interface EvaluationOptions extends ModelOptions {
  /** Threads of the baselines; the model uses those of its engine. */
  readonly threads: number;
}

/** A model and baselines on the same sessions. */
export interface EvaluatedModel {
  readonly model: NamedRun;
  /** Simplest first; empty if they are not wanted. */
  readonly baselines: readonly NamedRun[];
  /** About the reliability of the model's figures. */
  readonly warnings: readonly string[];
}

/** A dataset to evaluate on, in memory or open on disk. */
export interface EvaluationSource {
  readonly dataset: Pick<SessionDataset, 'manifest' | 'itemIds' | 'support' | 'contextColumns'>;
  readonly sessions: number;
  /** Undefined if all sessions are evaluated. */
  readonly sample: SampleFacts | undefined;
  /** @throws Error if the dataset has items that the model does not know. */
  evaluate(model: Recommender, options: EvaluationOptions): Promise<EvaluatedModel>;
  /** Must be called at the end. */
  close(): Promise<void>;
}

interface Sessions extends Omit<EvaluationSource, 'evaluate'> {
  readonly parts: () => Parts;
  /** Number of predictions, if it is known before they are made. */
  readonly total?: (options: EvaluationOptions) => number | undefined;
  /** Without training sessions in memory, clicks are not broken down by visitor. */
  readonly visitors?: (model: Recommender, cutoff: number) => ReturnType<typeof evaluateVisitors>;
  readonly facts: () => Promise<DatasetFacts>;
  readonly baselines: (options: EvaluationOptions, predictions: number) => Promise<NamedRun[]>;
}

/**
 * Baselines need the training sessions in memory. Without, the sessions are read from disk one record batch at a time.
 * @throws DataError naming what is wrong with the dataset; Error if it lacks the split.
 */
export async function openEvaluation(
  directory: string,
  settings: EvaluationSettings,
): Promise<EvaluationSource> {
  const source = await (settings.baselines ? inMemory : onDisk)(directory, settings);
  const { dataset, sessions, sample, close } = source;
  return {
    dataset,
    sessions,
    sample,
    close,
    evaluate: (model, options) => evaluateOn(source, settings.split, model, options),
  };
}

async function evaluateOn(
  source: Sessions,
  split: HeldOut,
  recommender: Recommender,
  options: EvaluationOptions,
): Promise<EvaluatedModel> {
  const { dataset } = source;
  const { threads: _, onProgress, ...rest } = options;
  const start = performance.now();
  const { name, ...evaluation } = await evaluateRecommender(recommender, dataset, source.parts(), {
    ...rest,
    onProgress: (scorer, progress) =>
      onProgress(scorer, source.total ? { ...progress, total: source.total(options) } : progress),
  });
  const visitors = await source.visitors?.(recommender, mainCutoff(cutoffsOf(rest)));
  const evaluateSeconds = (performance.now() - start) / 1000;
  const run = { ...factsOf(recommender, dataset), evaluation: { ...evaluation, visitors }, evaluateSeconds };
  const model = { name, run };
  const warnings = warningsOf([model], await source.facts(), {
    evaluated: splitChecksum(dataset, split),
    intervals: evaluation.results[0]?.interval !== undefined,
  });
  return { model, baselines: await source.baselines(options, evaluation.predictions), warnings };
}

function factsOf(recommender: Recommender, dataset: EvaluationSource['dataset']) {
  if (!(recommender instanceof Gru4Rec)) {
    const { baseline, tunedOn } = recommender;
    return {
      seed: undefined,
      options: baseline.from.options,
      tunedOn,
      fitSeconds: 0,
      memoryMiB: bytesOf(baseline) / MIB,
      history: [],
    };
  }
  const { config, history } = recommender;
  return {
    seed: config.seed,
    options: { ...config },
    tunedOn: tunedOn(config, dataset),
    fitSeconds: history.reduce((sum, { seconds }) => sum + seconds, 0),
    memoryMiB: bytesOf(recommender) / MIB,
    history: [],
  };
}

async function inMemory(directory: string, settings: EvaluationSettings): Promise<Sessions> {
  const dataset = await readDataset(directory);
  const split = splitOf(dataset, settings);
  const { sessions, sample } = drawSample(split, settings);
  return {
    dataset,
    sessions: split.sessionIds.length,
    sample,
    parts: () => [sessions],
    visitors: (model, cutoff) =>
      evaluateVisitors(model, dataset, { split: settings.split, sessions, cutoff }),
    facts: async () => datasetFacts(dataset, settings.split, split),
    baselines: (options, predictions) => evaluateBaselines(dataset, sessions, options, predictions),
    close: () => Promise.resolve(),
  };
}

async function onDisk(directory: string, settings: EvaluationSettings): Promise<Sessions> {
  const dataset = await openDataset(directory);
  try {
    const split = splitOf(dataset, settings);
    const sessions = sessionsIn(split);
    const sample = sampleOf(sessions, settings);
    const drawn = sample && { size: sample.sessions, sessions, seed: sample.seed };
    return {
      dataset,
      sessions,
      sample,
      parts: () => (drawn ? sampleParts(readInTurn(split), drawn) : readInTurn(split)),
      total: (options) => (sample ? undefined : predictionsIn(split, options)),
      facts: () => streamedFacts(dataset, settings.split, split),
      baselines: () => Promise.resolve([]),
      close: dataset.close,
    };
  } catch (error) {
    await dataset.close();
    throw error;
  }
}

/** Without reading ahead: a block takes 11 ms to read and a second to evaluate. */
async function* readInTurn({ blocks, read }: StreamedSplit): AsyncGenerator<SessionArrays> {
  for (const index of blocks.keys()) yield await read(index);
}

function predictionsIn({ blocks }: StreamedSplit, { protocol }: Pick<EvaluationOptions, 'protocol'>): number {
  const counted = protocol === 'last' ? 'sessionsWithPairs' : 'pairs';
  return blocks.reduce((sum, block) => sum + block[counted], 0);
}

/** The strongest baseline of each kind that is quick to fit; `gru4rec compare` takes any. */
const QUICK = ['pop', 's-pop', 'item-knn', 'sr', 'vstan'] as const;

/** Fits them to the training split. `predictions`: their number, for the progress. */
async function evaluateBaselines(
  dataset: SessionDataset,
  sessions: SessionArrays,
  { threads, onProgress, scorer: _, ...options }: EvaluationOptions,
  predictions: number,
): Promise<NamedRun[]> {
  const runs: NamedRun[] = [];
  for (const kind of QUICK) {
    const name = baselineTitle(kind);
    const { recommender: __, ...fitted } = await fitBaseline(
      { name: kind, options: {} },
      { dataset, seed: undefined },
    );
    const run = await evaluateRun(fitted, dataset, sessions, options, {
      threads,
      onPredictions: (made) => onProgress(name, { predictions: made, total: predictions }),
    });
    runs.push({ name, run });
  }
  return runs;
}

/** Without warnings and the figures that need the rank of every prediction. */
export function evaluationReport(
  { model, baselines }: Pick<EvaluatedModel, 'model' | 'baselines'>,
  { metrics, ...frame }: Pick<ReportFrame, 'title' | 'support'> & MetricOptions,
): ComparisonReport {
  const contenders = [...baselines, model].map(({ name, run }) => ({ name, runs: [run] }));
  const cutoffs = model.run.evaluation.results.map(({ cutoff }) => cutoff);
  return buildReport(contenders, {
    ...frame,
    metrics,
    origin: {},
    warnings: [],
    cutoffs,
    bootstrap: undefined,
  });
}
