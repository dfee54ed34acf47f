import { RandomStream } from '@gru4rec/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { axesOf, type ChoiceAxis, type NumberAxis } from '../../src/samplers/axis.ts';
import {
  choiceKernels,
  gaussianKernels,
  normalCdf,
  normalMass,
  ParzenEstimator,
} from '../../src/samplers/parzen.ts';
import { parseSpace } from '../../src/space.ts';

const plane = parseSpace({
  a: { type: 'uniform', low: 0, high: 1 },
  b: { type: 'choice', options: ['x', 'y', 'z'] },
});

const points = [
  [0.1, 0],
  [0.15, 2],
  [0.8, 0],
  [1, 1],
] as const;
// Distances to the farther neighbour, at least 1 / (4 + 2).
const widths = [1 / 6, 0.8 - 0.15, 0.8 - 0.15, 1 - 0.8];

const normal = (x: number, mean: number, sigma: number) => Math.exp(-(((x - mean) / sigma) ** 2) / 2);

/** The mixture as defined, with normal integrals by the midpoint rule. */
function naiveDensity(a: number, b: number): number {
  const truncated = (mean: number, sigma: number) => {
    let mass = 0;
    for (let cell = 0; cell < 2000; cell++) mass += normal((cell + 0.5) / 2000, mean, sigma) / 2000;
    return normal(a, mean, sigma) / mass;
  };
  // A count of 1 for the observed option, and the smoothing shared by all options.
  const seen = (option: number) => ((option === b ? 1 : 0) + 1 / 5) / (1 + 3 / 5);
  const kernels = points.map(([mean, option], k) => truncated(mean, widths[k]) * seen(option));
  return [...kernels, truncated(1 / 2, 1) / 3].reduce((sum, density) => sum + density, 0) / 5;
}

describe('ParzenEstimator', () => {
  it('is the mean of the kernels and the prior', () => {
    const estimator = new ParzenEstimator(
      points.map((point) => Float64Array.from(point)),
      axesOf(plane),
    );
    for (const [a, b] of [
      [0.1, 0],
      [0.12, 1],
      [0.5, 2],
      [0, 2],
    ]) {
      expect(Math.exp(estimator.logDensity(Float64Array.of(a, b)))).toBeCloseTo(naiveDensity(a, b), 6);
    }
  });

  it('gives the only point a kernel as wide as its distance to the farther end', () => {
    const axes = axesOf(parseSpace({ a: { type: 'uniform', low: 0, high: 1 } }));
    const estimator = new ParzenEstimator([Float64Array.of(0.4)], axes);
    const kernel = normal(0.7, 0.4, 0.6) / 0.6 / normalMass(-0.4 / 0.6, 0.6 / 0.6);
    const prior = normal(0.7, 0.5, 1) / normalMass(-0.5, 0.5);
    const density = (kernel + prior) / 2 / Math.sqrt(2 * Math.PI);
    expect(Math.exp(estimator.logDensity(Float64Array.of(0.7)))).toBeCloseTo(density, 12);
  });

  it('equals the prior without points', () => {
    const estimator = new ParzenEstimator([], axesOf(parseSpace({ b: { type: 'choice', options: [1, 2] } })));
    expect(Math.exp(estimator.logDensity(Float64Array.of(0)))).toBeCloseTo(1 / 2, 12);
  });

  it('draws values together that were observed together', () => {
    const corners = Array.from({ length: 30 }, (_, n) => Float64Array.of(n % 2 ? 0.9 : 0.1, n % 2 ? 2 : 0));
    const estimator = new ParzenEstimator(corners, axesOf(plane));
    const stream = new RandomStream(1, 'test.parzen');
    const draws = Array.from({ length: 1000 }, () => estimator.draw(stream));
    const together = draws.filter(([a, b]) => (a < 0.5 && b === 0) || (a > 0.5 && b === 2));
    expect(together.length).toBeGreaterThan(800);
  });
});

function axisOf(parameter: unknown) {
  return axesOf(parseSpace({ x: parameter }))[0];
}

describe('gaussianKernels', () => {
  const axis = axisOf({ type: 'uniform', low: 0, high: 4 }) as NumberAxis;
  const kernels = gaussianKernels(axis, Float64Array.of(1), Float64Array.of(0.5));

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

describe('normalCdf', () => {
  // From tables with at least 16 digits.
  it.each([
    [0, 0.5],
    [1, 0.8413447460685429],
    [-2, 0.02275013194817921],
    [-3, 0.0013498980316300946],
    [-5, 2.866515718791939e-7],
    [-10, 7.61985302416052e-24],
    [3, 0.9986501019683699],
  ])('of %d is %d', (x, expected) => {
    expect(Math.abs(normalCdf(x) / expected - 1)).toBeLessThan(1e-12);
  });

  it('increases, even at the switch from series to continued fraction', () => {
    fc.assert(
      fc.property(fc.double({ min: -8, max: 8, noNaN: true }), (x) => {
        expect(normalCdf(x)).toBeLessThanOrEqual(normalCdf(x + 1e-6));
      }),
    );
  });
});

it('normalMass is the same on both sides, in the tails too', () => {
  expect(normalMass(1, 2)).toBe(normalMass(-2, -1));
  const tail = normalMass(9, 10);
  expect(Math.abs(tail / (normalCdf(-9) - normalCdf(-10)) - 1)).toBeLessThan(1e-12);
  expect(tail).toBeGreaterThan(0);
});
