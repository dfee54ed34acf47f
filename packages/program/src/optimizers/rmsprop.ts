import {
  type AdaptiveOptions,
  createOptimizer,
  type DescentOptions,
  movingAverage,
  type Optimizer,
} from './optimizer.ts';

/** RMSprop: acc' = ρ·acc + (1 − ρ)·g², d = g / √(acc' + ε)      (Tieleman & Hinton 2012; ε inside the root) */
export function rmsprop(options: DescentOptions & AdaptiveOptions<'decay'>): Optimizer {
  const { decay, momentum = 0, weightDecay = 0, epsilon = 1e-6 } = options;
  return createOptimizer({
    name: 'rmsprop',
    momentum,
    weightDecay,
    constants: { decay, epsilon },
    slots: ['acc'],
    scalars: [],
    adapt(g, gradient, { acc, learningRate }) {
      const next = movingAverage(g, acc, g.multiply(gradient, gradient), decay);
      const scaled = g.divide(g.multiply(gradient, learningRate), g.sqrt(g.affine(next, 1, epsilon)));
      return { scaled, next: { acc: next } };
    },
  });
}
