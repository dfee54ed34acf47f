import { threeDigits, withDecimals } from '../figures.ts';
import { axisName, chartLabel, DIGIT, numberAxis, scaleOf, widthOf } from './axes.ts';
import { type Chart, type ChartPart, FONT_SIZE, type Look, lookOf } from './chart.ts';

export interface Line {
  readonly name: string;
  readonly label: string;
  readonly look: Look;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface LineChart {
  readonly id: string;
  readonly title: string;
  /** Name of the horizontal axis. */
  readonly x: string;
  /** Whether values of the horizontal axis are integers. */
  readonly wholeX: boolean;
  readonly lines: readonly Line[];
}

/** Letters of a name at the end of its line. */
const END_LETTERS = 8;

/** Lines with the looks of their order. */
export function namedLines(lines: readonly Pick<Line, 'name' | 'points'>[]): Line[] {
  return lines.map(({ name, points }, rank) => ({
    name,
    points,
    label: chartLabel(name, END_LETTERS),
    look: lookOf(rank),
  }));
}

/** Up to this many points, each has a dot. */
const DOTS = 30;

export function lineChart({ id, title, x, wholeX, lines }: LineChart): Chart {
  const several = lines.length > 1;
  const description = lines.map(({ name, points }) => {
    const [first, last] = [points[0], points.at(-1)].map((point) => (point ?? [0, 0]).map(threeDigits));
    return `${name}: ${first?.[1]} in ${x} ${first?.[0]}, ${last?.[1]} in ${x} ${last?.[0]}`;
  });
  const scale = scaleOf(
    withRoom(
      lines.flatMap(({ points }) => points.map(([, value]) => value)),
      Math.min(lines.length, 4),
    ),
  );
  const ends = [scale.min, scale.max].map((value) => withDecimals(value, scale.decimals));
  return {
    id,
    title,
    description: `${description.join('; ')}.`,
    height: 220,
    option: {
      grid: { left: Math.max(44, widthOf(ends, DIGIT)), right: several ? 62 : 16, top: 10, bottom: 44 },
      xAxis: numberAxis(
        {},
        {
          min: 'dataMin',
          max: 'dataMax',
          ...(wholeX ? { minInterval: 1 } : {}),
          splitLine: { show: false },
          ...axisName(x),
        },
      ),
      yAxis: numberAxis(scale),
      series: lines.map((line) => seriesOf(line, several)),
    },
  };
}

export function epochCharts<Key extends string>(
  figures: readonly { readonly key: Key; readonly title: string }[],
  courses: readonly (Omit<Line, 'points'> & {
    readonly records: readonly ({ readonly epoch: number } & { readonly [K in Key]?: number | undefined })[];
  })[],
  { id, wholeX }: Pick<LineChart, 'id' | 'wholeX'>,
): Chart[] {
  return figures.flatMap(({ key, title }) => {
    const lines = courses.flatMap(({ records, ...line }) => {
      const points = records.flatMap(({ epoch, [key]: value }): [number, number][] =>
        value === undefined ? [] : [[epoch, value]],
      );
      return points.length === 0 ? [] : [{ ...line, points }];
    });
    if (lines.length === 0) return [];
    return [lineChart({ id: `${id}-${key.toLowerCase()}`, title, x: 'epoch', wholeX, lines })];
  });
}

/** Leaves room at the bottom for the names of lines that end there; not below 0 where no value is. */
function withRoom(values: readonly number[], lines: number): number[] {
  const least = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const most = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const room = least - 0.1 * lines * (most - least);
  return [least < 0 ? room : Math.max(0, room), most];
}

/** Named lines have their names at the end, moved up or down if they would overlap. */
function seriesOf({ label, look, points }: Line, named: boolean): ChartPart {
  const { color } = look;
  const end = { show: true, formatter: () => label, color, fontSize: FONT_SIZE, distance: 6 };
  return {
    ...lineSeries(points, look, 2),
    symbolSize: 5,
    showSymbol: points.length <= DOTS,
    ...(named && { endLabel: end, labelLayout: { moveOverlap: 'shiftY' } }),
  };
}

export function lineSeries(
  data: readonly unknown[],
  { color, symbol, dash }: Look,
  width: number,
): ChartPart {
  return {
    type: 'line',
    silent: true,
    clip: false,
    emphasis: { disabled: true },
    data,
    symbol,
    itemStyle: { color, opacity: 1 },
    lineStyle: { color, width, type: dash },
  };
}
