import type { RandomStream } from '@gru4rec/random';
import type { Axis, NumberAxis } from './axis.ts';
import { choiceKernels, gaussianKernels, type Kernels } from './kernels.ts';

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
  /** n + 1 */
  readonly #count: number;
  readonly #logTerms: Float64Array;

  /**
   * @param points - [n] arrays of [d] positions, n ≥ 0. Copied.
   * @param axes - [d].
   */
  constructor(points: readonly Float64Array[], axes: readonly Axis[]) {
    this.#count = points.length + 1;
    this.#logTerms = new Float64Array(this.#count);
    this.#kernels = axes.map((axis, d) => {
      const column = Float64Array.from(points, (point) => point[d]);
      if (axis.kind === 'choice') return choiceKernels(axis, column, axis.count / this.#count);
      return gaussianKernels(axis, column, widthsOf(axis, column));
    });
  }

  /** Draws a point. @returns [d] positions, a new array. */
  draw(stream: RandomStream): Float64Array {
    const k = stream.nextBelow(this.#count);
    return Float64Array.from(this.#kernels, (kernels) => kernels.draw(k, stream));
  }

  /** @param point - [d] positions of values. @returns log p(point). */
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
 * Standard deviations of the kernels, smaller where points are close together (Bergstra et al. 2011, section 4.2).
 *
 * @returns [n], a new array. A point's is the distance to the farther of its neighbours, or to the farther end of the
 *   axis if it is the only point; at least `length / min(n + 2, 100)`, and at most `length`.
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
