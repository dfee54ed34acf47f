import { type AdaptiveOptions, createOptimizer, movingAverage, type Optimizer } from './optimizer.ts';

/**
 * Adam: m' = β₁·m + (1 − β₁)·g, v' = β₂·v + (1 − β₂)·g², d = m̂ / (√v̂ + ε) with m̂ = m' / (1 − β₁ᵗ) and
 * v̂ = v' / (1 − β₂ᵗ)                                            (Kingma & Ba 2014, arXiv:1412.6980, algorithm 1)
 *
 * The step t counts the steps of the run, not those in which a row was touched. Weight decay is that of AdamW
 * (Loshchilov 2017, arXiv:1711.05101).
 */
export function adam(options: AdaptiveOptions<'beta1' | 'beta2'>): Optimizer {
  const { beta1, beta2, weightDecay = 0, epsilon = 1e-8 } = options;
  return createOptimizer({
    name: 'adam',
    momentum: 0,
    weightDecay,
    constants: { beta1, beta2, epsilon },
    slots: ['m', 'v'],
    scalars: ['firstMomentScale', 'secondMomentScale'],
    scalarsAt: (step) => adamScales(beta1, beta2, step),
    adapt(g, gradient, { m, v, learningRate, firstMomentScale, secondMomentScale }) {
      const nextM = movingAverage(g, m, gradient, beta1);
      const nextV = movingAverage(g, v, g.multiply(gradient, gradient), beta2);
      const mean = g.multiply(nextM, firstMomentScale);
      const root = g.multiply(g.sqrt(nextV), secondMomentScale);
      const scaled = g.divide(g.multiply(mean, learningRate), g.affine(root, 1, epsilon));
      return { scaled, next: { m: nextM, v: nextV } };
    },
  });
}

function adamScales(
  beta1: number,
  beta2: number,
  t: number,
): { readonly firstMomentScale: number; readonly secondMomentScale: number } {
  if (!(t >= 1)) throw new RangeError(`adam: expected a step from 1, got ${t}`);
  return { firstMomentScale: 1 / (1 - beta1 ** t), secondMomentScale: 1 / Math.sqrt(1 - beta2 ** t) };
}
