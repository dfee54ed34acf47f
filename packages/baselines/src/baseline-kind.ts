import type { Scorer } from '@gru4rec/metrics';
import type { TrainingData } from './training-data.ts';

/** Options of a baseline by name, as in a file or on a command line. */
export type BaselineOptions = Readonly<Record<string, unknown>>;

/** How a baseline is made, and its options. */
export interface BaselineKind {
  /** Its name in tables, and that of its scorer. */
  readonly title: string;
  /** Names of its options; with `seed` among them, it depends on one. */
  readonly options: readonly string[];
  /**
   * Fits the baseline to training sessions.
   * @returns typed arrays, numbers and plain objects of them, which can be sent to another thread.
   */
  readonly learn: (data: TrainingData, options: BaselineOptions) => object;
  /** A scorer from what `learn` returned with equal options. */
  readonly score: (learned: object, options: BaselineOptions) => Scorer;
}

/** A kind whose `score` takes what its `learn` returns. The type of all kinds cannot say that. */
export function baselineKind<Learned extends object>(
  title: string,
  options: readonly string[],
  {
    learn,
    score,
  }: {
    readonly learn: (data: TrainingData, options: BaselineOptions) => Learned;
    readonly score: (learned: Learned, options: BaselineOptions) => Scorer;
  },
): BaselineKind {
  return { title, options, learn, score: score as BaselineKind['score'] };
}
