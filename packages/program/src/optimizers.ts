import { composeRegion, type IdSource } from './graph.ts';
import type { Region, Shape } from './tensor.ts';

/** An optimiser as a forward program over one value and its gradient. */
export interface Optimizer {
  readonly name: string;
  /** Suffixes of the state it keeps for each variable, each of the variable's shape, starting at 0. */
  readonly slots: readonly string[];
  /** The update region [value, gradient, ...slots, learningRate] → [value', ...slots'] for one shape. */
  compose(ids: IdSource, shape: Shape): Region;
}

/**
 * Adagrad with momentum (Duchi 2011; momentum as in GRU4Rec):
 * acc' = acc + g², mom' = μ·mom − η·g / √(acc' + ε), θ' = θ + mom'.
 *
 * @param options.momentum - μ in [0, 1).
 * @param options.epsilon - ε inside the root, 1e-6 by default.
 */
export function adagrad(options: { momentum: number; epsilon?: number }): Optimizer {
  const { momentum, epsilon = 1e-6 } = options;
  const slots = momentum > 0 ? ['acc', 'mom'] : ['acc'];
  return {
    name: 'adagrad',
    slots,
    compose(ids, shape) {
      const scalar: Shape = { dtype: 'f32', rows: 1, cols: 1 };
      const inputs = [shape, shape, ...slots.map(() => shape), scalar];
      return composeRegion(
        ids,
        'adagrad',
        { momentum, epsilon },
        inputs,
        (g, value, gradient, acc, ...rest) => {
          const [velocity, learningRate] = momentum > 0 ? rest : [undefined, rest[0]];
          if (!value || !gradient || !acc || !learningRate) throw new RangeError('adagrad: too few inputs');
          const newAcc = g.add(acc, g.multiply(gradient, gradient));
          const scaled = g.divide(g.multiply(gradient, learningRate), g.sqrt(g.affine(newAcc, 1, epsilon)));
          if (!velocity) return [g.subtract(value, scaled), newAcc];
          const newVelocity = g.subtract(g.affine(velocity, momentum, 0), scaled);
          return [g.add(value, newVelocity), newAcc, newVelocity];
        },
      );
    },
  };
}
