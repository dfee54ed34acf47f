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
  type TargetFigures,
} from '@gru4rec/metrics';
import {
  type ComparisonReport,
  type CutoffMeasures,
  type Group,
  type Measure,
  type ModelReport,
  mainCutoff,
} from '@gru4rec/report';
import { mean, sampleStandardDeviation } from 'simple-statistics';
import type { PartedEvaluation } from './evaluate-parts.ts';
import type { ContenderRun, ContenderRuns } from './run-contenders.ts';

type NamedRuns = Pick<ContenderRuns, 'name' | 'runs'>;

export interface ReportFrame
  extends Pick<ComparisonReport, 'title' | 'origin' | 'warnings' | 'gates' | 'examples'> {
  readonly cutoffs: readonly number[];
  /** Of the caller, beside those of the registry. */
  readonly metrics: readonly Metric[] | undefined;
  /** [I] training events per item. */
  readonly support: ArrayLike<number>;
  /** Options of intervals and p-values; none if not given. */
  readonly bootstrap: { readonly resamples: number; readonly seed: number } | undefined;
}

/** Makes the report of a comparison from its runs: means over seeds, intervals and p-values by session, breakdowns. */
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
  const others = { ...(gates && { gates }), ...(examples && { examples }) };
  return { title, origin, warnings, breakdownCutoff, models, ...others };
}

function describeModel(
  { name, runs }: NamedRuns,
  results: readonly CutoffMeasures[],
  frame: ReportFrame,
  cutoff: number,
): ModelReport {
  const [first] = runs;
  const groupOf = (label: string, { predictions, results: all }: TargetFigures): Group => {
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
  const own = frame.metrics?.map(({ label }) => [label, measure(label)]);
  return {
    cutoff,
    ...mapMetrics(measure),
    ...(own && { own: Object.fromEntries(own) }),
    coverage: mean(results.map(({ coverage }) => coverage)),
    popularityBias: mean(results.map(biasOf)),
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
  return evaluations.map((own, at) => {
    const intervals = meanIntervals(own, options);
    const against = new Map(
      [...new Set(best)]
        .filter((other) => other !== at)
        .map((other) => [other, pairedBootstrap(evaluations[other] ?? [], own, options)]),
    );
    const measures = names.map((metric, rank) => {
      const test = against.get(best[rank] ?? at);
      const p = test && metricAt(test, metric).p;
      return [metric, { interval: metricAt(intervals, metric), ...(p === undefined ? {} : { p }) }];
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

/** Groups are the same in all runs, which have the same predictions. */
function meanGroups(
  runs: readonly ContenderRun[],
  groupsOf: (evaluation: PartedEvaluation) => readonly Group[] | undefined,
): Group[] {
  const ofRuns = runs.flatMap(({ evaluation }) => {
    const groups = groupsOf(evaluation);
    return groups ? [groups] : [];
  });
  return (ofRuns[0] ?? []).map(({ label, predictions }, place) => {
    const of = (metric: 'recall' | 'mrr') => mean(ofRuns.map((groups) => groups[place]?.[metric] ?? 0));
    return { label, predictions, recall: of('recall'), mrr: of('mrr') };
  });
}

function curveOf({ seed, options, history }: ContenderRun): ModelReport['curves'][number] {
  return {
    seed: seed ?? Number(options['seed'] ?? 0),
    epochs: history.map(({ epoch, loss, validation: { recall, mrr } = {} }) => ({
      epoch,
      loss,
      ...(recall === undefined ? {} : { recall }),
      ...(mrr === undefined ? {} : { mrr }),
    })),
  };
}
