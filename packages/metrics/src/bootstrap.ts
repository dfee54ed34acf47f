import { anything, checkOptions, integer, type OptionChecks, required } from '@gru4rec/checks';
import { RandomStream, type Seed } from '@gru4rec/random';

/**
 * Confidence intervals of means over predictions of values in [0, 1], by session: `studentisedMeans`, within [0, 1].
 *
 * Predictions of one session are correlated, so a resample draws sessions, not predictions. Of simulated intervals of 10 to 100
 * sessions at level 0.95, 93.7 to 98.7 % contain the true mean; of percentile intervals, 76.5 to 94.0 % do (README;
 * `bootstrap.long.test.ts`). An interval is [0, 1] if a share 1 − level of the resamples has no variance.
 * @param sums - per metric [S], the sum over each session's predictions. Read only.
 * @param counts - [S] predictions per session, each ≥ 1. Read only.
 * @returns per metric [lower, upper]; all share the draws.
 */
export function bootstrapIntervals(
  sums: readonly Float64Array[],
  counts: Float64Array,
  options: BootstrapOptions,
): [lower: number, upper: number][] {
  return studentisedMeans(sums, counts, options).map(({ interval: [lower, upper] }) => [
    Math.max(0, lower),
    upper,
  ]);
}

/** Options of a bootstrap. */
export interface BootstrapOptions {
  /** Number of resamples; 1,000 is usual. With fewer than 19, intervals of level 0.95 have no bounds. */
  readonly resamples: number;
  readonly seed: Seed;
  /** Share of the resamples inside an interval, default 0.95. */
  readonly level?: number;
}

export interface StudentisedMean {
  readonly mean: number;
  /** Symmetric around the mean, within [−1, 1]. */
  readonly interval: readonly [lower: number, upper: number];
  /** Two-sided, in (0, 1]. */
  readonly p: number;
}

/** Means that differ by less only differ by rounding: differences of metrics are in [−1, 1]. */
const ROUNDING = 1e-12;

/**
 * Means over predictions of values in [−1, 1], such as differences of metrics, tested against 0 by the symmetric
 * bootstrap-t, by session.
 *
 * With m = Σ sums / Σ counts, its standard error e by linearisation of the ratio, e² = Σ (sums − m · counts)² / (Σ
 * counts)², and m*, e* those of S sessions drawn with replacement, B times, t* = (m* − m) / e*:
 *
 * p = (1 + #{ |t*ᵢ| ≥ |m / e| }) / (B + 1); interval = m ∓ e · the ⌈level (B + 1)⌉-th smallest |t*|
 * (Efron, Tibshirani 1993, 12.5 and 16.4; Davison, Hinkley 1997, 2.4, 4.4, 5.2)
 *
 * The interval contains 0 if p > 1 − level. Resamples without variance count as infinitely distant, unless their mean
 * is m itself. O(B · S · metrics).
 */
export function studentisedMeans(
  sums: readonly Float64Array[],
  counts: Float64Array,
  options: BootstrapOptions,
): StudentisedMean[] {
  checkBootstrap(options);
  const metrics = sums.map((ofSessions) => new CentredSums(ofSessions, counts, options.resamples));
  const draws = new SessionDraws(options.seed, counts.length);
  const times = new Float64Array(counts.length);
  for (let resample = 0; resample < options.resamples; resample++) {
    times.fill(0);
    for (const session of draws.next()) times[session]++;
    const drawn = sumCounts(times, counts);
    for (const metric of metrics) metric.resample(times, drawn);
  }
  return metrics.map((metric) => metric.judge(options.level));
}

interface DrawnCounts {
  readonly predictions: number;
  readonly squares: number;
}

/** The sums of a metric, each minus mean · counts of its session. */
class CentredSums {
  readonly #mean: number;
  readonly #error: number;
  readonly #counts: Float64Array;
  readonly #centred: Float64Array;
  /** [resamples] |t*|. */
  readonly #distances: Float64Array;
  #resamples = 0;

  constructor(sums: Float64Array, counts: Float64Array, resamples: number) {
    const predictions = total(counts);
    const mean = total(sums) / predictions;
    this.#mean = mean;
    this.#counts = counts;
    this.#centred = sums.map((sum, session) => sum - mean * counts[session]);
    this.#error = Math.sqrt(total(this.#centred.map((value) => value * value))) / predictions;
    this.#distances = new Float64Array(resamples);
  }

  resample(times: Float64Array, { predictions, squares }: DrawnCounts): void {
    const [centred, counts] = [this.#centred, this.#counts];
    let [sum, sumOfSquares, products] = [0, 0, 0];
    for (let session = 0; session < times.length; session++) {
      const value = times[session] * centred[session];
      sum += value;
      sumOfSquares += value * centred[session];
      products += value * counts[session];
    }
    const shift = sum / predictions;
    const variance = sumOfSquares - 2 * shift * products + shift * shift * squares;
    this.#distances[this.#resamples++] = ratio(
      Math.abs(shift),
      variance > ROUNDING * sumOfSquares ? Math.sqrt(variance) / predictions : 0,
    );
  }

  judge(level = 0.95): StudentisedMean {
    const [mean, error, distances] = [this.#mean, this.#error, this.#distances];
    const distance = ratio(Math.abs(mean), error > ROUNDING ? error : 0);
    const asFar = distances.reduce((count, value) => count + Number(value >= distance * (1 - ROUNDING)), 1);
    const rank = Math.ceil(level * (distances.length + 1));
    const reach = error > ROUNDING ? error * (distances.toSorted()[rank - 1] ?? Number.POSITIVE_INFINITY) : 0;
    return {
      mean,
      interval: [Math.max(-1, mean - reach), Math.min(1, mean + reach)],
      p: asFar / (distances.length + 1),
    };
  }
}

/** Distance / error; 0 for distance 0, whatever the error. */
function ratio(distance: number, error: number): number {
  return distance <= ROUNDING ? 0 : distance / error;
}

export function checkBootstrap(options: BootstrapOptions): void {
  // The options of a rank bootstrap have a cutoff too, which its functions check.
  checkOptions('bootstrap', options, bootstrapChecks, { amongData: true });
}

export const bootstrapChecks: OptionChecks<BootstrapOptions> = {
  resamples: required(integer(1)),
  seed: required(anything),
  level: {
    expected: 'number in (0, 1)',
    fits: (level) => typeof level === 'number' && level > 0 && level < 1,
  },
};

function sumCounts(times: Float64Array, counts: Float64Array): DrawnCounts {
  let [predictions, squares] = [0, 0];
  for (let session = 0; session < times.length; session++) {
    const drawn = times[session] * counts[session];
    predictions += drawn;
    squares += drawn * counts[session];
  }
  return { predictions, squares };
}

function total(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/**
 * Draws S of S sessions with replacement, repeatedly. A draw depends only on the seed, S and its number, so all
 * resampling with one seed shares its draws.
 *
 * The numbers are those of `nextBelow` on the stream `metrics.bootstrap`, whose words are filled at once.
 */
export class SessionDraws {
  readonly #stream: RandomStream;
  readonly #words: Uint32Array;
  readonly #drawn: Int32Array;

  constructor(seed: Seed, sessions: number) {
    this.#stream = new RandomStream(seed, 'metrics.bootstrap');
    this.#words = new Uint32Array(sessions);
    this.#drawn = new Int32Array(sessions);
  }

  /** [S] numbers of sessions; reused until the next call. */
  next(): Int32Array {
    const sessions = this.#drawn.length >>> 0;
    const limit = 2 ** 32 - (2 ** 32 % sessions);
    let done = 0;
    while (done < sessions) {
      const words = this.#words.subarray(done);
      this.#stream.fillUint32(words);
      for (let index = 0; index < words.length; index++) {
        if (words[index] < limit) this.#drawn[done++] = words[index] % sessions;
      }
    }
    return this.#drawn;
  }
}
