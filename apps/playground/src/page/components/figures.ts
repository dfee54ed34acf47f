import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';

export function groupDigits(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** Milliseconds with two digits, such as `0.42 ms`. */
export function milliseconds(value: number): string {
  if (value < 0.01) return '< 0.01 ms';
  return `${value < 10 ? value.toPrecision(2) : Math.round(value)} ms`;
}

/** How a contribution reads: a factor of a probability, or a difference of scores. */
export function changeText(change: number, measure: 'log-probability' | 'above-mean'): string {
  if (measure === 'above-mean') return `${change < 0 ? '−' : '+'}${Math.abs(change).toFixed(2)}`;
  const factor = Math.exp(Math.abs(change));
  const text = factor < 10 ? factor.toFixed(1) : groupDigits(factor);
  if (text === '1.0') return '× 1';
  return change < 0 ? `÷ ${text}` : `× ${text}`;
}

/** In [0, 1], the best 1: by e^score if scores are logarithms of probabilities, else in proportion, none below 0. */
export function barLengths(scores: readonly number[], logarithmic: boolean): number[] {
  const best = scores[0] ?? 0;
  if (logarithmic) return scores.map((score) => Math.exp(score - best));
  if (best > 0) return scores.map((score) => Math.max(0, score / best));
  return scores.map(() => 0);
}

export type CurvePoint = readonly [x: number, y: number];

/** Size of a chart in its own units, with room for labels. */
export const CHART = { width: 320, height: 180, left: 44, right: 12, top: 10, bottom: 26 };

export interface Curve {
  /** The `d` of an SVG path; '' without points. */
  readonly path: string;
  readonly last: CurvePoint | undefined;
  readonly xTicks: readonly Tick[];
  readonly yTicks: readonly Tick[];
}

interface Tick {
  readonly at: number;
  readonly label: string;
}

/** Scales points to a chart. The x-axis ends at `xEnd`; the y-axis at round values around the points. */
export function curveOf(points: readonly CurvePoint[], xEnd: number): Curve {
  const x = scaleLinear([0, xEnd], [CHART.left, CHART.width - CHART.right]);
  const values = points.map(([, value]) => value);
  const domain = values.length > 0 ? [Math.min(...values), Math.max(...values)] : [0, 1];
  const y = scaleLinear(domain, [CHART.height - CHART.bottom, CHART.top]).nice(4);
  const scaled = points.map(([at, value]): [number, number] => [x(at), y(value)]);
  const format = y.tickFormat(4);
  return {
    path: line()(scaled) ?? '',
    last: scaled.at(-1),
    xTicks: x
      .ticks(Math.min(5, xEnd))
      .filter(Number.isInteger)
      .map((tick) => ({ at: x(tick), label: String(tick) })),
    yTicks: values.length > 0 ? y.ticks(4).map((tick) => ({ at: y(tick), label: format(tick) })) : [],
  };
}
