import { formatMiB, formatSeconds, short } from '../figures.ts';
import type { ModelReport } from '../report.ts';
import { oneLine } from '../text.ts';
import { numberAxis, rowAxes, rowLines } from './axes.ts';
import { AROUND_ROWS, dots, ROW } from './interval-chart.ts';
import { SOFT } from './palette.ts';
import { type Chart, FONT_SIZE } from './render-chart.ts';

/** Something that a model costs, and how it is written. */
export interface Cost {
  readonly key: 'fitSeconds' | 'evaluateSeconds' | 'memoryMiB';
  readonly id: string;
  readonly name: string;
  readonly unit: string;
  readonly format: (value: number) => string;
}

/** All that is told of what a model costs. */
export const COSTS: readonly Cost[] = [
  { key: 'fitSeconds', id: 'fit', name: 'Time to fit', unit: 's', format: formatSeconds },
  { key: 'evaluateSeconds', id: 'evaluate', name: 'Time to evaluate', unit: 's', format: formatSeconds },
  { key: 'memoryMiB', id: 'memory', name: 'Memory of the fitted model', unit: 'MiB', format: formatMiB },
];

/** From this ratio of the largest to the smallest on, the scale is logarithmic. */
const LOGARITHMIC = 30;

/**
 * A dot a model on a scale of seconds or MiB.
 *
 * @param ranked - the best first. A cost of 0 lies at the left end of a logarithmic scale.
 */
export function costChart(ranked: readonly ModelReport[], cost: Cost): Chart {
  const { key, id, name, unit, format } = cost;
  const values = ranked.map((model) => model[key]);
  const names = ranked.map((model) => oneLine(model.name));
  const texts = values.map((value) => format(value));
  const positive = values.filter((value) => value > 0);
  const [least, most] = [Math.min(...positive), Math.max(...positive)];
  const logarithmic = most / least >= LOGARITHMIC;
  const min = logarithmic ? 10 ** Math.floor(Math.log10(least)) : 0;
  const label = { color: SOFT, fontSize: FONT_SIZE, hideOverlap: true, formatter: short };
  return {
    id: `cost-${id}`,
    title: name,
    description: `${names.map((model, rank) => `${model} ${texts[rank]}`).join('; ')}.`,
    height: AROUND_ROWS + ROW * ranked.length + 18,
    option: {
      grid: { left: 98, right: 68, top: 6, bottom: 46 },
      xAxis: numberAxis({
        type: logarithmic ? 'log' : 'value',
        min,
        ...(logarithmic ? { interval: decadesBetweenTicks(most / min) } : {}),
        axisLabel: label,
        name: `${unit}${logarithmic ? ', logarithmic' : ''}`,
        nameLocation: 'middle',
        nameGap: 26,
        nameTextStyle: { color: SOFT, fontSize: FONT_SIZE },
      }),
      yAxis: rowAxes(names, texts),
      series: [rowLines(ranked.length), dots(values.map((value) => Math.max(value, min)))],
    },
  };
}

/** Decades from one tick to the next: there is room for about five labels. */
function decadesBetweenTicks(ratio: number): number {
  return Math.max(1, Math.ceil(Math.log10(ratio) / 5));
}
