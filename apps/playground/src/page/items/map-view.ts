export interface MapPoint {
  readonly id: string;
  readonly x: number;
  readonly y: number;
}

export interface Frame {
  readonly x: number;
  readonly y: number;
  readonly size: number;
}

export const WHOLE: Frame = { x: -0.03, y: -0.03, size: 1.06 };

const MARGIN = 0.15;
const SMALLEST = 0.12;

export function frameAround(points: readonly MapPoint[]): Frame {
  if (points.length === 0) return WHOLE;
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const inner = Math.max(right - left, bottom - top, SMALLEST);
  const size = Math.min(WHOLE.size, inner * (1 + 2 * MARGIN));
  return { x: (left + right - size) / 2, y: (top + bottom - size) / 2, size };
}

export function pointAt(
  points: readonly MapPoint[],
  position: { readonly x: number; readonly y: number },
  reach: number,
): MapPoint | undefined {
  let nearest: MapPoint | undefined;
  let least = reach;
  for (const point of points) {
    const distance = Math.hypot(point.x - position.x, point.y - position.y);
    if (distance > least) continue;
    least = distance;
    nearest = point;
  }
  return nearest;
}

export interface Dots {
  readonly group: string | undefined;
  readonly path: string;
}

/** The dots of all points: those of no other group first, then those of the `most` groups with the most points, the largest first. */
export function dotsByGroup(
  points: readonly MapPoint[],
  groupOf: (id: string) => string | undefined,
  most: number,
): Dots[] {
  const byGroup = new Map<string | undefined, string[]>([[undefined, []]]);
  for (const { id, x, y } of points) {
    const group = groupOf(id);
    const dots = byGroup.get(group) ?? [];
    byGroup.set(group, dots);
    dots.push(`M${x.toFixed(4)} ${y.toFixed(4)}h0`);
  }
  const named = [...byGroup]
    .filter(([group]) => group !== undefined)
    .sort(([, a], [, b]) => b.length - a.length);
  const others = [...(byGroup.get(undefined) ?? []), ...named.slice(most).flatMap(([, dots]) => dots)];
  return [
    { group: undefined, path: others.join('') },
    ...named.slice(0, most).map(([group, dots]) => ({ group, path: dots.join('') })),
  ];
}
