import type { RandomStream } from '@gru4rec/random';
import { type ChoiceAxis, drawPosition, type NumberAxis, snap } from './axis.ts';
import { normalMass } from './normal.ts';

/** Distributions over an axis: one per observation, k = 0 … n − 1, and the prior, k = n. */
export interface Kernels {
  /** Draws a position from distribution k. */
  readonly draw: (k: number, stream: RandomStream) => number;
  /** Logarithm of the density of distribution k; of its probability if the axis is discrete or a choice. */
  readonly logDensity: (k: number, position: number) => number;
}

const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

/**
 * Normal distributions around the observations, truncated to the axis. The prior is centred on the axis with the axis'
 * length as its standard deviation, which is nearly uniform.
 *
 * @param centers - [n] positions on the axis, copied.
 * @param widths - [n] standard deviations, copied.
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
 * Distributions over C options: a count of 1 for the observed option, and a count of `smoothing` shared by all. The
 * prior is uniform.
 *
 * P_k(c) = ([c = observed_k] + smoothing / C) / (1 + smoothing)
 *
 * @param observed - [n] indices of options, kept and not changed.
 */
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
