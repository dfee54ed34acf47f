import { RandomStream } from '@gru4rec/random';
import { describe, expect, it } from 'vitest';
import { projectItems } from '../../src/page/items/project.ts';

/** 60 items in the directions of two groups, with some noise. */
function items(groupOf: (item: number) => number) {
  const stream = new RandomStream(1, 'test.map');
  const values = Float32Array.from({ length: 60 * 8 }, (_, at) => {
    return 0.1 * stream.nextFloat() + (at % 8 === groupOf(Math.floor(at / 8)) ? 1 : 0);
  });
  return { rows: 60, cols: 8, values };
}
const twoGroups = () => items((item) => (item < 30 ? 0 : 1));

function meanDistance(points: Float32Array, pairs: readonly (readonly number[])[]): number {
  const far = ([a = 0, b = 0]: readonly number[]) =>
    Math.hypot(...[0, 1].map((axis) => Number(points[2 * a + axis]) - Number(points[2 * b + axis])));
  return pairs.reduce((sum, pair) => sum + far(pair), 0) / pairs.length;
}

describe('projectItems', () => {
  const points = projectItems(twoGroups());

  it('gives a point in the unit square per item', () => {
    expect(points).toHaveLength(120);
    expect(points.every((value) => value >= 0 && value <= 1)).toBe(true);
    expect(Math.max(...points) - Math.min(...points)).toBeCloseTo(1, 6);
  });

  it('draws near what is near', () => {
    const within = Array.from({ length: 29 }, (_, n) => [n, n + 1]);
    const across = Array.from({ length: 30 }, (_, n) => [n, n + 30]);
    expect(meanDistance(points, across)).toBeGreaterThan(2 * meanDistance(points, within));
  });

  it('places rows beyond those that it lays out beside their like', () => {
    const placed = projectItems(
      items((item) => item % 2),
      1,
      40,
    );
    // Rows 0, 2, … of the first forty are of one group, 1, 3, … of the other.
    const distance = (a: number, rest: number) =>
      meanDistance(
        placed,
        Array.from({ length: 20 }, (_, n) => [a, 2 * n + rest]),
      );
    for (let item = 40; item < 60; item++)
      expect(distance(item, item % 2)).toBeLessThan(distance(item, 1 - (item % 2)));
  });

  it('gives the same map for the same seed', () => {
    const [one, same, other] = [1, 1, 2].map((seed) => projectItems(twoGroups(), seed, 20));
    expect(same).toEqual(one);
    expect(other).not.toEqual(one);
  });

  it('refuses fewer items than make a map', () => {
    expect(() => projectItems({ rows: 2, cols: 1, values: Float32Array.of(1, 2) })).toThrow(
      '3 items or more, got 2',
    );
  });
});
