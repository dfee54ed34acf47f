import { mapMetrics } from '@gru4rec/metrics';
import { checkReport } from './check-report.ts';
import type {
  ComparisonReport,
  CutoffMeasures,
  Difference,
  Example,
  GateOutcome,
  Group,
  LearningCurve,
  Measure,
  ModelReport,
  PairTest,
} from './report.ts';

/** Identifies the format. */
export const COMPARISON_FORMAT = 'gru4rec-comparison';

/** Increased when readers of the earlier version would misread the file. */
export const COMPARISON_FORMAT_VERSION = 1;

/**
 * Writes a comparison as JSON, indented by two: `format`, `formatVersion`, then the fields of the report.
 *
 * Keys come in a fixed order, those of `origin` and `options` by name, so equal reports give equal texts. Models keep
 * their order. Keys without a value are left out.
 *
 * @throws RangeError under the conditions of `checkReport`.
 */
export function comparisonJson(report: ComparisonReport): string {
  checkReport(report, 'comparisonJson');
  const { title, origin, warnings, breakdownCutoff, models, pairs, gates, examples } = report;
  const ordered = {
    format: COMPARISON_FORMAT,
    formatVersion: COMPARISON_FORMAT_VERSION,
    title,
    origin: sortKeys(origin),
    warnings,
    breakdownCutoff,
    models: models.map(orderModel),
    ...(pairs && { pairs: pairs.map(orderPair) }),
    ...(gates && { gates: gates.map(orderGate) }),
    ...(examples && {
      examples: {
        first: examples.first,
        second: examples.second,
        predictions: examples.predictions.map(orderExample),
      },
    }),
  };
  return `${JSON.stringify(ordered, undefined, 2)}\n`;
}

function orderModel(model: ModelReport): ModelReport {
  const { name, options, runs, results, fitSeconds, evaluateSeconds, memoryMiB, index } = model;
  return {
    name,
    options: sortKeys(options) as ModelReport['options'],
    runs,
    results: results.map(orderResult),
    fitSeconds,
    evaluateSeconds,
    memoryMiB,
    ...(index && { index: { sessions: index.sessions, bytes: index.bytes } }),
    byPosition: model.byPosition.map(orderGroup),
    byPopularity: model.byPopularity.map(orderGroup),
    byLength: model.byLength.map(orderGroup),
    curves: model.curves.map(orderCurve),
  };
}

function orderResult(result: CutoffMeasures): CutoffMeasures {
  const { cutoff, coverage, popularityBias } = result;
  return { cutoff, ...mapMetrics((name) => orderMeasure(result[name])), coverage, popularityBias };
}

function orderMeasure({ mean, sd, interval, p }: Measure): Measure {
  return {
    mean,
    ...(sd === undefined ? {} : { sd }),
    ...(interval === undefined ? {} : { interval }),
    ...(p === undefined ? {} : { p }),
  };
}

function orderGroup({ label, predictions, recall, mrr }: Group): Group {
  return { label, predictions, recall, mrr };
}

function orderCurve({ seed, epochs }: LearningCurve): LearningCurve {
  return {
    seed,
    epochs: epochs.map(({ epoch, loss, recall, mrr }) => ({
      epoch,
      loss,
      ...(recall === undefined ? {} : { recall }),
      ...(mrr === undefined ? {} : { mrr }),
    })),
  };
}

function orderPair(pair: PairTest): PairTest {
  const { first, second, cutoff } = pair;
  const order = ({ difference, interval, p }: Difference): Difference => ({ difference, interval, p });
  return { first, second, cutoff, ...mapMetrics((name) => order(pair[name])) };
}

function orderGate({ gate, passed, difference, interval }: GateOutcome): GateOutcome {
  return { gate, passed, difference, ...(interval && { interval }) };
}

function orderExample({ clicks, earlier, next, ranks }: Example): Example {
  return { clicks, earlier, next, ranks };
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, part]) => [key, sortKeys(part)]));
}
