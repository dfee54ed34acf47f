import { RandomStream } from '@gru4rec/random';
import { meanIntervals, pairedBootstrap } from '../src/bootstrap.ts';
import { mapMetrics, metricNames, metrics, type PerMetric } from '../src/metrics/registry.ts';
import type { Evaluation } from '../src/tally.ts';

/** The number and kind of tests between two equally good scorers. */
export interface Simulation {
  readonly pairs: number;
  readonly sessions: number;
  readonly resamples: number;
}

/** The share of pairs with p < 0.05, where both scorers draw ranks from 1 to 1,097 alike, log-uniformly, at cutoff 20. */
export function falsePositives({
  pairs,
  sessions,
  resamples,
}: Simulation): Record<'recall' | 'mrr' | 'ndcg', number> {
  const stream = new RandomStream(11, `test.false-positives.${sessions}`);
  const found = mapMetrics(() => 0);
  for (let pair = 0; pair < pairs; pair++) {
    const [a, b] = drawPair(sessions, stream);
    const compared = pairedBootstrap(a, b, { cutoff: 20, resamples, seed: pair });
    for (const metric of ['recall', 'mrr', 'ndcg'] as const) {
      if (compared[metric].p < 0.05) found[metric] += 1 / pairs;
    }
  }
  return found;
}

/** The share of 95 % intervals that contain the true mean, where recall@20 is ln 20 / logItems. */
export function intervalCoverage({
  samples,
  sessions,
  logItems,
}: Record<'samples' | 'sessions' | 'logItems', number>): PerMetric<number> {
  const stream = new RandomStream(5, `test.interval-coverage.${sessions}.${logItems}`);
  const found = mapMetrics(() => 0);
  for (let sample = 0; sample < samples; sample++) {
    const session = drawSessions(sessions, stream);
    const evaluation = evaluationOf(session, drawRanks(session, stream, logItems));
    const intervals = meanIntervals(evaluation, { cutoff: 20, resamples: 299, seed: sample });
    for (const name of metricNames) {
      let mean = 0;
      for (let rank = 2; rank <= 20; rank++) {
        mean += (Math.log(rank / (rank - 1)) / logItems) * metrics[name].of([rank], 20);
      }
      const [lower, upper] = intervals[name];
      if (lower <= mean && mean <= upper) found[name] += 1 / samples;
    }
  }
  return found;
}

function drawPair(sessions: number, stream: RandomStream): [Evaluation, Evaluation] {
  const session = drawSessions(sessions, stream);
  const draw = () => evaluationOf(session, drawRanks(session, stream, 7));
  return [draw(), draw()];
}

/** Sessions of 1, 2, … predictions with probabilities 1/3, 2/9, 4/27, … @returns the session of each prediction. */
function drawSessions(sessions: number, stream: RandomStream): number[] {
  const session: number[] = [];
  for (let drawn = 0; drawn < sessions; drawn++) {
    do session.push(drawn);
    while (stream.nextFloat() > 1 / 3);
  }
  return session;
}

/** Ranks from 1 to exp(logItems), log-uniformly. */
function drawRanks(session: readonly number[], stream: RandomStream, logItems: number): Float64Array {
  return Float64Array.from(session, () => Math.ceil(Math.exp(logItems * stream.nextFloat())));
}

function evaluationOf(session: readonly number[], rank: Float64Array): Evaluation {
  const sessionLengths = new Int32Array(session[session.length - 1] + 1);
  const position = Int32Array.from(session, (own) => ++sessionLengths[own]);
  const ranks = {
    session: Int32Array.from(session),
    position,
    target: new Int32Array(rank.length),
    rank: rank.map((value) => Math.max(1, value)),
    equal: new Int32Array(rank.length).fill(1),
    sessionLengths: sessionLengths.map((predictions) => predictions + 1),
  };
  return {
    predictions: rank.length,
    sessions: sessionLengths.length,
    tieRule: 'standard',
    excludeSeen: false,
    excludedTargets: 0,
    ties: { targets: rank.length, tied: 0, most: 0 },
    warnings: [],
    results: [],
    ranks,
  };
}
