import { composeRegion, type Optimizer, type Shape } from '@gru4rec/program';

const scalar: Shape = { dtype: 'f32', rows: 1, cols: 1 };

/** θ' = θ − η·g: an optimiser that no engine has a kernel for. */
export const sgd: Optimizer = {
  name: 'sgd',
  slots: [],
  compose: (ids, shape) =>
    composeRegion(ids, 'sgd', {}, [shape, shape, scalar], (g, value, gradient, rate) => [
      g.subtract(value!, g.multiply(gradient!, rate!)),
    ]),
};

/** v' = μ·v + g, θ' = θ − η·v'. */
export function momentumSgd(momentum: number): Optimizer {
  return {
    name: 'momentum-sgd',
    slots: ['velocity'],
    compose: (ids, shape) =>
      composeRegion(
        ids,
        'momentum-sgd',
        { momentum },
        [shape, shape, shape, scalar],
        (g, value, gradient, velocity, rate) => {
          const next = g.add(g.affine(velocity!, momentum, 0), gradient!);
          return [g.subtract(value!, g.multiply(next, rate!)), next];
        },
      ),
  };
}

/** θ' = θ − η·g / ‖g‖₁ over all touched rows, and a slot that keeps the value before. */
export const normalizedSgd: Optimizer = {
  name: 'normalized-sgd',
  slots: ['before'],
  compose: (ids, shape) =>
    composeRegion(
      ids,
      'normalized-sgd',
      {},
      [shape, shape, shape, scalar],
      (g, value, gradient, _before, rate) => {
        const magnitude = g.add(g.relu(gradient!), g.relu(g.affine(gradient!, -1, 0)));
        const norm = g.sum(g.sum(magnitude, 1), 0);
        return [g.subtract(value!, g.divide(g.multiply(gradient!, rate!), norm)), value!];
      },
    ),
};
