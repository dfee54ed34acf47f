import {
  breakDownByPopularity,
  breakDownByPosition,
  breakDownBySessionLength,
  type CutoffResult,
  type Evaluation,
  type Metric,
  type MetricOptions,
  mapMetrics,
  meanIntervals,
  metricAt,
  metricNames,
  pairedBootstrap,
  type RankGroup,
  type Ranks,
  type SessionArrays,
  type TargetFigures,
} from '@gru4rec/metrics';
import {
  type ComparisonReport,
  type CutoffMeasures,
  type Example,
  type Examples,
  type Measure,
  type ModelReport,
  mainCutoff,
} from '@gru4rec/report';
import { mean, sampleStandardDeviation } from 'simple-statistics';
import type { PartedEvaluation } from './evaluate-scorer.ts';
import type { ContenderRun, ContenderRuns } from './run-contenders.ts';

type NamedRuns = Pick<ContenderRuns, 'name' | 'runs'>;

export interface ReportFrame
  extends Pick<ComparisonReport, 'title' | 'origin' | 'warnings' | 'gates' | 'examples'> {
  readonly cutoffs: readonly number[];
  /** The caller's own metrics, beside those of the registry. */
  readonly metrics: readonly Metric[] | undefined;
  /** [I] training events per item. */
  readonly support: ArrayLike<number>;
  /** Options of intervals and p-values; none if not given. */
  readonly bootstrap: { readonly resamples: number; readonly seed: number } | undefined;
}

/** Means over seeds, intervals and p-values by session, breakdowns. */
export function buildReport(contenders: readonly NamedRuns[], frame: ReportFrame): ComparisonReport {
  const { title, origin, warnings, cutoffs, gates, examples } = frame;
  const breakdownCutoff = mainCutoff(cutoffs);
  const certainty = cutoffs.map((_, place) => certaintyAt(place, contenders, frame));
  const models = contenders.map((contender, at) => {
    const results = cutoffs.map((_, place) =>
      measuresAt(place, contender.runs, frame, certainty[place]?.[at] ?? {}),
    );
    return describeModel(contender, results, frame, breakdownCutoff);
  });
  const others = { gates, examples };
  return { title, origin, warnings, breakdownCutoff, models, ...others };
}

function describeModel(
  { name, runs }: NamedRuns,
  results: readonly CutoffMeasures[],
  frame: ReportFrame,
  cutoff: number,
): ModelReport {
  const [first] = runs;
  const groupOf = (label: string, { predictions, results: all }: TargetFigures): RankGroup => {
    const { recall = 0, mrr = 0 } = all[frame.cutoffs.indexOf(cutoff)] ?? {};
    return { label, predictions, recall, mrr };
  };
  const warmAndCold = ({ warm, cold }: PartedEvaluation) =>
    warm && cold && [groupOf('warm', warm), groupOf('cold', cold)];
  return {
    name,
    options: first?.options ?? {},
    runs: runs.length,
    results,
    fitSeconds: mean(runs.map((run) => run.fitSeconds)),
    evaluateSeconds: mean(runs.map((run) => run.evaluateSeconds)),
    memoryMiB: mean(runs.map((run) => run.memoryMiB)),
    ...(first?.index && { index: first.index }),
    byPosition: meanGroups(runs, ({ ranks }) => ranks && breakDownByPosition(ranks, cutoff)),
    byPopularity: meanGroups(
      runs,
      ({ ranks }) => ranks && breakDownByPopularity(ranks, cutoff, frame.support),
    ),
    byLength: meanGroups(runs, ({ ranks }) => ranks && breakDownBySessionLength(ranks, cutoff)),
    ...(first?.evaluation.warm && { byTraining: meanGroups(runs, warmAndCold) }),
    ...(first?.evaluation.types && {
      byType: meanGroups(runs, ({ types }) => types?.map(({ type, ...figures }) => groupOf(type, figures))),
    }),
    ...(first?.evaluation.visitors && { byVisitor: meanGroups(runs, ({ visitors }) => visitors) }),
    curves: runs.filter(({ history }) => history.length > 0).map(curveOf),
  };
}

function measuresAt(
  place: number,
  runs: readonly ContenderRun[],
  frame: ReportFrame,
  certainty: Certainty,
): CutoffMeasures {
  const results = runs.map(({ evaluation }) => evaluation.results[place] as CutoffResult);
  const cutoff = frame.cutoffs[place] as number;
  const measure = (metric: string): Measure => {
    const values = results.map((result) => metricAt(result, metric));
    return {
      mean: mean(values),
      ...(values.length > 1 ? { sd: sampleStandardDeviation(values) } : {}),
      ...(certainty[metric] ?? intervalOf(results, metric)),
    };
  };
  const measured = frame.metrics?.map(({ label }) => [label, measure(label)]);
  return {
    cutoff,
    ...mapMetrics(measure),
    ...(measured && { own: Object.fromEntries(measured) }),
    coverage: mean(results.map(({ coverage }) => coverage)),
    popularityBias: mean(results.map(biasOf)),
    intraListDistance: results.length === 1 ? results[0]?.intraListDistance : undefined,
  };
}

function intervalOf(results: readonly CutoffResult[], metric: string): Pick<Measure, 'interval'> {
  const intervals = results.length === 1 ? results[0]?.interval : undefined;
  const interval = intervals && metricAt(intervals, metric);
  return interval ? { interval } : {};
}

/** 0 if no target occurs in training, where the ratio to their popularity is undefined. */
function biasOf({ popularityBias = Number.NaN }: CutoffResult): number {
  return Number.isFinite(popularityBias) ? popularityBias : 0;
}

type Certainty = Readonly<Record<string, Pick<Measure, 'interval' | 'p'>>>;

function certaintyAt(
  place: number,
  contenders: readonly NamedRuns[],
  { bootstrap, cutoffs, metrics }: ReportFrame,
): Certainty[] {
  const evaluations = contenders.map(({ runs }) => runs.map(({ evaluation }) => evaluation));
  if (!bootstrap || evaluations.flat().some(({ ranks }) => !ranks)) return contenders.map(() => ({}));
  const ofCaller: MetricOptions = metrics ? { metrics } : {};
  const options = { ...bootstrap, ...ofCaller, cutoff: cutoffs[place] as number };
  const names = [...metricNames, ...(metrics ?? []).map(({ label }) => label)];
  const best = names.map((metric) => bestOf(evaluations, metric, place));
  return evaluations.map((evaluation, at) => {
    const intervals = meanIntervals(evaluation, options);
    const against = new Map(
      [...new Set(best)]
        .filter((other) => other !== at)
        .map((other) => [other, pairedBootstrap(evaluations[other] ?? [], evaluation, options)]),
    );
    const measures = names.map((metric, rank) => {
      const test = against.get(best[rank] ?? at);
      const p = test && metricAt(test, metric).p;
      return [metric, { interval: metricAt(intervals, metric), p }];
    });
    return Object.fromEntries(measures);
  });
}

function bestOf(evaluations: readonly (readonly Evaluation[])[], metric: string, place: number): number {
  const values = evaluations.map((runs) =>
    mean(runs.map(({ results }) => metricAt(results[place] as CutoffResult, metric))),
  );
  return values.indexOf(Math.max(...values));
}

function meanGroups(
  runs: readonly ContenderRun[],
  groupsOf: (evaluation: PartedEvaluation) => readonly RankGroup[] | undefined,
): RankGroup[] {
  const ofRuns = runs.flatMap(({ evaluation }) => {
    const groups = groupsOf(evaluation);
    return groups ? [groups] : [];
  });
  return (ofRuns[0] ?? []).map(({ label, predictions, baseline }, place) => {
    const of = (metric: 'recall' | 'mrr') => mean(ofRuns.map((groups) => groups[place]?.[metric] ?? 0));
    const means = { label, predictions, recall: of('recall'), mrr: of('mrr') };
    return baseline ? { ...means, baseline } : means;
  });
}

function curveOf({ seed, options, history }: ContenderRun): ModelReport['curves'][number] {
  return {
    seed: seed ?? Number(options['seed'] ?? 0),
    epochs: history.map(({ epoch, loss, validation: { recall, mrr } = {} }) => ({
      epoch,
      loss,
      recall,
      mrr,
    })),
  };
}

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

/** By the difference in 1 / rank of the first runs, at most one per session. */
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

/** The prediction with the greatest difference per session. */
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
    const value = ranks.rank[prediction] ?? Number.POSITIVE_INFINITY;
    return Number.isFinite(value) ? value : null;
  };
  return {
    clicks: Array.from(items.subarray(start + earlier, start + seen), label),
    earlier,
    next: label(first.target[prediction] ?? 0),
    ranks: [rank(first), rank(second)],
  };
}
