import type { OptionCheck } from '@gru4rec/checked-options';
import type { Scorer } from '@gru4rec/metrics';
import type { BaselineData } from './baseline-data.ts';
import type { StoredArrays } from './stored-arrays.ts';

/** Options of a baseline by name, as in a file or on a command line. */
export type BaselineOptions = Readonly<Record<string, unknown>>;

/** A kind of baseline: how it is fitted and opened, and its options. */
export interface BaselineKind {
  /** Its name in tables, and the name of its scorer. */
  readonly title: string;
  /** The checks of its options. A kind with the option `seed` depends on chance. */
  readonly options: Readonly<Record<string, OptionCheck>>;
  /**
   * Fits the baseline to training sessions.
   * @returns typed arrays, numbers and plain objects of them, which can be sent to another thread.
   */
  readonly learn: (data: BaselineData, options: BaselineOptions) => object;
  /** What `learn` returned, from its arrays. @throws RangeError if they are not those of this kind. */
  readonly read: (stored: StoredArrays) => object;
  /** A scorer from what `learn` returned with equal options. */
  readonly score: (learned: object, options: BaselineOptions) => Scorer;
}

/** A kind whose `score` takes what its `learn` returns, which `BaselineKind` cannot express. */
export function baselineKind<Learned extends object>(
  title: string,
  options: BaselineKind['options'],
  {
    learn,
    read,
    score,
  }: {
    readonly learn: (data: BaselineData, options: BaselineOptions) => Learned;
    readonly read: (stored: StoredArrays) => Learned;
    readonly score: (learned: Learned, options: BaselineOptions) => Scorer;
  },
): BaselineKind {
  return { title, options, learn, read, score: score as BaselineKind['score'] };
}
