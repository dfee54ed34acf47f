import { type AdaptiveOptions, createOptimizer, movingAverage, type Optimizer } from './optimizer.ts';

/**
 * Adadelta: acc' = ρ·acc + (1 − ρ)·g², d = g·√(acd + ε) / √(acc' + ε), acd' = ρ·acd + (1 − ρ)·d²
 *                                (Zeiler 2012, arXiv:1212.5701, algorithm 1; d is scaled by η, which is 1 there)
 */
export function adadelta(options: AdaptiveOptions<'decay'>): Optimizer {
  const { decay, weightDecay = 0, epsilon = 1e-6 } = options;
  return createOptimizer({
    name: 'adadelta',
    momentum: 0,
    weightDecay,
    constants: { decay, epsilon },
    slots: ['acc', 'acd'],
    scalars: [],
    adapt(g, gradient, { acc, acd, learningRate }) {
      const nextAcc = movingAverage(g, acc, g.multiply(gradient, gradient), decay);
      const lastSteps = g.sqrt(g.affine(acd, 1, epsilon));
      const gradients = g.sqrt(g.affine(nextAcc, 1, epsilon));
      const adapted = g.divide(g.multiply(gradient, lastSteps), gradients);
      const nextAcd = movingAverage(g, acd, g.multiply(adapted, adapted), decay);
      return { scaled: g.multiply(adapted, learningRate), next: { acc: nextAcc, acd: nextAcd } };
    },
  });
}
