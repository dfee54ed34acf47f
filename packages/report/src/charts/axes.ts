import type { CustomSeriesOption } from 'echarts/charts';
import { withDecimals } from '../figures.ts';
import { lettersOf, type NameRoom, nameLabels, oneLine } from '../text.ts';
import { CHART_WIDTH, type ChartPart, FONT_SIZE, INK, LINE, SOFT } from './chart.ts';

export interface Scale {
  readonly min: number;
  readonly max: number;
  readonly interval: number;
  readonly decimals: number;
}

/** Ticks at multiples of 1, 2 or 5 powers of ten, from below the least to above the largest value. */
export function scaleOf(values: readonly number[]): Scale {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const rough = (most - least || Math.abs(most) || 1) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const interval = power * ([1, 2, 5].find((times) => times * power >= rough) ?? 10);
  const [first, last] = [Math.floor(least / interval + 1e-9), Math.ceil(most / interval - 1e-9)];
  return {
    min: first * interval,
    max: Math.max(last, first + 1) * interval,
    interval,
    decimals: Math.max(0, -Math.floor(Math.log10(interval) + 1e-9)),
  };
}

export function numberAxis({ decimals, ...scale }: Partial<Scale>, extra: ChartPart = {}): ChartPart {
  return {
    type: 'value',
    ...scale,
    splitLine: { lineStyle: { color: LINE } },
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: {
      color: SOFT,
      fontSize: FONT_SIZE,
      hideOverlap: true,
      ...(decimals === undefined ? {} : { formatter: (value: number) => withDecimals(value, decimals) }),
    },
    ...extra,
  };
}

export function axisName(name: string, gap: number = 26): ChartPart {
  return { name, nameLocation: 'middle', nameGap: gap, nameTextStyle: { color: SOFT, fontSize: FONT_SIZE } };
}

/** Pixels: width of a lower-case letter in a wide font. */
const LETTER = 6.8;
/** Pixels: width of a digit in a wide font. */
export const DIGIT = 7.7;
const NAME_LINE = 14;
const ROW = 23;
const ABOVE_ROW = 8;
/** Room for a name to the left of its row, and above the row if that is too small. */
const BESIDE: NameRoom = { letters: 12, lines: 1 };
const ABOVE: NameRoom = { letters: Math.floor(CHART_WIDTH / LETTER), lines: 2 };
const GAP = 8;

export interface Rows {
  readonly height: number;
  readonly grid: { readonly left: number; readonly right: number; readonly top: number };
  readonly yAxis: readonly ChartPart[];
}

/** Lays out a row per model, with names to the left, or above the rows if one of them is long. */
export function rowsOf(names: readonly string[], values: readonly string[]): Rows {
  const beside = names.every((name) => lettersOf(name) <= BESIDE.letters);
  const labels = nameLabels(names, beside ? BESIDE : ABOVE);
  const lines = beside ? 0 : Math.max(...labels.map((label) => label.split('\n').length));
  const axis = { type: 'category', inverse: true, axisTick: { show: false }, axisLine: { show: false } };
  const label = { interval: 0, fontSize: FONT_SIZE, lineHeight: NAME_LINE, margin: GAP };
  const above = {
    inside: true,
    margin: 0,
    align: 'left',
    verticalAlign: 'bottom',
    padding: [0, 0, ABOVE_ROW, 0],
  };
  const row = ROW + NAME_LINE * lines;
  return {
    height: names.length * row,
    grid: {
      left: beside ? widthOf(labels, LETTER) : 12,
      right: widthOf(values, DIGIT),
      top: 6 + Math.max(0, NAME_LINE * lines + ABOVE_ROW - row / 2),
    },
    yAxis: [
      {
        ...axis,
        data: labels.map(safe),
        axisLabel: { ...label, color: INK, ...(beside ? {} : above) },
      },
      { ...axis, position: 'right', data: values, axisLabel: { ...label, color: SOFT } },
    ],
  };
}

function safe(label: string): string {
  return label
    .split('\n')
    .map((line) => chartLabel(line, Number.POSITIVE_INFINITY))
    .join('\n');
}

export function widthOf(labels: readonly string[], letter: number): number {
  return Math.ceil(letter * Math.max(...labels.map(lettersOf))) + GAP + 2;
}

export function rowLines(rows: number): ChartPart {
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
  } satisfies CustomSeriesOption;
}

const INVISIBLE = '\u200b';

/**
 * Cut to the width of `letters` lower-case letters; an ellipsis marks the cut. A text such as `__proto__` gets an invisible
 * blank: zrender caches widths in a plain object, and would write to the prototype of all objects (6.1.0, core/LRU).
 */
export function chartLabel(text: string, letters: number): string {
  const line = oneLine(text);
  let [kept, used] = ['', 0];
  for (const letter of line) {
    used += lettersOf(letter);
    if (used <= letters - 1) kept += letter;
  }
  const label = used <= letters ? line : `${kept}…`;
  return label in Object.prototype ? `${label}${INVISIBLE}` : label;
}
