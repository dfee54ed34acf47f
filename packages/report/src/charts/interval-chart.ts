import { metricAt } from '@gru4rec/metrics';
import type { CustomSeriesOption } from 'echarts/charts';
import { formatInterval, fraction } from '../figures.ts';
import { mainResult, metricLook } from '../ranking.ts';
import type { ModelReport } from '../report.ts';
import { oneLine } from '../text.ts';
import { numberAxis, rowLines, rowsOf, scaleOf } from './axes.ts';
import { lookOf } from './palette.ts';
import type { Chart, ChartPart } from './render-chart.ts';

/** Pixels above and below the rows. */
export const AROUND_ROWS = 40;

/**
 * A chart with a dot per model at the main cutoff, and its interval, if it has one, as a whisker.
 *
 * @param ranked - the models, best first; only the best for a closer look.
 * @param id - id of the chart, unique in the page.
 */
export function intervalChart(ranked: readonly ModelReport[], key: string, id: string): Chart {
  const measures = ranked.map((model) => metricAt(mainResult(model), key));
  const names = ranked.map(({ name }) => oneLine(name));
  const description = measures.map(({ mean, interval }, rank) => {
    const bounds = interval ? ` (${formatInterval(interval)})` : '';
    return `${names[rank]} ${fraction(mean)}${bounds}`;
  });
  const rows = rowsOf(
    names,
    measures.map(({ mean }) => fraction(mean)),
  );
  return {
    id,
    title: `${metricLook(key).label}@${ranked[0] ? mainResult(ranked[0]).cutoff : ''}`,
    description: `${description.join('; ')}.`,
    height: AROUND_ROWS + rows.height,
    option: {
      grid: { ...rows.grid, bottom: 28 },
      xAxis: numberAxis(scaleOf(measures.flatMap(({ mean, interval = [] }) => [mean, ...interval]))),
      yAxis: rows.yAxis,
      series: [rowLines(ranked.length), whiskers(ranked, key), dots(measures.map(({ mean }) => mean))],
    },
  };
}

/** Dots in the order of the ranking, for a chart with `rowAxes`. */
export function dots(values: readonly number[]): ChartPart {
  return {
    type: 'scatter',
    silent: true,
    emphasis: { disabled: true },
    data: values.map((value, rank) => {
      const { color, symbol, highlighted } = lookOf(rank);
      return {
        value: [value, rank],
        symbol,
        symbolSize: highlighted ? 8 : 6,
        itemStyle: { color: highlighted ? color : 'var(--other-dot)', opacity: 1 },
      };
    }),
  };
}

function whiskers(ranked: readonly ModelReport[], key: string): ChartPart {
  const data = ranked.flatMap((model, rank) => {
    const { interval } = metricAt(mainResult(model), key);
    return interval ? [[...interval, rank]] : [];
  });
  return {
    type: 'custom',
    silent: true,
    encode: { x: [0, 1], y: 2 },
    data,
    renderItem: (_, api) => {
      const rank = Number(api.value(2));
      const { color, highlighted } = lookOf(rank);
      const [left = 0, y = 0] = api.coord([api.value(0), rank]);
      const [right = 0] = api.coord([api.value(1), rank]);
      const [up, down] = [y - 4, y + 4];
      const points = [left, left, left, right, right, right];
      const heights = [up, down, y, y, up, down];
      return {
        type: 'polyline',
        shape: { points: points.map((x, place) => [x, heights[place] ?? y]) },
        style: { stroke: highlighted ? color : 'var(--other-dot)', lineWidth: 1.5, fill: 'none' },
      };
    },
  } satisfies CustomSeriesOption;
}
