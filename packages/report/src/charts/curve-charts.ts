import type { LearningCurve, ModelReport } from '../report.ts';
import { lineChart } from './line-chart.ts';
import { seedLook } from './palette.ts';
import type { Chart } from './render-chart.ts';

const CURVES = [
  { key: 'loss', name: 'Loss' },
  { key: 'recall', name: 'Validation recall' },
  { key: 'mrr', name: 'Validation MRR' },
] as const;
type CurveKey = (typeof CURVES)[number]['key'];

/**
 * Loss, and recall and MRR of the validation if they were measured, by epoch: a line per seed in the colour of the model.
 *
 * @param rank - the model's rank, which determines its colour and the ids of the charts.
 * @returns up to three charts; none for a model without curves.
 */
export function curveCharts({ curves }: ModelReport, rank: number): Chart[] {
  return CURVES.flatMap(({ key, name }) => {
    const shown = curves
      .map((curve) => ({ seed: curve.seed, points: pointsOf(curve, key) }))
      .filter(({ points }) => points.length > 0);
    if (shown.length === 0) return [];
    const lines = shown.map(({ seed, points }, line) => ({
      name: `Seed ${seed}`,
      label: `seed ${seed}`,
      look: seedLook(rank, line),
      points,
    }));
    return [lineChart({ id: `curve-${rank}-${key}`, title: name, x: 'epoch', wholeX: true, lines })];
  });
}

function pointsOf({ epochs }: LearningCurve, key: CurveKey): [epoch: number, value: number][] {
  return epochs.flatMap((record) => {
    const value = record[key];
    return value === undefined ? [] : [[record.epoch, value] as [number, number]];
  });
}
