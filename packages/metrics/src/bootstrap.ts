import { anything, checkOptions, integer, type OptionChecks, required } from '@gru4rec/checks';
import { RandomStream, type Seed } from '@gru4rec/random';
import type { Metric } from './metrics/metric.ts';
import {
  allMetrics,
  type MetricOptions,
  metricChecks,
  type PerMetric,
  perMetric,
} from './metrics/registry.ts';
import type { Ranks } from './ranks.ts';
import type { Evaluation } from './tally.ts';

/**
 * Confidence intervals of means over predictions of values in [0, 1], by session: `studentisedMeans`, within [0, 1].
 *
 * Predictions of one session are correlated, so a resample draws sessions. Percentile intervals of 10 to 100 sessions contain the
 * true mean in 76.5 to 94.0 % of cases at level 0.95 (`bootstrap.long.test.ts`). An interval is [0, 1] if a share 1 − level of
 * the resamples has no variance.
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
  readonly level?: number | undefined;
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
 * Draws S of S sessions with replacement, repeatedly, by the seed and S only: the numbers of `nextBelow` on the stream
 * `metrics.bootstrap`, whose words are filled at once.
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

/** How kept ranks are resampled. */
export interface RankBootstrapOptions extends BootstrapOptions, MetricOptions {
  /** Length k of the lists, an integer ≥ 1; ranks are whole, so it need not be one of the evaluations' cutoffs. */
  readonly cutoff: number;
}

const rankBootstrapChecks: OptionChecks<RankBootstrapOptions> = {
  ...bootstrapChecks,
  ...metricChecks,
  cutoff: required(integer(1)),
};

/**
 * Studentised intervals of every metric, by session as in `bootstrapIntervals`, from kept ranks: of one evaluation, or of the
 * mean over several of the same predictions, such as one per seed.
 *
 * They say how much the mean over these runs depends on the sessions, not on the seeds.
 * @param runs - with ranks. Read only.
 */
export function meanIntervals(
  runs: Runs,
  options: RankBootstrapOptions,
): PerMetric<readonly [lower: number, upper: number]> {
  const ranks = ranksOfRuns('meanIntervals', { runs });
  const { cutoff, metrics } = options;
  const { sums, counts } = sumBySession(ranks.runs, cutoff, allMetrics(metrics));
  return perMetric(bootstrapIntervals(sums, counts, options), metrics);
}

/** The difference between two scorers in one metric. */
export interface PairedDifference {
  /** Mean of the first minus mean of the second. */
  readonly difference: number;
  /** The interval of the difference, by session. */
  readonly interval: readonly [lower: number, upper: number];
  /** Two-sided, in (0, 1]: see {@link pairedBootstrap}. */
  readonly p: number;
}

/** Two scorers compared at one list length. */
export interface PairedComparison extends PerMetric<PairedDifference> {
  readonly cutoff: number;
}

/**
 * Tests whether two scorers differ on the same predictions, and by how much: the paired bootstrap by session.
 *
 * `studentisedMeans` gives the interval and p of the mean over predictions of a's metric minus b's, but p is not below 2^(1 − n),
 * n the sessions in which the two differ: the smallest p of a sign test. If the few sessions that differ all differ alike, their
 * resamples hardly vary, and prove nothing (the paired bootstrap for retrieval: Sakai 2006, SIGIR, doi:10.1145/1148170.1148261).
 *
 * p is for one comparison: of twenty without a difference, about one is below 0.05. All pairs of one seed and number of sessions
 * share their draws. With several runs of a scorer, such as one per seed, each prediction counts with its mean over them: the
 * test is of these runs on other sessions, not of other seeds. O(resamples · sessions).
 * @param a - with ranks; `b` likewise, all of the same predictions and the same tie rule.
 * @example
 * const [a, b] = [model.scorer(), createBaseline('pop', dataset)].map((scorer) =>
 *   evaluate(scorer, test, { keepRanks: true, tieRule: 'conservative' }),
 * );
 * const { recall } = pairedBootstrap(a, b, { cutoff: 20, resamples: 1000, seed: 1 });
 * const isBetter = recall.p < 0.05 && recall.difference > 0;
 */
export function pairedBootstrap(a: Runs, b: Runs, options: RankBootstrapOptions): PairedComparison {
  checkOptions('pairedBootstrap', options, rankBootstrapChecks);
  const { cutoff, metrics } = options;
  const all = allMetrics(metrics);
  const ranks = ranksOfRuns('pairedBootstrap', { a, b });
  const { sums: ofA, counts } = sumBySession(ranks.a, cutoff, all);
  const { sums: ofB } = sumBySession(ranks.b, cutoff, all);
  const sums = ofA.map((perSession, metric) => perSession.map((sum, session) => sum - ofB[metric][session]));
  const differences = studentisedMeans(sums, counts, options).map((mean, metric) =>
    describeDifference(mean, sums[metric]),
  );
  return { cutoff, ...perMetric(differences, metrics) };
}

function describeDifference({ mean, interval, p }: StudentisedMean, sums: Float64Array): PairedDifference {
  const differing = sums.reduce((count, sum) => (sum === 0 ? count : count + 1), 0);
  const least = Math.min(1, 2 ** (1 - differing));
  return { difference: mean, interval, p: Math.max(least, p) };
}

/** One evaluation, or several of one scorer on the same predictions, such as one per seed. */
export type Runs = RankedRun | readonly RankedRun[];

/** What is compared of an evaluation. */
export type RankedRun = Pick<Evaluation, 'ranks' | 'tieRule'>;

interface SessionSums {
  /** Per metric [sessions]; a prediction counts with its mean over the runs. */
  readonly sums: readonly Float64Array[];
  /** [sessions] predictions of each session. */
  readonly counts: Float64Array;
}

export function sumBySession(
  runs: readonly Ranks[],
  cutoff: number,
  metrics: readonly Metric[],
): SessionSums {
  const [{ session, rank, sessionLengths }] = runs;
  const counts = new Float64Array(sessionLengths.length);
  const sums = metrics.map(() => new Float64Array(sessionLengths.length));
  const one = new Float64Array(1);
  for (let prediction = 0; prediction < rank.length; prediction++) counts[session[prediction]]++;
  for (const { rank: ofRun } of runs) {
    for (let prediction = 0; prediction < ofRun.length; prediction++) {
      one[0] = ofRun[prediction];
      for (let metric = 0; metric < metrics.length; metric++) {
        sums[metric][session[prediction]] += metrics[metric].of(one, cutoff) / runs.length;
      }
    }
  }
  return { sums, counts };
}

/** The ranks of runs by name, one entry per run, after a check that all have the same predictions and tie rule. */
function ranksOfRuns<Name extends string>(
  caller: string,
  runsByName: Readonly<Record<Name, Runs>>,
): Record<Name, Ranks[]> {
  const named = Object.entries<Runs>(runsByName).map(([name, runs]) => ({ name, runs: listRuns(runs) }));
  for (const { name, runs } of named) {
    if (runs.length > 0) continue;
    throw new RangeError(`${caller}: "${name}" expected one evaluation at least, got none.`);
  }
  const [first] = named;
  const model = { name: first.name, run: first.runs[0] };
  for (const { name, runs } of named) {
    for (const run of runs) checkRun(`${caller}: "${name}" expected`, run, model);
  }
  return Object.fromEntries(
    named.map(({ name, runs }) => [name, runs.flatMap(({ ranks }) => ranks ?? [])]),
  ) as Record<Name, Ranks[]>;
}

function listRuns(runs: Runs): readonly RankedRun[] {
  return 'length' in runs ? runs : [runs];
}

function checkRun(expected: string, run: RankedRun, model: { name: string; run: RankedRun }): void {
  if (run.ranks === undefined || model.run.ranks === undefined) {
    throw new TypeError(`${expected} an evaluation with ranks, got one without. Evaluate with keepRanks.`);
  }
  checkSamePredictions(expected, run.ranks, { name: model.name, ranks: model.run.ranks });
  if (run.tieRule === model.run.tieRule) return;
  throw new RangeError(
    `${expected} the tie rule '${model.run.tieRule}' of ${model.name}, got '${run.tieRule}'. Evaluate all by one rule.`,
  );
}

function checkSamePredictions(expected: string, ranks: Ranks, model: { name: string; ranks: Ranks }): void {
  const remedy = 'Evaluate all on the same sessions, with the same protocol and warmUp.';
  const predictions = model.ranks.rank.length;
  if (ranks.rank.length !== predictions) {
    throw new RangeError(
      `${expected} the ${predictions} predictions of ${model.name}, got ${ranks.rank.length}. ${remedy}`,
    );
  }
  for (const part of ['session', 'position', 'target'] as const) {
    const [actual, wanted] = [ranks[part], model.ranks[part]];
    const wrong = actual.findIndex((value, prediction) => value !== wanted[prediction]);
    if (wrong < 0) continue;
    throw new RangeError(
      `${expected} the predictions of ${model.name}, got ${part} ${actual[wrong]} instead of ${wanted[wrong]} ` +
        `at prediction ${wrong}. ${remedy}`,
    );
  }
}
