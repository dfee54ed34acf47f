import { memoryAlike, type Quantity, secondsAlike, short } from '../figures.ts';
import type { ModelReport } from '../report.ts';
import { oneLine } from '../text.ts';
import { axisName, numberAxis, rowLines, rowsOf, scaleOf } from './axes.ts';
import { AROUND_ROWS, dots } from './interval-chart.ts';
import { SOFT } from './palette.ts';
import { type Chart, type ChartPart, FONT_SIZE } from './render-chart.ts';

/** A cost of a model and its format. */
export interface Cost {
  readonly key: 'fitSeconds' | 'evaluateSeconds' | 'memoryMiB';
  readonly id: string;
  readonly name: string;
  readonly alike: (values: readonly number[]) => Quantity;
}

/** The costs of a model. */
export const COSTS: readonly Cost[] = [
  { key: 'fitSeconds', id: 'fit', name: 'Time to fit', alike: secondsAlike },
  { key: 'evaluateSeconds', id: 'evaluate', name: 'Time to evaluate', alike: secondsAlike },
  { key: 'memoryMiB', id: 'memory', name: 'Memory of the fitted model', alike: memoryAlike },
];

/** The scale is logarithmic if the largest value is at least this many times the smallest. */
const LOGARITHMIC = 30;

/**
 * A chart with a dot per model on a scale of time or memory.
 *
 * @param ranked - the best first. A cost of 0 is drawn at the left end of a logarithmic scale.
 */
export function costChart(ranked: readonly ModelReport[], { key, id, name, alike }: Cost): Chart {
  const { unit, size, format } = alike(ranked.map((model) => model[key]));
  const values = ranked.map((model) => model[key] / size);
  const names = ranked.map((model) => oneLine(model.name));
  const texts = ranked.map((model) => format(model[key]));
  const positive = values.filter((value) => value > 0);
  const [least, most] = [Math.min(...positive), Math.max(...positive)];
  const logarithmic = most / least >= LOGARITHMIC;
  const min = logarithmic ? 10 ** Math.floor(Math.log10(least)) : 0;
  const rows = rowsOf(names, texts);
  return {
    id: `cost-${id}`,
    title: `${name}, ${unit}`,
    description: `${names.map((model, rank) => `${model} ${texts[rank]} ${unit}`).join('; ')}.`,
    height: AROUND_ROWS + rows.height + 18,
    option: {
      grid: { ...rows.grid, bottom: 46 },
      xAxis: numberAxis(logarithmic ? {} : scaleOf([0, ...values]), {
        ...(logarithmic ? decades(min, most) : {}),
        ...axisName(`${unit}${logarithmic ? ', logarithmic' : ''}`),
      }),
      yAxis: rows.yAxis,
      series: [rowLines(ranked.length), dots(values.map((value) => Math.max(value, min)))],
    },
  };
}

/** A logarithmic axis with a tick per decade, or every second or third, because about five labels fit. */
function decades(min: number, most: number): ChartPart {
  return {
    type: 'log',
    min,
    interval: Math.max(1, Math.ceil(Math.log10(most / min) / 5)),
    axisLabel: { color: SOFT, fontSize: FONT_SIZE, hideOverlap: true, formatter: short },
  };
}
