export interface MapPoint {
  readonly id: string;
  readonly x: number;
  readonly y: number;
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

/** The dots of no other group first, then those of the `most` largest groups. */
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
