import { createOptimizer, type DescentOptions, type Optimizer } from './optimizer.ts';

/** Gradient descent: d = g. */
export function sgd(options: DescentOptions = {}): Optimizer {
  const { momentum = 0, weightDecay = 0 } = options;
  return createOptimizer({
    name: 'sgd',
    momentum,
    weightDecay,
    constants: {},
    slots: [],
    scalars: [],
    adapt: (g, gradient, { learningRate }) => ({ scaled: g.multiply(gradient, learningRate), next: {} }),
  });
}
