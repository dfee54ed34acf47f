import { checkHas } from '@gru4rec/checked-options';
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

/**
 * Each item's share of the training events, which orders items that a baseline scores equally.
 *
 * @returns float64 [I], in [0, 1] (fresh).
 * @throws RangeError if there is no training event.
 */
export function trainingShares(data: BaselineData): Float64Array {
  checkHas('a baseline', 'data', data, ['support', 'train']);
  return eventShares(data.support);
}

/** Each value's share of the sum. @throws RangeError if the sum is not above 0. */
export function eventShares(support: ArrayLike<number>): Float64Array {
  const shares = Float64Array.from(support);
  const events = shares.reduce((sum, count) => sum + count, 0);
  if (!(events > 0)) {
    throw new RangeError(`eventShares: "support" expected training events, got a sum of ${events}.`);
  }
  return shares.map((count) => count / events);
}

/**
 * The start times of the training sessions, for a baseline that needs them.
 *
 * @param caller - name of the baseline, for messages.
 * @returns float64 [sessions], milliseconds since 1970 UTC (a view; read only).
 * @throws TypeError if the data have no such times.
 * @throws RangeError if a session has no finite time.
 */
export function startTimes(caller: string, { train }: BaselineData): Float64Array {
  const times = train.sessionStartTimes;
  const sessions = train.sessionOffsets.length - 1;
  if (!(times instanceof Float64Array)) {
    throw new TypeError(
      `${caller}: "train.sessionStartTimes" expected Float64Array, got ${typeof times}. ` +
        'Give the milliseconds at which each training session began.',
    );
  }
  if (times.length !== sessions) {
    throw new RangeError(
      `${caller}: "train.sessionStartTimes" expected ${sessions} entries, one per session, got ${times.length}.`,
    );
  }
  const wrong = times.findIndex((time) => !Number.isFinite(time));
  if (wrong === -1) return times;
  throw new RangeError(
    `${caller}: "train.sessionStartTimes" expected finite number at session ${wrong}, got ${times[wrong]}.`,
  );
}
