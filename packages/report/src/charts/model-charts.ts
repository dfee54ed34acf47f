import { metricAt, type RankGroup } from '@gru4rec/metrics';
import type { CustomSeriesOption } from 'echarts/charts';
import { type Breakdown, type Cost, groupOf, groupsOf } from '../comparison-tables.ts';
import { countsAlike, formatInterval, fraction, short } from '../figures.ts';
import { type ModelReport, mainResult, metricLook } from '../report.ts';
import { oneLine, wrapLine } from '../text.ts';
import { axisName, chartLabel, numberAxis, rowLines, rowsOf, scaleOf } from './axes.ts';
import {
  CHART_WIDTH,
  type Chart,
  type ChartPart,
  FONT_SIZE,
  HIGHLIGHTED,
  LINE,
  lookOf,
  SOFT,
  seedLook,
} from './chart.ts';
import { epochCharts, lineSeries } from './line-chart.ts';

const AROUND_ROWS = 40;

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

function dots(values: readonly number[]): ChartPart {
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

/** From this ratio of the values on, the scale is logarithmic. */
const LOGARITHMIC = 30;

/** A dot per model on a scale of time or memory. A cost of 0 is at the left end of a logarithmic scale. */
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

/** A tick per decade, or every second or third, because about five labels fit. */
function decades(min: number, most: number): ChartPart {
  return {
    type: 'log',
    min,
    interval: Math.max(1, Math.ceil(Math.log10(most / min) / 5)),
    axisLabel: { color: SOFT, fontSize: FONT_SIZE, hideOverlap: true, formatter: short },
  };
}

const GRID = { left: 40, right: 14, top: 10 };
/** Pixels: height of the lines below the axis, and width of a letter in them. */
const LINE_HEIGHT = 14;
const LETTER = 6.2;
const NAME_LETTERS = 48;

export function groupChart(ranked: readonly ModelReport[], breakdown: Breakdown, cutoff: number): Chart {
  const groups = groupsOf(ranked, breakdown);
  const recalls = ranked.map((model) =>
    groups.map(({ label }) => groupOf(model, breakdown, label)?.recall ?? null),
  );
  const labels = groupLabels(groups);
  const name = wrapLine(`${breakdown.axis}; below: predictions`, NAME_LETTERS);
  const lines = Math.max(...labels.map((label) => label.length));
  const below = LINE_HEIGHT * (lines - 1 + name.split('\n').length);
  const description = groups.map(({ label }, place) => {
    const best = recalls.slice(0, HIGHLIGHTED).map((values, rank) => {
      const value = values[place];
      return `${ranked[rank]?.name} ${value == null ? 'none' : fraction(value)}`;
    });
    return `${label}: ${best.join(', ')}`;
  });
  return {
    id: `group-${breakdown.id}`,
    title: `Recall@${cutoff}: ${breakdown.name.toLowerCase()}`,
    description: oneLine(`${description.join('; ')}.`),
    height: 230 + below,
    option: {
      grid: { ...GRID, bottom: 24 + below },
      xAxis: groupAxis(labels, axisName(name, 10 + LINE_HEIGHT * lines)),
      yAxis: numberAxis(scaleOf([0, ...recalls.flat().map(Number)])),
      // The worst first, so that the best are drawn on top.
      series: recalls.map((values, rank) => groupLine(values, rank)).reverse(),
    },
  };
}

function groupLabels(groups: readonly RankGroup[]): string[][] {
  const letters = Math.floor((CHART_WIDTH - GRID.left - GRID.right) / groups.length / LETTER);
  const count = countsAlike(groups.map(({ predictions }) => predictions));
  const broken = groups.map(({ label }) =>
    linesOf(label).flatMap((line) =>
      wrapLine(line, letters)
        .split('\n')
        .map((part) => chartLabel(part, letters)),
    ),
  );
  const most = Math.max(...broken.map((lines) => lines.length));
  return broken.map((lines, place) => [
    ...lines,
    ...new Array<string>(most - lines.length).fill(' '),
    count(groups[place]?.predictions ?? 0),
  ]);
}

/** Text in brackets at the end of a label gets a separate line, and so loses the brackets. */
function linesOf(label: string): string[] {
  const [, head, rest] = /^(.+) \((.+)\)$/s.exec(label) ?? [];
  return head === undefined || rest === undefined ? [label] : [head, rest];
}

function groupAxis(labels: readonly string[][], name: ChartPart): ChartPart {
  return {
    type: 'category',
    data: labels.map((label) => label.join('\n')),
    ...name,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: LINE } },
    axisLabel: { interval: 0, color: SOFT, fontSize: 11, lineHeight: LINE_HEIGHT },
  };
}

function groupLine(data: readonly (number | null)[], rank: number): ChartPart {
  const look = lookOf(rank);
  const { highlighted } = look;
  return {
    ...lineSeries(data, look, highlighted ? 2 : 1.2),
    symbolSize: highlighted ? 6 : 0,
    showSymbol: highlighted || data.length === 1,
  };
}

const CURVES = [
  { key: 'loss', title: 'Loss' },
  { key: 'recall', title: 'Validation recall' },
  { key: 'mrr', title: 'Validation MRR' },
] as const;

/** By epoch: a line per seed in the colour of the model. */
export function curveCharts({ curves }: ModelReport, rank: number): Chart[] {
  const courses = curves.map(({ seed, epochs }, line) => ({
    name: `Seed ${seed}`,
    label: `seed ${seed}`,
    look: seedLook(rank, line),
    records: epochs,
  }));
  return epochCharts(CURVES, courses, { id: `curve-${rank}`, wholeX: true });
}
