import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';

export type CurvePoint = readonly [x: number, y: number];

/** Size of a chart in its own units, with room for labels. */
export const CHART = { width: 320, height: 180, left: 44, right: 12, top: 10, bottom: 26 };

export interface Curve {
  /** Of an SVG path; '' without points. */
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
