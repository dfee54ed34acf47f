import { threeDigits } from '../figures.ts';
import type { LearningCurve, ModelReport } from '../report.ts';
import { numberAxis, scaleOf } from './axes.ts';
import { type Look, SOFT, seedLook } from './palette.ts';
import { type Chart, type ChartPart, FONT_SIZE } from './render-chart.ts';

const CURVES = [
  { key: 'loss', name: 'Loss' },
  { key: 'recall', name: 'Validation recall' },
  { key: 'mrr', name: 'Validation MRR' },
] as const;
type CurveKey = (typeof CURVES)[number]['key'];

/** Up to this many epochs, each has a dot. */
const DOTS = 30;

/**
 * Loss, and recall and MRR of the validation if they were measured, by epoch: a line per seed in the colour of the model.
 *
 * @param rank - the model's rank, which determines its colour and the ids of the charts.
 * @returns up to three charts; none for a model without curves.
 */
export function curveCharts({ curves }: ModelReport, rank: number): Chart[] {
  return CURVES.flatMap(({ key, name }) => {
    const lines = curves.map((curve) => ({ seed: curve.seed, points: pointsOf(curve, key) }));
    const shown = lines.filter(({ points }) => points.length > 0);
    if (shown.length === 0) return [];
    const description = shown.map(({ seed, points }) => {
      const [first, last] = [points[0], points.at(-1)];
      return `Seed ${seed}: ${threeDigits(first?.[1] ?? 0)} in epoch ${first?.[0]}, ${threeDigits(last?.[1] ?? 0)} in epoch ${last?.[0]}`;
    });
    return [
      {
        id: `curve-${rank}-${key}`,
        title: name,
        description: `${description.join('; ')}.`,
        height: 220,
        option: {
          grid: { left: 44, right: shown.length > 1 ? 62 : 16, top: 10, bottom: 44 },
          xAxis: numberAxis(
            {},
            {
              min: 'dataMin',
              max: 'dataMax',
              minInterval: 1,
              splitLine: { show: false },
              name: 'epoch',
              nameLocation: 'middle',
              nameGap: 26,
              nameTextStyle: { color: SOFT, fontSize: FONT_SIZE },
            },
          ),
          yAxis: numberAxis(
            scaleOf(
              withRoom(
                shown.flatMap(({ points }) => points.map(([, value]) => value)),
                Math.min(shown.length, 4),
              ),
            ),
          ),
          series: shown.map(({ seed, points }, line) =>
            curveLine(points, seedLook(rank, line), shown.length > 1 ? `seed ${seed}` : ''),
          ),
        },
      },
    ];
  });
}

/** Leaves room at the bottom, so that names of lines that end there do not meet the labels of the epochs. */
function withRoom(values: readonly number[], lines: number): number[] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return [least - 0.1 * lines * (most - least), most];
}

function pointsOf({ epochs }: LearningCurve, key: CurveKey): [epoch: number, value: number][] {
  return epochs.flatMap((record) => {
    const value = record[key];
    return value === undefined ? [] : [[record.epoch, value] as [number, number]];
  });
}

function curveLine(
  data: readonly [number, number][],
  { color, symbol, dash }: Look,
  name: string,
): ChartPart {
  return {
    type: 'line',
    silent: true,
    clip: false,
    emphasis: { disabled: true },
    data,
    symbol,
    symbolSize: 5,
    showSymbol: data.length <= DOTS,
    itemStyle: { color, opacity: 1 },
    lineStyle: { color, width: 2, type: dash },
    ...endLabel(name, color),
  };
}

/** A name at the end of a line, moved up or down if names would overlap. */
function endLabel(text: string, color: string): ChartPart {
  if (text === '') return {};
  return {
    endLabel: { show: true, formatter: () => text, color, fontSize: FONT_SIZE, distance: 6 },
    labelLayout: { moveOverlap: 'shiftY' },
  };
}
