import { RandomStream } from '@gru4rec/random';
import { describe, expect, it } from 'vitest';
import { axesOf, type ChoiceAxis, type NumberAxis } from '../../src/samplers/axis.ts';
import { choiceKernels, gaussianKernels } from '../../src/samplers/kernels.ts';
import { normalMass } from '../../src/samplers/normal.ts';
import { parseSpace } from '../../src/space.ts';

function axisOf(parameter: unknown) {
  return axesOf(parseSpace({ x: parameter }))[0];
}

describe('gaussianKernels', () => {
  const axis = axisOf({ type: 'uniform', low: 0, high: 4 }) as NumberAxis;
  const kernels = gaussianKernels(axis, Float64Array.of(1), Float64Array.of(0.5));

  it('divides a normal density by its mass on the axis', () => {
    const normal = Math.exp(-0.5 * ((2 - 1) / 0.5) ** 2) / (0.5 * Math.sqrt(2 * Math.PI));
    expect(kernels.logDensity(0, 2)).toBeCloseTo(Math.log(normal / normalMass(-2, 6)), 12);
  });

  it('has a prior in the middle, as wide as the axis', () => {
    const normal = 1 / (4 * Math.sqrt(2 * Math.PI));
    expect(kernels.logDensity(1, 2)).toBeCloseTo(Math.log(normal / normalMass(-1 / 2, 1 / 2)), 12);
  });

  it.each([0, 1])('integrates to 1 over the axis, kernel %i', (k) => {
    let sum = 0;
    for (let cell = 0; cell < 4000; cell++)
      sum += Math.exp(kernels.logDensity(k, (cell + 0.5) / 1000)) / 1000;
    expect(sum).toBeCloseTo(1, 6);
  });

  it.each([0, 1])('draws from its density, kernel %i', (k) => {
    const stream = new RandomStream(1, 'test.kernels');
    const draws = Array.from({ length: 4000 }, () => kernels.draw(k, stream));
    expect(draws.every((position) => position >= 0 && position <= 4)).toBe(true);
    let below = 0;
    for (let cell = 0; cell < 1500; cell++)
      below += Math.exp(kernels.logDensity(k, (cell + 0.5) / 1000)) / 1000;
    const share = draws.filter((position) => position < 1.5).length / 4000;
    expect(Math.abs(share - below)).toBeLessThan(5 * Math.sqrt(0.25 / 4000));
  });

  it.each([
    { type: 'integer', low: -2, high: 8, step: 2 },
    { type: 'integer', low: 1, high: 30, log: true },
  ])('gives the integers of %j probabilities that add up to 1', (parameter) => {
    const integers = axisOf(parameter) as NumberAxis;
    const narrow = gaussianKernels(integers, Float64Array.of(integers.positionOf(4)), Float64Array.of(0.1));
    for (const k of [0, 1]) {
      let sum = 0;
      for (let value = parameter.low; value <= parameter.high; value += parameter.step ?? 1) {
        sum += Math.exp(narrow.logDensity(k, integers.positionOf(value)));
      }
      expect(sum).toBeCloseTo(1, 12);
    }
  });

  it('draws integers', () => {
    const integers = axisOf({ type: 'integer', low: 0, high: 9, step: 3 }) as NumberAxis;
    const stream = new RandomStream(1, 'test.kernels');
    const three = gaussianKernels(integers, Float64Array.of(3), Float64Array.of(2));
    const drawn = new Set(Array.from({ length: 200 }, () => three.draw(0, stream)));
    expect([...drawn].sort()).toEqual([0, 3, 6, 9]);
  });
});

describe('choiceKernels', () => {
  const axis = axisOf({ type: 'choice', options: ['a', 'b', 'c', 'd'] }) as ChoiceAxis;
  const kernels = choiceKernels(axis, Float64Array.of(2), 2);

  it('adds the observation and the shared smoothing', () => {
    // 1 and 2 / 4 of 1 + 2; 2 / 4 of 1 + 2.
    expect(Math.exp(kernels.logDensity(0, 2))).toBeCloseTo(1.5 / 3, 12);
    expect(Math.exp(kernels.logDensity(0, 0))).toBeCloseTo(0.5 / 3, 12);
  });

  it('has a uniform prior', () => {
    expect(Math.exp(kernels.logDensity(1, 3))).toBeCloseTo(1 / 4, 12);
  });

  it.each([0, 1])('draws from its density, kernel %i', (k) => {
    const stream = new RandomStream(2, 'test.kernels');
    const counts = [0, 0, 0, 0];
    for (let draw = 0; draw < 6000; draw++) counts[kernels.draw(k, stream)]++;
    for (const [option, count] of counts.entries()) {
      const expected = Math.exp(kernels.logDensity(k, option));
      expect(Math.abs(count / 6000 - expected)).toBeLessThan(5 * Math.sqrt(0.25 / 6000));
    }
  });
});
