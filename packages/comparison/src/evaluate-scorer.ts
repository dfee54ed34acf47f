import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { type Baseline, type LearnedBaseline, shareLearned } from '@gru4rec/baselines';
import { sliceSessions } from '@gru4rec/batcher';
import type { SessionDataset } from '@gru4rec/dataset';
import {
  cutoffsOf,
  type EvaluateOptions,
  type Evaluation,
  evaluate,
  evaluateAsync,
  joinParts,
  PartEvaluator,
  type PartSums,
  type RankGroup,
  type Ranks,
  type Scorer,
  type SessionArrays,
  type TargetFigures,
  TargetSums,
  type WarmAndCold,
  warmAndColdSums,
} from '@gru4rec/metrics';
import type { Recommender } from '@gru4rec/recommender';
import { indicesIn } from './contenders/kind.ts';

export type Parts = AsyncIterable<SessionArrays> | Iterable<SessionArrays>;

type DatasetItems = Pick<SessionDataset, 'itemIds' | 'support' | 'contextColumns'>;

/** Also of warm and cold targets if the dataset has items without training events, and by types of clicks. */
export interface PartedEvaluation extends Evaluation, Partial<WarmAndCold> {
  /** Types with a target, most frequent first in the dataset. */
  readonly types?: readonly (TargetFigures & { readonly type: string })[];
  /** Clicks of visitors at the main cutoff, if some return. */
  readonly visitors?: readonly RankGroup[] | undefined;
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
  /** A scorer of some of its parts; that of the whole model if not given. */
  readonly scorer?: Scorer | undefined;
}

/** The figures are the same in one part or in several. A model that knows more items ranks against all of them. */
export async function evaluateRecommender(
  model: Recommender,
  dataset: DatasetItems,
  sessions: Parts,
  { onProgress, scorer = model.scorer(dataset.contextColumns), ...options }: ModelOptions,
): Promise<PartedEvaluation & { readonly name: string }> {
  const toModel = indicesIn(model, dataset.itemIds);
  checkKnown(dataset, toModel);
  const support = new Int32Array(model.itemIds.length);
  for (const [item, index] of toModel.entries()) support[index] = dataset.support[item] ?? 0;
  const apart = partsOf(dataset, support, options);
  const evaluation = await evaluateAsync(scorer, mapItems(sessions, toModel), {
    ...options,
    support,
    onRanks: apart?.add,
    onProgress: (progress) => onProgress(scorer.name, progress),
  });
  return { name: scorer.name, ...evaluation, ...apart?.figures };
}

async function* mapItems(parts: Parts, toModel: Int32Array): AsyncGenerator<SessionArrays> {
  for await (const { sessionOffsets, items, context } of parts) {
    const mapped = items.map((item) => toModel[item] as number);
    yield { sessionOffsets, items: mapped, context };
  }
}

function checkKnown(dataset: DatasetItems, toModel: Int32Array): void {
  const first = toModel.indexOf(-1);
  if (first < 0) return;
  const count = toModel.filter((index) => index < 0).length;
  throw new Error(
    `The model does not know ${count} of the dataset's ${toModel.length} items, the first being ${JSON.stringify(dataset.itemIds.at(first))}. ` +
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
  const ranked = { ...options, support: dataset.support, keepRanks: apart ? true : options.keepRanks };
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
  options: Pick<EvaluateOptions, 'cutoffs' | 'protocol'>,
): TargetParts | undefined {
  const column = contextColumns.findIndex(({ isType }) => isType);
  const types = contextColumns[column]?.values ?? [];
  const cutoffs = cutoffsOf(options);
  if (options.protocol === 'remaining' || (!support.includes(0) && types.length === 0)) return undefined;
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

/** Threads of an evaluation. */
export interface ThreadOptions {
  readonly threads: number;
  /** After a third of this many seconds, if at least this many seem to be left. Default: 3. */
  readonly worthSeconds?: number;
  /** Called after each part with the number of predictions so far. */
  readonly onPredictions?: (predictions: number) => void;
}

const source = import.meta.url.endsWith('.ts');
const entry = new URL(source ? './slice-thread-source.mjs' : './slice-thread.js', import.meta.url);
const execArgv = source ? ['--conditions=@gru4rec/source'] : [];

/**
 * Evaluates a scorer, a baseline on several threads if that is worth starting them. The result equals that of `evaluate`.
 * @throws TypeError, RangeError like `evaluate`.
 */
export async function evaluateScorer(
  scorer: Scorer | Baseline,
  sessions: SessionArrays,
  options: EvaluateOptions,
  threading: ThreadOptions,
): Promise<Evaluation> {
  const { threads, worthSeconds = 3, onPredictions } = threading;
  if (!('from' in scorer)) return evaluate(scorer, sessions, options);
  const work = sliceWork(sessions, options);
  const slices = slicesOf(work);
  const parts: PartSums[] = [];
  let others: ReturnType<typeof startThreads> | undefined;
  const started = performance.now();
  let evaluated = 0;
  try {
    for (const { slice, part } of evaluateSlices(scorer, work)) {
      parts[slice] = part;
      onPredictions?.(predictionsOf(work));
      const seconds = (performance.now() - started) / 1000;
      const left = slices - ++evaluated;
      const worth = seconds >= worthSeconds / 3 && (seconds / evaluated) * left >= worthSeconds;
      if (worth) others ??= startThreads(scorer, work, Math.min(threads - 1, left));
      // Lets messages of other threads arrive.
      await setImmediate();
    }
    const found = evaluated < slices ? await others?.slices : undefined;
    for (const { slice, part } of found?.flat() ?? []) parts[slice] = part;
  } finally {
    others?.stop();
  }
  return joinParts(parts, options, scorer);
}

type EvaluatedSlices = { readonly slice: number; readonly part: PartSums }[];

/** Starts threads that evaluate slices until none is left. */
function startThreads({ from }: Baseline, work: SliceWork, threads: number) {
  const workerData: SliceThreadData = { from: shareLearned(from), work };
  const workers = Array.from({ length: threads }, () => new Worker(entry, { workerData, execArgv }));
  const slices = Promise.all(workers.map(evaluatedBy));
  // Awaited when this thread has no more slices.
  slices.catch(() => undefined);
  return { slices, stop: () => workers.forEach((worker) => void worker.terminate()) };
}

function evaluatedBy(worker: Worker): Promise<EvaluatedSlices> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) =>
      reject(new Error(`A thread of the evaluation ended with exit code ${code}`)),
    );
  });
}

export interface SliceThreadData {
  readonly from: LearnedBaseline;
  readonly work: SliceWork;
}

/** An evaluation that threads share; each thread takes the next slice of the sessions. */
export interface SliceWork {
  /** In shared memory. */
  readonly sessions: SessionArrays;
  /** Without functions. */
  readonly options: EvaluateOptions;
  /** [2], in shared memory: slices taken, predictions made. */
  readonly counts: Int32Array;
}

/** Few enough that all threads end at about the same time, many enough that slices have no overhead. */
const SLICE = 256;
const [TAKEN, PREDICTED] = [0, 1];

/** Copies sessions to shared memory. Metrics of the caller, which other threads cannot get, are made of ranks. */
export function sliceWork(
  { sessionOffsets, items, context }: SessionArrays,
  options: EvaluateOptions,
): SliceWork {
  const { onProgress: _, metrics, ...plain } = options;
  if (metrics) Object.assign(plain, { keepRanks: true });
  const sessions = {
    sessionOffsets: share(sessionOffsets),
    items: share(items),
    context: context && share(context),
  };
  return { sessions, options: plain, counts: share(new Int32Array(2)) };
}

export function slicesOf({ sessions }: Pick<SliceWork, 'sessions'>): number {
  return Math.ceil((sessions.sessionOffsets.length - 1) / SLICE);
}

export function predictionsOf({ counts }: SliceWork): number {
  return Atomics.load(counts, PREDICTED);
}

/** @returns the number and the sums of each slice that this thread took. */
export function* evaluateSlices(
  baseline: Baseline,
  work: SliceWork,
): Generator<{ readonly slice: number; readonly part: PartSums }, void> {
  const { options, counts } = work;
  const slices = slicesOf(work);
  const evaluator = new PartEvaluator(baseline, options);
  try {
    for (let slice = Atomics.add(counts, TAKEN, 1); slice < slices; slice = Atomics.add(counts, TAKEN, 1)) {
      const part = evaluator.evaluate(sliceAt(work.sessions, slice));
      Atomics.add(counts, PREDICTED, part.predictions);
      yield { slice, part };
    }
  } finally {
    evaluator.close();
  }
}

function sliceAt(sessions: SessionArrays, slice: number): SessionArrays {
  const end = Math.min((slice + 1) * SLICE, sessions.sessionOffsets.length - 1);
  return sliceSessions(sessions, slice * SLICE, end);
}

function share(array: Int32Array): Int32Array {
  const shared = new Int32Array(new SharedArrayBuffer(array.byteLength));
  shared.set(array);
  return shared;
}
