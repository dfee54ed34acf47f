import type { CustomSeriesOption } from 'echarts/charts';
import { threeDigits } from '../figures.ts';
import { chartLabel } from './chart-label.ts';
import { INK, LINE, SOFT } from './palette.ts';
import { type ChartPart, FONT_SIZE } from './render-chart.ts';

/** The look of an axis of numbers. */
export function numberAxis(extra: ChartPart = {}): ChartPart {
  return {
    type: 'value',
    splitNumber: 4,
    splitLine: { lineStyle: { color: LINE } },
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: { color: SOFT, fontSize: FONT_SIZE, hideOverlap: true, formatter: threeDigits },
    ...extra,
  };
}

/** Letters that fit beside the rows. */
const NAME_LETTERS = 12;

/** Two axes of rows: names on the left, values on the right. */
export function rowAxes(names: readonly string[], values: readonly string[]): ChartPart[] {
  const axis = { type: 'category', inverse: true, axisTick: { show: false }, axisLine: { show: false } };
  const label = { interval: 0, fontSize: FONT_SIZE };
  return [
    {
      ...axis,
      data: names.map((name) => chartLabel(name, NAME_LETTERS)),
      axisLabel: { ...label, color: INK },
    },
    { ...axis, position: 'right', data: values, axisLabel: { ...label, color: SOFT } },
  ];
}

/** A thin line across the chart for each row, which leads the eye from the name to the dot. */
export function rowLines(rows: number): CustomSeriesOption {
  return {
    type: 'custom',
    silent: true,
    encode: { x: [], y: 0 },
    data: Array.from({ length: rows }, (_, row) => [row]),
    renderItem: (params, api) => {
      const { x = 0, width = 0 } = params.coordSys as { readonly x?: number; readonly width?: number };
      const [, y = 0] = api.coord([0, api.value(0)]);
      return {
        type: 'line',
        shape: { x1: x, x2: x + width, y1: y, y2: y },
        style: { stroke: LINE, lineDash: [1, 3] },
      };
    },
  };
}
