import { RandomStream } from '@gru4rec/random';
import { describe, expect, it } from 'vitest';
import { axesOf } from '../../src/samplers/axis.ts';
import { normalDensity, normalMass } from '../../src/samplers/normal.ts';
import { ParzenEstimator } from '../../src/samplers/parzen.ts';
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

/** The mixture as defined, with normal integrals by the midpoint rule. */
function naiveDensity(a: number, b: number): number {
  const normal = (x: number, mean: number, sigma: number) => Math.exp(-(((x - mean) / sigma) ** 2) / 2);
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
    const normal = (x: number, mean: number, sigma: number) => normalDensity((x - mean) / sigma) / sigma;
    const kernel = normal(0.7, 0.4, 0.6) / normalMass(-0.4 / 0.6, 0.6 / 0.6);
    const prior = normal(0.7, 0.5, 1) / normalMass(-0.5, 0.5);
    expect(Math.exp(estimator.logDensity(Float64Array.of(0.7)))).toBeCloseTo((kernel + prior) / 2, 12);
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
