import { type Breakdown, groupOf, groupsOf } from '../breakdowns.ts';
import { fraction, short } from '../figures.ts';
import type { Group, ModelReport } from '../report.ts';
import { oneLine, wrapLine } from '../text.ts';
import { numberAxis } from './axes.ts';
import { chartLabel } from './chart-label.ts';
import { HIGHLIGHTED, LINE, lookOf, SOFT } from './palette.ts';
import { CHART_WIDTH, type Chart, type ChartPart, FONT_SIZE } from './render-chart.ts';

const GRID = { left: 34, right: 88, top: 10 };
/** Pixels of the lines below the axis, and of a letter in them. */
const LINE_HEIGHT = 14;
const LETTER = 6.2;

/**
 * Recall of each model over the groups of a breakdown, the number of predictions below each group.
 *
 * @param ranked - the best first: these are in colour and named at the end of their lines.
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
      yAxis: numberAxis({ min: 0 }),
      // From the worst on, so that the best lie on top.
      series: recalls.map((values, rank) => groupLine(values, rank, ranked[rank]?.name ?? '')).reverse(),
    },
  };
}

/** The lines below each group: its label, broken at blanks, then its predictions, level with each other. */
function groupLabels(groups: readonly Group[]): string[][] {
  const letters = Math.floor((CHART_WIDTH - GRID.left - GRID.right) / groups.length / LETTER);
  const broken = groups.map(({ label }) =>
    wrapLine(label, letters)
      .split('\n')
      .map((line) => chartLabel(line, letters)),
  );
  const most = Math.max(...broken.map((lines) => lines.length));
  return broken.map((lines, place) => [
    ...lines,
    ...new Array<string>(most - lines.length).fill(' '),
    short(groups[place]?.predictions ?? 0),
  ]);
}

function groupAxis(labels: readonly string[][], name: string, lines: number): ChartPart {
  return {
    type: 'category',
    data: labels.map((label) => label.join('\n')),
    name: `${name}; below: predictions`,
    nameLocation: 'middle',
    nameGap: 10 + LINE_HEIGHT * lines,
    nameTextStyle: { color: SOFT, fontSize: FONT_SIZE },
    axisTick: { show: false },
    axisLine: { lineStyle: { color: LINE } },
    axisLabel: { interval: 0, color: SOFT, fontSize: 11, lineHeight: LINE_HEIGHT },
  };
}

function groupLine(data: readonly (number | null)[], rank: number, name: string): ChartPart {
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
    ...endLabel(highlighted ? chartLabel(name, 12) : '', color),
  };
}

/** A name at the end of a line, moved up or down where names would meet. */
export function endLabel(text: string, color: string): ChartPart {
  if (text === '') return {};
  return {
    endLabel: { show: true, formatter: () => text, color, fontSize: FONT_SIZE, distance: 6 },
    labelLayout: { moveOverlap: 'shiftY' },
  };
}
