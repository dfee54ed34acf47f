import { checkOptions, integer, type OptionChecks, required } from '@gru4rec/checks';
import {
  type BootstrapOptions,
  bootstrapChecks,
  bootstrapIntervals,
  type StudentisedMean,
  studentisedMeans,
} from './bootstrap.ts';
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
 * They say how much the mean over these runs depends on which sessions were evaluated, not how much it depends on the seeds.
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
  /** Of the difference, by session. */
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
 * The difference is a mean over predictions of a's metric minus b's. Sessions are resampled, each with its outcomes of both, and
 * the difference is studentised: see `studentisedMeans`, which gives the interval and p, but p is not below 2^(1 − n), n the
 * sessions in which the two differ.
 *
 * (the paired bootstrap for retrieval: Sakai 2006, SIGIR, doi:10.1145/1148170.1148261. The bound is the smallest p of a sign
 * test: if the few sessions that differ all differ alike, their resamples hardly vary, and prove nothing.) Of simulated pairs of
 * ten sessions that do not differ, 4.6 % have p < 0.05 by MRR, and 9.1 % had before the difference was studentised (README;
 * `paired-bootstrap.long.test.ts`).
 *
 * p is for one comparison: of twenty without a difference, about one is below 0.05. Draws depend only on the seed and the number
 * of sessions, so all pairs of one seed share them. O(resamples · sessions).
 *
 * With several runs of a scorer, such as one per seed, each prediction counts with its mean over them: the test is of these runs
 * on other sessions, not of other seeds.
 * @param a - with ranks; `b` likewise, all of the same predictions and the same tie rule.
 */
export function pairedBootstrap(a: Runs, b: Runs, options: RankBootstrapOptions): PairedComparison {
  checkOptions('pairedBootstrap', options, rankBootstrapChecks);
  const { cutoff, metrics } = options;
  const all = allMetrics(metrics);
  const ranks = ranksOfRuns('pairedBootstrap', { a, b });
  const { sums: ofA, counts } = sumBySession(ranks.a, cutoff, all);
  const { sums: ofB } = sumBySession(ranks.b, cutoff, all);
  const sums = ofA.map((own, metric) => own.map((sum, session) => sum - ofB[metric][session]));
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
export type Runs = Evaluation | readonly Evaluation[];

export interface SessionSums {
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
  given: Readonly<Record<Name, Runs>>,
): Record<Name, Ranks[]> {
  const named = Object.entries<Runs>(given).map(([name, runs]) => ({ name, runs: listRuns(runs) }));
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

function listRuns(runs: Runs): readonly Evaluation[] {
  return 'results' in runs ? [runs] : runs;
}

function checkRun(expected: string, run: Evaluation, model: { name: string; run: Evaluation }): void {
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
  const remedy = 'Evaluate all on the same sessions, with the same protocol, warmUp and candidates.';
  const predictions = model.ranks.rank.length;
  if (ranks.rank.length !== predictions) {
    throw new RangeError(
      `${expected} the ${predictions} predictions of ${model.name}, got ${ranks.rank.length}. ${remedy}`,
    );
  }
  for (const part of ['session', 'position', 'target'] as const) {
    const [found, wanted] = [ranks[part], model.ranks[part]];
    const wrong = found.findIndex((value, prediction) => value !== wanted[prediction]);
    if (wrong < 0) continue;
    throw new RangeError(
      `${expected} the predictions of ${model.name}, got ${part} ${found[wrong]} instead of ${wanted[wrong]} ` +
        `at prediction ${wrong}. ${remedy}`,
    );
  }
}
