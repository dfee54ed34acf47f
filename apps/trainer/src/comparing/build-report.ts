import {
  breakDownByPopularity,
  breakDownByPosition,
  breakDownBySessionLength,
  type CutoffResult,
  type Evaluation,
  meanIntervals,
  pairedBootstrap,
} from '@gru4rec/metrics';
import type { ComparisonReport, CutoffMeasures, Group, Measure, ModelReport } from '@gru4rec/report';
import { mean, sampleStandardDeviation } from 'simple-statistics';
import type { ContenderRun, ContenderRuns } from './run-contenders.ts';

/** What a report says besides figures. */
export interface ReportFrame extends Pick<ComparisonReport, 'title' | 'origin' | 'warnings'> {
  readonly cutoffs: readonly number[];
  /** [I] training events per item. */
  readonly support: ArrayLike<number>;
  /** Of intervals and p-values; none without. */
  readonly bootstrap: { readonly resamples: number; readonly seed: number } | undefined;
}

type Metric = 'recall' | 'mrr' | 'ndcg';

/** Turns runs into the report of a comparison: means over seeds, intervals and p-values by session, breakdowns. */
export function buildReport(contenders: readonly ContenderRuns[], frame: ReportFrame): ComparisonReport {
  const { title, origin, warnings, cutoffs } = frame;
  const breakdownCutoff = Math.max(...cutoffs);
  const models = contenders.map((contender) => describeModel(contender, contenders, frame, breakdownCutoff));
  return { title, origin, warnings, breakdownCutoff, models };
}

function describeModel(
  { name, runs }: ContenderRuns,
  all: readonly ContenderRuns[],
  frame: ReportFrame,
  cutoff: number,
): ModelReport {
  const [first] = runs;
  return {
    name,
    options: first?.options ?? {},
    runs: runs.length,
    results: frame.cutoffs.map((_, place) => measuresAt(place, runs, all, frame)),
    fitSeconds: mean(runs.map((run) => run.fitSeconds)),
    evaluateSeconds: mean(runs.map((run) => run.evaluateSeconds)),
    memoryMiB: mean(runs.map((run) => run.memoryMiB)),
    byPosition: meanGroups(runs, ({ ranks }) => ranks && breakDownByPosition(ranks, cutoff)),
    byPopularity: meanGroups(
      runs,
      ({ ranks }) => ranks && breakDownByPopularity(ranks, cutoff, { support: frame.support }),
    ),
    byLength: meanGroups(runs, ({ ranks }) => ranks && breakDownBySessionLength(ranks, cutoff)),
    curves: runs.filter(({ history }) => history.length > 0).map(curveOf),
  };
}

function measuresAt(
  place: number,
  runs: readonly ContenderRun[],
  all: readonly ContenderRuns[],
  frame: ReportFrame,
): CutoffMeasures {
  const results = runs.map(({ evaluation }) => evaluation.results[place] as CutoffResult);
  const cutoff = frame.cutoffs[place] as number;
  const measure = (metric: Metric): Measure => {
    const values = results.map((result) => result[metric]);
    return {
      mean: mean(values),
      ...(values.length > 1 ? { sd: sampleStandardDeviation(values) } : {}),
      ...certainty(metric, cutoff, runs, { all, place, frame }),
    };
  };
  return {
    cutoff,
    recall: measure('recall'),
    mrr: measure('mrr'),
    ndcg: measure('ndcg'),
    coverage: mean(results.map(({ coverage }) => coverage)),
    popularityBias: mean(results.map(biasOf)),
  };
}

/** 0 where no target was ever seen in training: the ratio to their popularity means nothing then. */
function biasOf({ popularityBias = Number.NaN }: CutoffResult): number {
  return Number.isFinite(popularityBias) ? popularityBias : 0;
}

/** Interval and p-value where every prediction's rank is known. */
function certainty(
  metric: Metric,
  cutoff: number,
  runs: readonly ContenderRun[],
  { all, place, frame }: { all: readonly ContenderRuns[]; place: number; frame: ReportFrame },
): Pick<Measure, 'interval' | 'p'> {
  const { bootstrap } = frame;
  const own = runs.map(({ evaluation }) => evaluation);
  if (!bootstrap || metric === 'ndcg' || own.some(({ ranks }) => !ranks)) return {};
  const options = { ...bootstrap, cutoff };
  const interval = meanIntervals(own, options)[metric];
  const best = bestOf(all, metric, place);
  if (best.every((evaluation, run) => evaluation === own[run])) return { interval };
  return { interval, p: pairedBootstrap(best, own, options)[metric].p };
}

/** Evaluations of the contender that is best in one metric; the first of equal ones. */
function bestOf(all: readonly ContenderRuns[], metric: Metric, place: number): Evaluation[] {
  const value = ({ runs }: ContenderRuns) =>
    mean(runs.map(({ evaluation }) => evaluation.results[place]?.[metric] ?? 0));
  const best = all.reduce((found, contender) => (value(contender) > value(found) ? contender : found));
  return best.runs.map(({ evaluation }) => evaluation);
}

/** Means over runs of groups that are alike, as all runs predict the same. */
function meanGroups(
  runs: readonly ContenderRun[],
  groupsOf: (evaluation: Evaluation) => readonly Group[] | undefined,
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
    epochs: history.map(({ epoch, loss, validation }) => ({
      epoch,
      loss,
      ...(validation ? { recall: validation.recall, mrr: validation.mrr } : {}),
    })),
  };
}
