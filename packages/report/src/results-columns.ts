import { metricAt } from '@gru4rec/metrics';
import {
  alike,
  formatInterval,
  formatP,
  fraction,
  memoryAlike,
  percent,
  ratio,
  secondsAlike,
  whole,
} from './figures.ts';
import { bestMean, metricLook, namesOfMetrics, resultAt } from './ranking.ts';
import type { ComparisonReport, Measure, ModelReport } from './report.ts';

/** A column of a table of models. */
export interface Column {
  readonly head: string;
  readonly cell: (model: ModelReport) => string;
}

/** The optional columns of a table, in addition to the means of the primary metrics. */
export interface Detail {
  /** Metrics that are `secondary`. */
  readonly secondary: boolean;
  readonly sd: boolean;
  readonly interval: boolean;
  readonly p: boolean;
  /** Coverage and popularity bias. */
  readonly catalogue: boolean;
}

/** All optional columns. */
export const FULL_DETAIL: Detail = { secondary: true, sd: true, interval: true, p: true, catalogue: true };

/**
 * The columns of the figures at one cutoff, without columns that would be empty for every model.
 *
 * @param place - index of the cutoff.
 * @param mark - formats a mean, differently if it is the best of its column.
 */
export function resultColumns(
  models: readonly ModelReport[],
  place: number,
  detail: Detail,
  mark: (mean: string, best: boolean) => string,
): Column[] {
  const columns: Column[] = [];
  for (const key of namesOfMetrics(models)) {
    const { label, secondary } = metricLook(key);
    if (secondary && !detail.secondary) continue;
    const best = bestMean(models, place, key);
    const cutoff = models[0]?.results[place]?.cutoff;
    columns.push({
      head: `${label}@${cutoff}`,
      cell: (model) => {
        const { mean } = metricAt(resultAt(model, place), key);
        return mark(fraction(mean), mean === best);
      },
    });
    columns.push(...certaintyColumns(place, key, detail));
  }
  if (detail.catalogue) columns.push(...catalogueColumns(place));
  return columns.filter(({ cell }) => models.some((model) => cell(model) !== ''));
}

function certaintyColumns(place: number, key: string, detail: Detail): Column[] {
  const column = <Value>(
    head: string,
    of: (measure: Measure) => Value | undefined,
    format: (value: Value) => string,
  ) => ({
    head,
    cell: (model: ModelReport): string => {
      const value = of(metricAt(resultAt(model, place), key));
      return value === undefined ? '' : format(value);
    },
  });
  return [
    ...(detail.sd ? [column('±', ({ sd }) => sd, fraction)] : []),
    ...(detail.interval ? [column('95 %', ({ interval }) => interval, formatInterval)] : []),
    ...(detail.p ? [column('p', ({ p }) => p, formatP)] : []),
  ];
}

function catalogueColumns(place: number): Column[] {
  return [
    { head: 'coverage', cell: (model) => percent(resultAt(model, place).coverage) },
    { head: 'popularity bias', cell: (model) => ratio(resultAt(model, place).popularityBias) },
  ];
}

/** The columns of costs, the most important first, without columns that would be empty for every model. */
export function costColumns(models: readonly ModelReport[]): Column[] {
  const fit = secondsAlike(models.map(({ fitSeconds }) => fitSeconds));
  const memory = memoryAlike(models.map(({ memoryMiB }) => memoryMiB));
  const evaluate = secondsAlike(models.map(({ evaluateSeconds }) => evaluateSeconds));
  const each = alike(models.flatMap(({ index }) => (index ? [index.bytes / index.sessions] : [])));
  const columns: Column[] = [
    { head: `fit, ${fit.unit}`, cell: ({ fitSeconds }) => fit.format(fitSeconds) },
    { head: `memory, ${memory.unit}`, cell: ({ memoryMiB }) => memory.format(memoryMiB) },
    { head: `evaluate, ${evaluate.unit}`, cell: ({ evaluateSeconds }) => evaluate.format(evaluateSeconds) },
    { head: 'runs', cell: ({ runs }) => whole(runs) },
    { head: 'sessions kept', cell: ({ index }) => (index ? whole(index.sessions) : '') },
    { head: 'bytes each', cell: ({ index }) => (index ? each(index.bytes / index.sessions) : '') },
  ];
  return columns.filter(({ cell }) => models.some((model) => cell(model) !== ''));
}

/** Explains the marks and columns that the figures have, in one line. */
export function legendOf(
  models: readonly ModelReport[],
  best: string,
  { windows }: Pick<ComparisonReport, 'windows'>,
): string {
  const measures = models.flatMap(({ results }) =>
    results.flatMap((result) => namesOfMetrics(models).map((name) => metricAt(result, name))),
  );
  const parts = [`${best}: best of the column`];
  if (measures.some(({ sd }) => sd !== undefined))
    parts.push(`±: standard deviation over ${windows ? 'windows' : 'seeds'}`);
  if (measures.some(({ interval }) => interval !== undefined))
    parts.push(
      windows ? "95 %: interval of the mean over windows (Student's t)" : '95 %: interval by session',
    );
  if (measures.some(({ p }) => p !== undefined)) {
    parts.push('p: against the best, two-sided, paired by session, not corrected for the number of models');
  }
  return `${parts.join('; ')}.`;
}
