import type { RandomStream } from '@gru4rec/random';
import { type ChoiceAxis, drawPosition, type NumberAxis, snap } from './axis.ts';
import { normalMass } from './normal.ts';

/** One distribution over an axis for each of n observations, and a last one, the prior's. */
export interface Kernels {
  /** Draws a position from distribution k. */
  readonly draw: (k: number, stream: RandomStream) => number;
  /** Logarithm of the density of distribution k, or of its probability where the axis has cells or options. */
  readonly logDensity: (k: number, position: number) => number;
}

const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

/**
 * Normal distributions around the observations, cut off at the ends of the axis.
 *
 * @param centers - [n] positions on the axis. Read only, kept.
 * @param widths - [n] standard deviations. Read only, kept.
 * The prior is around the middle and as wide as the axis, which is nearly uniform.
 */
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

/**
 * Distributions over options: the observed one counts 1, and all share a count of `smoothing`.
 *
 * P_k(c) = ([c = observed_k] + smoothing / C) / (1 + smoothing)
 *
 * @param observed - [n] indexes of options. Read only, kept.
 * The prior is uniform.
 */
export function choiceKernels(axis: ChoiceAxis, observed: Float64Array, smoothing: number): Kernels {
  const share = smoothing / axis.count / (1 + smoothing);
  const seen = 1 / (1 + smoothing);
  return {
    draw: (k, stream) =>
      k < observed.length && stream.nextFloat() < seen ? observed[k] : drawPosition(axis, stream),
    logDensity: (k, position) => {
      if (k === observed.length) return -Math.log(axis.count);
      return Math.log(share + (observed[k] === position ? seen : 0));
    },
  };
}
