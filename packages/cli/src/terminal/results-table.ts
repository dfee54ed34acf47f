import type { NamedEvaluation } from '@gru4rec/comparison';
import { type CutoffResult, type MetricName, metricAt, metricNames, metrics } from '@gru4rec/metrics';
import Table from 'cli-table3';

/** Content of a table. */
interface Shown {
  readonly model: NamedEvaluation;
  readonly baselines: readonly NamedEvaluation[];
}

/**
 * One table per cutoff: a line per baseline, then the model with its gains over the best baseline, if there are baselines.
 *
 * @param note - last line.
 */
export function formatResults({ model, baselines }: Shown, note?: string): string {
  const tables = model.results.map(({ cutoff }, place) => tableAt(cutoff, place, { model, baselines }));
  return [...tables, ...(note === undefined ? [] : [note])].join('\n');
}

/** Metrics whose gains over the baselines are shown. */
const GAINS = ['recall', 'mrr'] as const satisfies MetricName[];

/** The best value of each metric among the baselines. */
type Yardstick = Readonly<Record<(typeof GAINS)[number], number>>;

function tableAt(cutoff: number, place: number, { model, baselines }: Shown): string {
  const yardstick = bestOf(baselines, place);
  const labels = [...metricNames.map((name) => metrics[name].label), ...ownLabels(model.results[place])];
  const head = ['', ...labels.map((label) => `${label}@${cutoff}`), 'coverage'];
  if (yardstick) head.push(...GAINS.map((name) => `${metrics[name].label} gain`));
  const table = new Table({
    head,
    colAligns: head.map((_, column) => (column === 0 ? 'left' : 'right')),
    style: { head: [], border: [], compact: true },
  });
  for (const { name, results } of [...baselines, model]) {
    const result = results[place] as CutoffResult;
    table.push([name, ...figures(result), ...(yardstick ? gains(result, yardstick) : [])]);
  }
  const note = yardstick ? '\nGains are over the best baseline of the column.' : '';
  return `${table.toString()}${note}`;
}

function bestOf(baselines: readonly NamedEvaluation[], place: number): Yardstick | undefined {
  if (baselines.length === 0) return undefined;
  const best = (metric: MetricName) =>
    Math.max(...baselines.map(({ results }) => results[place]?.[metric] ?? 0));
  return { recall: best('recall'), mrr: best('mrr') };
}

function figures(result: CutoffResult): string[] {
  return [
    ...[...metricNames, ...ownLabels(result)].map((name) =>
      withInterval(metricAt(result, name), result.interval && metricAt(result.interval, name)),
    ),
    `${(100 * result.coverage).toFixed(1)} %`,
  ];
}

/** Labels of the metrics of the user. */
function ownLabels(result: CutoffResult | undefined): string[] {
  return Object.keys(result?.own ?? {});
}

function withInterval(value: number, interval: readonly [number, number] | undefined): string {
  if (!interval) return value.toFixed(4);
  return `${value.toFixed(4)} (${interval.map((bound) => bound.toFixed(4)).join('–')})`;
}

function gains(result: CutoffResult, yardstick: Yardstick): string[] {
  return GAINS.map((name) => formatGain(result[name], yardstick[name]));
}

/** `+12.3 %`; a dash if the baseline is 0. */
export function formatGain(value: number, base: number): string {
  if (value === base || base === 0) return '–';
  const percent = 100 * (value / base - 1);
  return `${percent < 0 ? '−' : '+'}${Math.abs(percent).toFixed(1)} %`;
}
