import type { RandomStream } from '@gru4rec/random';
import { type Axis, type ChoiceAxis, drawPosition, type NumberAxis, snap } from './axis.ts';

/** Bounds the kernels of many points from below: none is narrower than this part of the axis. */
const MAX_CELLS = 100;

/**
 * Parzen estimator of the density of n points: a mixture of one kernel per point and a prior, with equal weights.
 *
 * p(x) = Σₖ Πₐ pₖₐ(xₐ) / (n + 1)      (Bergstra et al. 2011, NeurIPS 24, section 4; Watanabe 2023, arXiv:2304.11127)
 *
 * A kernel is a product over the axes, so that values that were good together are drawn together.
 */
export class ParzenEstimator {
  readonly #kernels: readonly Kernels[];
  readonly #count: number;
  readonly #logTerms: Float64Array;

  /** @param points - [n] arrays of [d] positions, n ≥ 0. Copied. */
  constructor(points: readonly Float64Array[], axes: readonly Axis[]) {
    this.#count = points.length + 1;
    this.#logTerms = new Float64Array(this.#count);
    this.#kernels = axes.map((axis, d) => {
      const column = Float64Array.from(points, (point) => point[d]);
      if (axis.kind === 'choice') return choiceKernels(axis, column, axis.count / this.#count);
      return gaussianKernels(axis, column, widthsOf(axis, column));
    });
  }

  draw(stream: RandomStream): Float64Array {
    const k = stream.nextBelow(this.#count);
    return Float64Array.from(this.#kernels, (kernels) => kernels.draw(k, stream));
  }

  logDensity(point: Float64Array): number {
    const terms = this.#logTerms;
    let max = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < terms.length; k++) {
      let sum = 0;
      for (let d = 0; d < point.length; d++) sum += this.#kernels[d].logDensity(k, point[d]);
      terms[k] = sum;
      max = Math.max(max, sum);
    }
    let sum = 0;
    for (const term of terms) sum += Math.exp(term - max);
    return max + Math.log(sum / terms.length);
  }
}

/**
 * [n] standard deviations of the kernels (Bergstra et al. 2011, section 4.2): the distance to the farther neighbour, or to the
 * farther end of the axis for a single point, within `length / min(n + 2, 100)` and `length`.
 */
function widthsOf({ low, high }: NumberAxis, centers: Float64Array): Float64Array {
  const n = centers.length;
  const length = high - low;
  const least = length / Math.min(MAX_CELLS, n + 2);
  if (n === 1) return Float64Array.of(Math.max(centers[0] - low, high - centers[0]));
  const order = Array.from(centers.keys()).sort((a, b) => centers[a] - centers[b]);
  const widths = new Float64Array(n);
  for (const [rank, k] of order.entries()) {
    const left = rank > 0 ? centers[k] - centers[order[rank - 1]] : 0;
    const right = rank < n - 1 ? centers[order[rank + 1]] - centers[k] : 0;
    widths[k] = Math.min(Math.max(left, right, least), length);
  }
  return widths;
}

/** Distributions over an axis: one per observation k < n, and the prior, k = n. */
export interface Kernels {
  readonly draw: (k: number, stream: RandomStream) => number;
  /** Logarithm of the density of distribution k; of its probability if the axis is discrete or a choice. */
  readonly logDensity: (k: number, position: number) => number;
}

const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

/** Normal distributions around the observations [n], truncated to the axis. The deviation of the prior is the axis' length. */
export function gaussianKernels(axis: NumberAxis, centers: Float64Array, widths: Float64Array): Kernels {
  const { low, high } = axis;
  const means = Float64Array.of(...centers, (low + high) / 2);
  const sigmas = Float64Array.of(...widths, high - low);
  const logMasses = means.map((mean, k) =>
    Math.log(normalMass((low - mean) / sigmas[k], (high - mean) / sigmas[k])),
  );
  return {
    draw: (k, stream) => {
      let position = means[k] + sigmas[k] * stream.nextNormal();
      while (position < low || position > high) position = means[k] + sigmas[k] * stream.nextNormal();
      return snap(axis, position);
    },
    logDensity: (k, position) => {
      const sigma = sigmas[k];
      if (axis.discrete) {
        const [lower, upper] = axis.cellAt(position);
        return Math.log(normalMass((lower - means[k]) / sigma, (upper - means[k]) / sigma)) - logMasses[k];
      }
      const z = (position - means[k]) / sigma;
      return -0.5 * z * z - Math.log(sigma) - HALF_LOG_TWO_PI - logMasses[k];
    },
  };
}

/** P_k(c) = ([c = observed_k] + smoothing / C) / (1 + smoothing) over C options; the prior is uniform. `observed` [n] is kept. */
export function choiceKernels(axis: ChoiceAxis, observed: Float64Array, smoothing: number): Kernels {
  const share = smoothing / axis.count / (1 + smoothing);
  const observedMass = 1 / (1 + smoothing);
  return {
    draw: (k, stream) =>
      k < observed.length && stream.nextFloat() < observedMass ? observed[k] : drawPosition(axis, stream),
    logDensity: (k, position) => {
      if (k === observed.length) return -Math.log(axis.count);
      return Math.log(share + (observed[k] === position ? observedMass : 0));
    },
  };
}

const SERIES_END = 3;
const FRACTION_TERMS = 120;

function normalDensity(x: number): number {
  return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
}

/** Φ(upper) − Φ(lower), without cancellation in the tails; lower ≤ upper, and either may be infinite. */
export function normalMass(lower: number, upper: number): number {
  if (lower > 0) return normalMass(-upper, -lower);
  return normalCdf(upper) - normalCdf(lower);
}

/**
 * Φ(x) to 14 digits; for x < 0 the error is relative to Φ(x).
 *
 * Φ(x) = ½ + φ(x) (x + x³/3 + x⁵/(3·5) + …)   for |x| < 3    (Marsaglia 2004, J. Stat. Software 11(4))
 * Φ(−x) = φ(x) / (x + 1/(x + 2/(x + 3/(x + …))))   beyond     (Laplace's continued fraction)
 */
export function normalCdf(x: number): number {
  if (x >= SERIES_END) return 1 - normalCdf(-x);
  if (x === Number.NEGATIVE_INFINITY) return 0;
  return x > -SERIES_END ? 0.5 + normalDensity(x) * series(x) : normalDensity(x) / fraction(-x);
}

function series(x: number): number {
  let sum = x;
  let previous = 0;
  for (let term = x, n = 3; sum !== previous; n += 2) {
    previous = sum;
    term *= (x * x) / n;
    sum += term;
  }
  return sum;
}

function fraction(x: number): number {
  let value = x;
  for (let n = FRACTION_TERMS; n > 0; n--) value = x + n / value;
  return value;
}
