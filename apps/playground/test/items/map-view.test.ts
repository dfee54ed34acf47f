import { describe, expect, it } from 'vitest';
import { dotsByGroup, pointAt } from '../../src/page/items/map-view.ts';

const point = (id: string, x: number, y: number) => ({ id, x, y });

describe('pointAt', () => {
  const points = [point('a', 0.1, 0.1), point('b', 0.12, 0.1)];

  it('finds the nearest point within reach', () => {
    expect(pointAt(points, { x: 0.115, y: 0.1 }, 0.05)?.id).toBe('b');
    expect(pointAt(points, { x: 0.5, y: 0.5 }, 0.05)).toBeUndefined();
  });
});

describe('dotsByGroup', () => {
  const groups: Record<string, string> = { a: 'Hats', b: 'Boots', c: 'Boots', d: 'Rugs' };
  const points = ['a', 'b', 'c', 'd', 'e'].map((id, at) => point(id, at / 10, 0.5));

  it('gives the largest groups a path each, and one to all other points', () => {
    expect(dotsByGroup(points, (id) => groups[id], 2)).toEqual([
      { group: undefined, path: 'M0.4000 0.5000h0M0.3000 0.5000h0' },
      { group: 'Boots', path: 'M0.1000 0.5000h0M0.2000 0.5000h0' },
      { group: 'Hats', path: 'M0.0000 0.5000h0' },
    ]);
    expect(dotsByGroup(points, () => undefined, 2)).toHaveLength(1);
  });
});
