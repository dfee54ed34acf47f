import { type AdaptiveOptions, createOptimizer, type DescentOptions, type Optimizer } from './optimizer.ts';

/** Adagrad: acc' = acc + g², d = g / √(acc' + ε)        (Duchi 2011; ε inside the root and momentum as in GRU4Rec) */
export function adagrad(options: DescentOptions & AdaptiveOptions<never> = {}): Optimizer {
  const { momentum = 0, weightDecay = 0, epsilon = 1e-6 } = options;
  return createOptimizer({
    name: 'adagrad',
    momentum,
    weightDecay,
    constants: { epsilon },
    slots: ['acc'],
    scalars: [],
    adapt(g, gradient, { acc, learningRate }) {
      const next = g.add(acc, g.multiply(gradient, gradient));
      const scaled = g.divide(g.multiply(gradient, learningRate), g.sqrt(g.affine(next, 1, epsilon)));
      return { scaled, next: { acc: next } };
    },
  });
}
