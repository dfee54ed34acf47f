import { threeDigits } from '../figures.ts';
import type { LearningCurve, ModelReport } from '../report.ts';
import { numberAxis } from './axes.ts';
import { endLabel } from './group-chart.ts';
import { HIGHLIGHTED, lookOf, SOFT } from './palette.ts';
import { type Chart, type ChartPart, FONT_SIZE } from './render-chart.ts';

const CURVES = [
  { key: 'loss', name: 'Loss' },
  { key: 'recall', name: 'Validation recall' },
  { key: 'mrr', name: 'Validation MRR' },
] as const;
type CurveKey = (typeof CURVES)[number]['key'];

/** Epochs up to which each is a dot of its own. */
const DOTS = 30;

/**
 * Loss and, where they were measured, recall and MRR of the validation over the epochs, a line a seed.
 *
 * @param place - of the model in the ranking, for the identifiers.
 * @returns up to three charts; none for a model without curves.
 */
export function curveCharts({ curves }: ModelReport, place: number): Chart[] {
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
        id: `curve-${place}-${key}`,
        title: name,
        description: `${description.join('; ')}.`,
        height: 220,
        option: {
          grid: { left: 44, right: shown.length > 1 ? 62 : 16, top: 10, bottom: 44 },
          xAxis: numberAxis({
            min: 'dataMin',
            max: 'dataMax',
            minInterval: 1,
            splitLine: { show: false },
            name: 'epoch',
            nameLocation: 'middle',
            nameGap: 26,
            nameTextStyle: { color: SOFT, fontSize: FONT_SIZE },
          }),
          // Room at the bottom: the names of lines that end there stay clear of the epochs.
          yAxis: numberAxis({ scale: true, boundaryGap: ['15%', '5%'] }),
          series: shown.map(({ seed, points }, line) =>
            curveLine(points, line, shown.length > 1 ? `seed ${seed}` : ''),
          ),
        },
      },
    ];
  });
}

function pointsOf({ epochs }: LearningCurve, key: CurveKey): [epoch: number, value: number][] {
  return epochs.flatMap((record) => {
    const value = record[key];
    return value === undefined ? [] : [[record.epoch, value] as [number, number]];
  });
}

function curveLine(data: readonly [number, number][], line: number, name: string): ChartPart {
  const { color, symbol, dash } = lookOf(line);
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
    ...endLabel(line < HIGHLIGHTED ? name : '', color),
  };
}
