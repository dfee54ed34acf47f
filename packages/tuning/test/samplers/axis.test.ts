import { RandomStream } from '@gru4rec/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { axesOf, drawPosition, type NumberAxis, positionsOf, valuesAt } from '../../src/samplers/axis.ts';
import { parseSpace } from '../../src/space.ts';
import { arbitrarySpace, belongs } from '../arbitrary-space.ts';

function numberAxis(parameter: unknown): NumberAxis {
  const [axis] = axesOf(parseSpace({ x: parameter }));
  if (axis?.kind !== 'number') throw new Error('no number');
  return axis;
}

describe('axesOf', () => {
  it('orders by name and leaves constants out', () => {
    const uniform = { type: 'uniform', low: 0, high: 1 };
    const axes = axesOf(parseSpace({ c: uniform, a: { type: 'choice', options: [1] }, b: 3 }));
    expect(axes.map(({ name, kind }) => `${name} ${kind}`)).toEqual(['a choice', 'c number']);
  });

  it('uses logarithms as positions in log space', () => {
    const axis = numberAxis({ type: 'log-uniform', low: 1, high: 100 });
    expect([axis.low, axis.high]).toEqual([0, Math.log(100)]);
    expect(axis.valueAt(Math.log(100) / 2)).toBeCloseTo(10, 12);
    expect(axis.positionOf(10)).toBe(Math.log(10));
    expect(axis.cellAt(2)).toEqual([2, 2]);
  });

  it('gives each integer a cell of one step', () => {
    const axis = numberAxis({ type: 'integer', low: 10, high: 20, step: 5 });
    expect([axis.low, axis.high]).toEqual([10 - 5 / 2, 20 + 5 / 2]);
    expect([7.5, 12.4, 12.6, 22.5].map(axis.valueAt)).toEqual([10, 10, 15, 20]);
    expect(axis.cellAt(15)).toEqual([12.5, 17.5]);
  });

  it('narrows the cells of integers in log space', () => {
    const axis = numberAxis({ type: 'integer', low: 1, high: 8, log: true });
    expect([axis.low, axis.high]).toEqual([Math.log(0.5), Math.log(8.5)]);
    expect(axis.valueAt(Math.log(3.4))).toBe(3);
    expect(axis.cellAt(Math.log(3))).toEqual([Math.log(2.5), Math.log(3.5)]);
  });
});

it('valuesAt inverts positionsOf', () => {
  const draws = fc.property(arbitrarySpace, fc.nat(), (space, seed) => {
    const axes = axesOf(space);
    const stream = new RandomStream(seed, 'test.axis');
    const positions = Float64Array.from(axes, (axis) => drawPosition(axis, stream));
    const values = valuesAt(positions, axes, space);
    expect(belongs(values, space)).toBe(true);
    const again = positionsOf(values, axes);
    for (const [d, position] of again.entries()) expect(position).toBeCloseTo(positions[d], 9);
  });
  fc.assert(draws, { seed: 1 });
});

it('drawPosition draws all integers and options equally often', () => {
  const stream = new RandomStream(1, 'test.axis');
  const space = parseSpace({
    i: { type: 'integer', low: 0, high: 8, step: 2 },
    o: { type: 'choice', options: [0, 1, 2, 3, 4] },
  });
  for (const axis of axesOf(space)) {
    const counts = new Map<unknown, number>();
    for (let draw = 0; draw < 5000; draw++) {
      const value = axis.valueAt(drawPosition(axis, stream));
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    // Within 5 standard deviations of 5000 / 5.
    expect(counts.size).toBe(5);
    for (const count of counts.values()) {
      expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt((5000 * 4) / 25));
    }
  }
});
