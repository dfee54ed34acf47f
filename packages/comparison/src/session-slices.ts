import type { Baseline } from '@gru4rec/baselines';
import { sliceSessions } from '@gru4rec/batcher';
import { type EvaluateOptions, PartEvaluator, type PartSums, type SessionArrays } from '@gru4rec/metrics';

/** An evaluation that threads share; each thread takes the next slice of the sessions. */
export interface SliceWork {
  /** In shared memory. */
  readonly sessions: SessionArrays;
  /** Without functions. */
  readonly options: EvaluateOptions;
  /** [2], in shared memory: slices taken, predictions made. */
  readonly counts: Int32Array;
}

/** Sessions per slice: few enough that all threads end at about the same time, many enough that slices have no overhead. */
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
    ...{ sessionOffsets: share(sessionOffsets), items: share(items) },
    ...(context && { context: share(context) }),
  };
  return { sessions, options: plain, counts: share(new Int32Array(2)) };
}

/** Number of slices of the sessions of an evaluation. */
export function slicesOf({ sessions }: Pick<SliceWork, 'sessions'>): number {
  return Math.ceil((sessions.sessionOffsets.length - 1) / SLICE);
}

/** Number of predictions of all threads so far. */
export function predictionsOf({ counts }: SliceWork): number {
  return Atomics.load(counts, PREDICTED);
}

/**
 * Evaluates slices until none is left.
 *
 * @returns for each slice that this thread took, its number and its sums.
 */
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
