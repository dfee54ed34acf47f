import type { JSX } from 'preact';
import { CHART, type CurvePoint, curveOf } from './curve.ts';

/** A small chart of one curve over epochs. */
export function LineChart({
  title,
  points,
  epochs,
}: {
  readonly title: string;
  readonly points: readonly CurvePoint[];
  readonly epochs: number;
}): JSX.Element {
  const { path, last, xTicks, yTicks } = curveOf(points, epochs);
  const [bottom, right] = [CHART.height - CHART.bottom, CHART.width - CHART.right];
  const value = points.at(-1)?.[1];
  return (
    <figure>
      <figcaption>{title}</figcaption>
      <svg
        viewBox={`0 0 ${CHART.width} ${CHART.height}`}
        role="img"
        aria-label={
          value === undefined ? `${title}: nothing yet` : `${title}: ${value.toPrecision(3)} at present`
        }
      >
        {yTicks.map(({ at, label }) => (
          <g key={label}>
            <line class="grid" x1={CHART.left} x2={right} y1={at} y2={at} />
            <text x={CHART.left - 8} y={at} text-anchor="end" dominant-baseline="central">
              {label}
            </text>
          </g>
        ))}
        <line class="axis" x1={CHART.left} x2={right} y1={bottom} y2={bottom} />
        {xTicks.map(({ at, label }) => (
          <text key={label} x={at} y={CHART.height - 8} text-anchor="middle">
            {label}
          </text>
        ))}
        <path class="curve" d={path} />
        {last && <circle class="end" cx={last[0]} cy={last[1]} r="3.5" />}
      </svg>
    </figure>
  );
}
