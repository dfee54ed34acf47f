import { RandomStream } from '@gru4rec/random';
import { describe, expect, it } from 'vitest';
import { projectItems } from '../../src/page/items/project.ts';

/** Items in two directions, 30 each, with some noise. */
function twoGroups() {
  const stream = new RandomStream(1, 'test.map');
  const values = Float32Array.from({ length: 60 * 8 }, (_, at) => {
    const [item, column] = [Math.floor(at / 8), at % 8];
    return 0.1 * stream.nextFloat() + (column === (item < 30 ? 0 : 1) ? 1 : 0);
  });
  return { rows: 60, cols: 8, values };
}

describe('projectItems', () => {
  const points = projectItems(twoGroups());

  it('gives a point in the unit square per item', () => {
    expect(points).toHaveLength(120);
    expect(points.every((value) => value >= 0 && value <= 1)).toBe(true);
    expect(Math.max(...points) - Math.min(...points)).toBeCloseTo(1, 6);
  });

  it('draws near what is near', () => {
    const distance = (a: number, b: number) =>
      Math.hypot(
        (points[2 * a] ?? 0) - (points[2 * b] ?? 0),
        (points[2 * a + 1] ?? 0) - (points[2 * b + 1] ?? 0),
      );
    const mean = (pairs: readonly (readonly [number, number])[]) =>
      pairs.reduce((sum, [a, b]) => sum + distance(a, b), 0) / pairs.length;
    const within = Array.from({ length: 29 }, (_, n) => [n, n + 1] as const);
    const across = Array.from({ length: 30 }, (_, n) => [n, n + 30] as const);
    expect(mean(across)).toBeGreaterThan(2 * mean(within));
  });

  it('places rows beyond those that it lays out beside their like', () => {
    const alternating = twoGroups();
    const order = Array.from({ length: 60 }, (_, at) => (at % 2 === 0 ? at / 2 : 30 + (at - 1) / 2));
    const values = Float32Array.from(
      order.flatMap((item) => [...alternating.values.subarray(8 * item, 8 * item + 8)]),
    );
    const placed = projectItems({ rows: 60, cols: 8, values }, 1, 40);
    const x = (of: number) => [placed[2 * of] ?? 0, placed[2 * of + 1] ?? 0];
    const middle = (items: number[]) =>
      [0, 1].map((axis) => items.reduce((sum, item) => sum + (x(item)[axis] ?? 0), 0) / items.length);
    const laidOut = Array.from({ length: 40 }, (_, item) => item);
    const [even, odd] = [0, 1].map((rest) => middle(laidOut.filter((item) => item % 2 === rest))) as [
      number[],
      number[],
    ];
    const far = (a: number[], b: number[]) =>
      Math.hypot((a[0] ?? 0) - (b[0] ?? 0), (a[1] ?? 0) - (b[1] ?? 0));
    for (let item = 40; item < 60; item++) {
      const [own, other] = item % 2 === 0 ? [even, odd] : [odd, even];
      expect(far(x(item), own)).toBeLessThan(far(x(item), other));
    }
  });

  it('gives the same map for the same seed', () => {
    expect(projectItems(twoGroups())).toEqual(points);
    expect(projectItems(twoGroups(), 2)).not.toEqual(points);
  });

  it('refuses fewer items than make a map', () => {
    expect(() => projectItems({ rows: 2, cols: 1, values: Float32Array.of(1, 2) })).toThrow(
      '3 items or more, got 2',
    );
  });
});
