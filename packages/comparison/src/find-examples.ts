import type { Ranks, SessionArrays } from '@gru4rec/metrics';
import type { Example, Examples } from '@gru4rec/report';
import { mean } from 'simple-statistics';
import type { ContenderRuns } from './run-contenders.ts';

/** Examples in which the first contender is better, and as many in which the second one is. */
const EXAMPLES = 5;
const CLICKS = 5;

export interface EvaluatedSessions {
  readonly sessions: SessionArrays;
  /** Index of the cutoff whose MRR says which contenders are best. */
  readonly place: number;
  /** Titles or ids of items. Called if there are examples. */
  readonly readLabels: () => Promise<(item: number) => string>;
}

/** The predictions on which the two best contenders differ most in 1 / rank, at most one per session, by first runs. */
export async function findExamples(
  contenders: readonly ContenderRuns[],
  evaluated: EvaluatedSessions,
): Promise<Examples | undefined> {
  const { place } = evaluated;
  const mrr = ({ runs }: ContenderRuns) =>
    mean(runs.map(({ evaluation }) => evaluation.results[place]?.mrr ?? 0));
  const [first, second] = [...contenders].sort((a, b) => mrr(b) - mrr(a));
  const [a, b] = [first, second].map((contender) => contender?.runs[0]?.evaluation.ranks);
  if (first === undefined || second === undefined || !a || !b) return undefined;
  const found = [...mostDifferent(a, b), ...mostDifferent(b, a)];
  const starts = startsOf(evaluated);
  const label = await evaluated.readLabels();
  const { items } = evaluated.sessions;
  return {
    first: first.name,
    second: second.name,
    predictions: found.map((prediction) => describe(prediction, [a, b], { starts, items, label })),
  };
}

/** Predictions whose target the first ranks highest above the second: the one with the greatest difference per session. */
function mostDifferent(first: Ranks, second: Ranks): number[] {
  /** [sessions]: the prediction with the greatest difference, and that difference. */
  const best = new Int32Array(first.sessionLengths.length);
  const gains = new Float64Array(best.length);
  for (let prediction = 0; prediction < first.rank.length; prediction++) {
    const gain = 1 / (first.rank[prediction] ?? 1) - 1 / (second.rank[prediction] ?? 1);
    const session = first.session[prediction] ?? 0;
    if (gain <= (gains[session] ?? 0)) continue;
    gains[session] = gain;
    best[session] = prediction;
  }
  const better = Array.from(gains.keys()).filter((session) => (gains[session] ?? 0) > 0);
  better.sort((x, y) => (gains[y] ?? 0) - (gains[x] ?? 0) || x - y);
  return better.slice(0, EXAMPLES).map((session) => best[session] ?? 0);
}

function startsOf({ sessions: { sessionOffsets } }: EvaluatedSessions): Int32Array {
  return sessionOffsets
    .subarray(0, -1)
    .filter((start, session) => (sessionOffsets[session + 1] ?? 0) - start > 1);
}

interface LabelledClicks {
  /** Where the items of each session with a prediction start. */
  readonly starts: Int32Array;
  readonly items: Int32Array;
  readonly label: (item: number) => string;
}

function describe(
  prediction: number,
  [first, second]: readonly [Ranks, Ranks],
  { starts, items, label }: LabelledClicks,
): Example {
  const start = starts[first.session[prediction] ?? 0] ?? 0;
  const seen = first.position[prediction] ?? 0;
  const earlier = Math.max(0, seen - CLICKS);
  const rank = (ranks: Ranks) => {
    const own = ranks.rank[prediction] ?? Number.POSITIVE_INFINITY;
    return Number.isFinite(own) ? own : null;
  };
  return {
    clicks: Array.from(items.subarray(start + earlier, start + seen), label),
    earlier,
    next: label(first.target[prediction] ?? 0),
    ranks: [rank(first), rank(second)],
  };
}
