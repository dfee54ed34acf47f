import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { type Baseline, shareLearned } from '@gru4rec/baselines';
import {
  type EvaluateOptions,
  type Evaluation,
  evaluate,
  joinParts,
  type PartSums,
  type Scorer,
  type SessionArrays,
} from '@gru4rec/metrics';
import { evaluateSlices, predictionsOf, type SliceWork, slicesOf, sliceWork } from './session-slices.ts';
import type { SliceThreadData } from './slice-thread.ts';

/** Threads of an evaluation. */
export interface ThreadOptions {
  /** Number of threads, including this one. */
  readonly threads: number;
  /** Other threads are started after a third of this many seconds, if at least this many seem to be left. Default: 3. */
  readonly worthSeconds?: number;
  /** Called after each part with the number of predictions so far. */
  readonly onPredictions?: (predictions: number) => void;
}

const source = import.meta.url.endsWith('.ts');
const entry = new URL(source ? './slice-thread-source.mjs' : './slice-thread.js', import.meta.url);
const execArgv = source ? ['--conditions=@gru4rec/source'] : [];

/**
 * Evaluates a scorer, a baseline on several threads if that is worth starting them. They take slices of the sessions in turn
 * and share the memory of the baseline. The result equals that of `evaluate`.
 *
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
  const crew = new SliceCrew(scorer, work);
  const started = performance.now();
  let evaluated = 0;
  try {
    for (const { slice, part } of evaluateSlices(scorer, work)) {
      parts[slice] = part;
      onPredictions?.(predictionsOf(work));
      const seconds = (performance.now() - started) / 1000;
      const left = slices - ++evaluated;
      const worth = seconds >= worthSeconds / 3 && (seconds / evaluated) * left >= worthSeconds;
      if (worth && crew.size === 0) crew.start(Math.min(threads - 1, left));
      // Lets messages of other threads arrive.
      await setImmediate();
    }
    // Does not wait for threads without slices.
    if (evaluated < slices) for (const { slice, part } of await crew.evaluatedSlices()) parts[slice] = part;
  } finally {
    crew.stop();
  }
  return joinParts(parts, options, scorer);
}

/** The slices that a thread has evaluated. */
type EvaluatedSlices = { readonly slice: number; readonly part: PartSums }[];

/** The other threads. */
class SliceCrew {
  readonly #data: () => SliceThreadData;
  readonly #workers: Worker[] = [];
  #ended: Promise<EvaluatedSlices[]> = Promise.resolve([]);

  constructor(baseline: Baseline, work: SliceWork) {
    this.#data = () => ({ from: shareLearned(baseline.from), work });
  }

  get size(): number {
    return this.#workers.length;
  }

  start(threads: number): void {
    if (threads < 1) return;
    const workerData = this.#data();
    for (let thread = 0; thread < threads; thread++) {
      this.#workers.push(new Worker(entry, { workerData, execArgv }));
    }
    this.#ended = Promise.all(this.#workers.map(evaluatedBy));
    // Reported by `evaluatedSlices`, which is awaited when this thread has no more slices.
    this.#ended.catch(() => undefined);
  }

  /** @throws the error of a thread. */
  async evaluatedSlices(): Promise<EvaluatedSlices> {
    return (await this.#ended).flat();
  }

  stop(): void {
    for (const worker of this.#workers) worker.terminate();
  }
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
