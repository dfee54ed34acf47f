import { type Breakdown, groupOf, groupsOf } from '../breakdowns.ts';
import { countsAlike, fraction } from '../figures.ts';
import type { Group, ModelReport } from '../report.ts';
import { oneLine, wrapLine } from '../text.ts';
import { axisName, numberAxis, scaleOf } from './axes.ts';
import { chartLabel } from './chart-label.ts';
import { HIGHLIGHTED, LINE, lookOf, SOFT } from './palette.ts';
import { CHART_WIDTH, type Chart, type ChartPart } from './render-chart.ts';

const GRID = { left: 40, right: 14, top: 10 };
/** Pixels: height of the lines below the axis, and width of a letter in them. */
const LINE_HEIGHT = 14;
const LETTER = 6.2;

/**
 * A chart of the recall of each model by group of a breakdown, with the number of predictions below each group.
 *
 * @param ranked - the models, best first: the best are in colour and in the legend of `legendKeys`.
 */
export function groupChart(ranked: readonly ModelReport[], breakdown: Breakdown, cutoff: number): Chart {
  const groups = groupsOf(ranked, breakdown);
  const recalls = ranked.map((model) =>
    groups.map(({ label }) => groupOf(model, breakdown, label)?.recall ?? null),
  );
  const labels = groupLabels(groups);
  const lines = Math.max(...labels.map((label) => label.length));
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
    height: 230 + LINE_HEIGHT * lines,
    option: {
      grid: { ...GRID, bottom: 24 + LINE_HEIGHT * lines },
      xAxis: groupAxis(labels, breakdown.axis, lines),
      yAxis: numberAxis(scaleOf([0, ...recalls.flat().map(Number)])),
      // The worst first, so that the best are drawn on top.
      series: recalls.map((values, rank) => groupLine(values, rank)).reverse(),
    },
  };
}

/** The lines below each group: its label, broken at blanks, then its predictions, at the same height for all groups. */
function groupLabels(groups: readonly Group[]): string[][] {
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

function groupAxis(labels: readonly string[][], name: string, lines: number): ChartPart {
  return {
    type: 'category',
    data: labels.map((label) => label.join('\n')),
    ...axisName(`${name}; below: predictions`, 10 + LINE_HEIGHT * lines),
    axisTick: { show: false },
    axisLine: { lineStyle: { color: LINE } },
    axisLabel: { interval: 0, color: SOFT, fontSize: 11, lineHeight: LINE_HEIGHT },
  };
}

function groupLine(data: readonly (number | null)[], rank: number): ChartPart {
  const { color, symbol, dash, highlighted } = lookOf(rank);
  return {
    type: 'line',
    silent: true,
    clip: false,
    emphasis: { disabled: true },
    data,
    symbol,
    symbolSize: highlighted ? 6 : 0,
    showSymbol: highlighted || data.length === 1,
    itemStyle: { color, opacity: 1 },
    lineStyle: { color, width: highlighted ? 2 : 1.2, type: dash },
  };
}
