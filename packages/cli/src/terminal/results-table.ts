import type { NamedEvaluation } from '@gru4rec/comparison';
import {
  type CutoffResult,
  type MetricName,
  metricAt,
  metricNames,
  metrics,
  type TargetFigures,
} from '@gru4rec/metrics';
import { plainTable } from './plain-table.ts';
import { printableStart } from './printable.ts';
import { count } from './progress.ts';

/** Content of a table. */
interface Shown {
  readonly model: NamedEvaluation;
  readonly baselines: readonly NamedEvaluation[];
  /** Models above the last one, which have gains too. */
  readonly others?: readonly NamedEvaluation[];
}

/**
 * One table per cutoff: a line per baseline, then the model with its gains over the best baseline, if there are baselines.
 *
 * @param note - the last line, if given.
 */
export function formatResults(shown: Shown, note?: string): string {
  const tables = shown.model.results.map(({ cutoff }, place) => tableAt(cutoff, place, shown));
  return [...tables, ...(note === undefined ? [] : [note])].join('\n');
}

/** Metrics whose gains over the baselines are shown. */
const GAINS = ['recall', 'mrr'] as const satisfies MetricName[];

/** The best value of each metric among the baselines. */
type Yardstick = Readonly<Record<(typeof GAINS)[number], number>>;

function tableAt(cutoff: number, place: number, { model, baselines, others = [] }: Shown): string {
  const yardstick = bestOf(baselines, place);
  const labels = [...metricNames.map((name) => metrics[name].label), ...ownLabels(model.results[place])];
  const head = ['', ...labels.map((label) => `${label}@${cutoff}`), 'coverage'];
  if (yardstick) head.push(...GAINS.map((name) => `${metrics[name].label} gain`));
  const rows = [...baselines, ...others, model].map(({ name, results }) => {
    const result = results[place] as CutoffResult;
    return [name, ...figures(result), ...(yardstick ? gains(result, yardstick) : [])];
  });
  for (const { label, predictions, results } of targetsOf(model)) {
    const own = results[place];
    if (own === undefined) continue;
    const cells = head.slice(1).map((_, column) => {
      const name = metricNames[column];
      return name === 'recall' || name === 'mrr' ? own[name].toFixed(4) : '';
    });
    rows.push([`  ${label}, ${count(predictions, 'prediction')}`, ...cells]);
  }
  const note = yardstick ? '\nGains are over the best baseline of the column.' : '';
  return `${plainTable(head, rows)}${note}`;
}

/** Most characters of a type. */
const MOST_TYPE = 40;

/** Figures of a part of the model's targets. */
function targetsOf({
  warm,
  cold,
  types = [],
}: NamedEvaluation): (TargetFigures & { readonly label: string })[] {
  const byType = types.map(({ type, ...figures }) => ({
    label: printableStart(type, MOST_TYPE),
    ...figures,
  }));
  if (warm === undefined || cold === undefined) return byType;
  return [{ label: 'warm', ...warm }, { label: 'cold', ...cold }, ...byType];
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
