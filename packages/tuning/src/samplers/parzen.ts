import type { RandomStream } from '@gru4rec/random';
import type { Axis, NumberAxis } from './axis.ts';
import { choiceKernels, gaussianKernels, type Kernels } from './kernels.ts';

/** The narrowest of n kernels is the axis divided by n + 2, or by this. */
const MOST_CELLS = 100;

/**
 * Parzen estimator of points: a mixture of n kernels around them and one of a prior, all of equal weight.
 *
 * p(x) = Σₖ Πₐ pₖₐ(xₐ) / (n + 1)      (Bergstra et al. 2011, NeurIPS 24, section 4; Watanabe 2023, arXiv:2304.11127)
 *
 * A kernel is the product over the axes, so that values which were good together are drawn together.
 */
export class ParzenEstimator {
  readonly #kernels: readonly Kernels[];
  /** n + 1 */
  readonly #count: number;
  readonly #logTerms: Float64Array;

  /**
   * @param points - [n] of [d] positions each, n ≥ 0.
   * @param axes - [d]
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

  /** Draws a point. @returns [d] positions (fresh). */
  draw(stream: RandomStream): Float64Array {
    const k = stream.nextBelow(this.#count);
    return Float64Array.from(this.#kernels, (kernels) => kernels.draw(k, stream));
  }

  /** @param point - [d] positions of values. @returns log p(point). */
  logDensity(point: Float64Array): number {
    const terms = this.#logTerms;
    let greatest = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < terms.length; k++) {
      let sum = 0;
      for (let d = 0; d < point.length; d++) sum += this.#kernels[d].logDensity(k, point[d]);
      terms[k] = sum;
      greatest = Math.max(greatest, sum);
    }
    let sum = 0;
    for (const term of terms) sum += Math.exp(term - greatest);
    return greatest + Math.log(sum / terms.length);
  }
}

/**
 * Where points lie close, their kernels are narrow (Bergstra et al. 2011, section 4.2).
 *
 * @returns [n] standard deviations (fresh): the distance to the farther of the two neighbours; of the outer points, to
 *   the only one; of a point alone, to the farther end. At least `length / min(n + 2, 100)`.
 */
function widthsOf({ low, high }: NumberAxis, centers: Float64Array): Float64Array {
  const n = centers.length;
  const length = high - low;
  const least = length / Math.min(MOST_CELLS, n + 2);
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
