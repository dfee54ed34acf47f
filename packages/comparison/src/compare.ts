import { UsageError } from '@gru4rec/checks';
import { mapMetrics, metricAt } from '@gru4rec/metrics';
import type { ComparisonReport, CutoffMeasures, Measure, ModelReport } from '@gru4rec/report';
import { mean, sampleStandardDeviation } from 'simple-statistics';
import { type CompareSettings, type CompareSurroundings, compareOn } from './compare-on.ts';
import { singlesOf } from './contender.ts';
import { timeWindows } from './time-windows.ts';

/**
 * Fits and evaluates recommenders on the same held-out sessions, or on those of consecutive time windows.
 *
 * @returns figures with intervals and p-values by session, breakdowns, warnings and examples; `writeReports` writes it.
 * @throws UsageError, ConfigError if options or configurations are wrong; Error if the dataset lacks a split, or a trained
 *   model does not fit it.
 */
export async function compare(
  settings: CompareSettings,
  surroundings: CompareSurroundings,
): Promise<ComparisonReport> {
  if (settings.windows === undefined) return compareOn(settings, surroundings);
  const { windows, ...plain } = settings;
  return compareWindows({ ...plain, windows }, surroundings);
}

/** 97.5 % quantiles of Student's t for 1, 2, … 19 degrees of freedom. */
const T = [
  ...[12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228],
  ...[2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101, 2.093],
];

/** Figures are means over consecutive time windows, with intervals of Student’s t, and those of each window. */
async function compareWindows(
  { windows, ...settings }: CompareSettings & { readonly windows: number },
  surroundings: CompareSurroundings,
): Promise<ComparisonReport> {
  checkSettings(settings);
  const cut = timeWindows(surroundings.dataset, windows, settings.data);
  const { onRun, onEpoch } = surroundings;
  const reports: ComparisonReport[] = [];
  for (const [index, { dataset }] of cut.entries()) {
    const name = (contender: string) => `window ${index + 1} of ${windows}, ${contender}`;
    const report = await compareOn(
      { ...settings, resamples: 0 },
      {
        ...{ ...surroundings, dataset },
        readLabels: () => Promise.resolve((item) => dataset.itemIds.at(item) ?? ''),
        onRun: (contender, run) => onRun?.(name(contender), run),
        onEpoch: (contender, record, epochs) => onEpoch?.(name(contender), record, epochs),
      },
    );
    reports.push(report);
  }
  const [first] = reports as [ComparisonReport];
  const { title, breakdownCutoff } = first;
  return {
    title: `${title}, ${windows} windows`,
    origin: { ...first.origin, windows, ...totals(reports), items: surroundings.dataset.itemIds.length },
    warnings: reports.flatMap(({ warnings }, index) =>
      warnings.map((text) => `Window ${index + 1}: ${text}`),
    ),
    breakdownCutoff,
    models: first.models.map((_, place) =>
      joinModels(reports.map(({ models }) => models[place] as ModelReport)),
    ),
    windows: reports.map(({ models, origin }, index) => ({
      from: dateOf(cut[index]?.from),
      until: dateOf(cut[index]?.until),
      sessions: Number(origin['sessions']),
      predictions: Number(origin['predictions']),
      models: models.map(({ name, results }) => ({ name, results })),
    })),
  };
}

function checkSettings({ contenders, gates = [], keep }: CompareSettings): void {
  const trained = singlesOf(contenders).find(({ kind }) => kind === 'trained');
  if (trained) {
    throw new UsageError(
      `--windows expected contenders that are fitted to each window, got the trained model ${trained.text}`,
    );
  }
  const wrong = (gates.length > 0 && '--gate') || (keep && '--keep');
  if (!wrong) return;
  throw new UsageError(`${wrong} expected one evaluation of all sessions, got --windows`);
}

function totals(reports: readonly ComparisonReport[]): Record<'predictions' | 'sessions', number> {
  const sum = (key: string) => reports.reduce((total, { origin }) => total + Number(origin[key]), 0);
  return { predictions: sum('predictions'), sessions: sum('sessions') };
}

function dateOf(time = 0): string {
  return new Date(time).toISOString().slice(0, 10);
}

function joinModels(models: readonly ModelReport[]): ModelReport {
  const [first] = models as readonly [ModelReport];
  const meanOf = (of: (model: ModelReport) => number) => mean(models.map(of));
  return {
    name: first.name,
    options: first.options,
    runs: models.reduce((total, { runs }) => total + runs, 0),
    results: first.results.map((_, place) =>
      joinResults(models.map(({ results }) => results[place] as CutoffMeasures)),
    ),
    fitSeconds: meanOf(({ fitSeconds }) => fitSeconds),
    evaluateSeconds: meanOf(({ evaluateSeconds }) => evaluateSeconds),
    memoryMiB: meanOf(({ memoryMiB }) => memoryMiB),
    ...{ byPosition: [], byPopularity: [], byLength: [], curves: [] },
  };
}

function joinResults(results: readonly CutoffMeasures[]): CutoffMeasures {
  const [first] = results as readonly [CutoffMeasures];
  const measure = (name: string) => overWindows(results.map((result) => metricAt(result, name).mean));
  const own = Object.keys(first.own ?? {}).map((label) => [label, measure(label)]);
  return {
    cutoff: first.cutoff,
    ...mapMetrics(measure),
    ...(first.own && { own: Object.fromEntries(own) }),
    coverage: mean(results.map(({ coverage }) => coverage)),
    popularityBias: mean(results.map(({ popularityBias }) => popularityBias)),
  };
}

/** Mean ± t · sd / √windows, within [0, 1]. */
function overWindows(values: readonly number[]): Measure {
  const [middle, sd] = [mean([...values]), sampleStandardDeviation([...values])];
  const reach = ((T[values.length - 2] ?? Number.POSITIVE_INFINITY) * sd) / Math.sqrt(values.length);
  return { mean: middle, sd, interval: [Math.max(0, middle - reach), Math.min(1, middle + reach)] };
}
