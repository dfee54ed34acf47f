import type { OptionCheck } from '@gru4rec/checks';
import type { Scorer } from '@gru4rec/metrics';

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
   * @returns typed arrays and plain objects of them, which can be stored and sent to another thread.
   */
  readonly learn: (data: BaselineData, options: BaselineOptions) => object;
  /** A scorer, without its name, from what `learn` returned with equal options. */
  readonly score: (learned: object, options: BaselineOptions) => Unnamed;
}

export type Unnamed = Omit<Scorer, 'name'>;

/** A kind whose `score` takes what its `learn` returns, which `BaselineKind` cannot express. */
export function baselineKind<Learned extends object>(
  title: string,
  options: BaselineKind['options'],
  fit: {
    readonly learn: (data: BaselineData, options: BaselineOptions) => Learned;
    readonly score: (learned: Learned, options: BaselineOptions) => Unnamed;
  },
): BaselineKind {
  return { title, options, ...fit, score: fit.score as BaselineKind['score'] };
}

/** Training data of the baselines; a session dataset has these fields. */
export interface BaselineData {
  /** [I] training events per item. */
  readonly support: ArrayLike<number>;
  readonly train: {
    /** [sessions + 1], CSR: session s holds events `sessionOffsets[s]` to `sessionOffsets[s + 1] − 1`. */
    readonly sessionOffsets: Int32Array;
    /** [events], item index of each event. */
    readonly items: Int32Array;
    /** [sessions], milliseconds since 1970 UTC of each session's first event; only some baselines need it. */
    readonly sessionStartTimes?: Float64Array;
  };
}

export const DAY_MS = 86_400_000;

/** Each item's share of the training events, which orders items that a baseline scores equally. */
export function trainingShares(support: ArrayLike<number>): Float64Array {
  const shares = Float64Array.from(support);
  const events = shares.reduce((sum, count) => sum + count, 0);
  if (!(events > 0)) {
    throw new RangeError(`createBaseline: "support" expected training events, got a sum of ${events}.`);
  }
  return shares.map((count) => count / events);
}

/** The start times [sessions] of the training sessions, for a baseline that needs them; a view. */
export function startTimes({ train }: BaselineData): Float64Array {
  const times = train.sessionStartTimes;
  const sessions = train.sessionOffsets.length - 1;
  if (!(times instanceof Float64Array)) {
    throw new TypeError(
      `createBaseline: "train.sessionStartTimes" expected Float64Array, got ${typeof times}. ` +
        'Give the milliseconds at which each training session began.',
    );
  }
  if (times.length !== sessions) {
    throw new RangeError(
      `createBaseline: "train.sessionStartTimes" expected ${sessions} entries, one per session, got ${times.length}.`,
    );
  }
  const wrong = times.findIndex((time) => !Number.isFinite(time));
  if (wrong === -1) return times;
  throw new RangeError(
    `createBaseline: "train.sessionStartTimes" expected finite number at session ${wrong}, got ${times[wrong]}.`,
  );
}
