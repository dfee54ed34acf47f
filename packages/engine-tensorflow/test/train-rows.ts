import { adagrad, type Program, ProgramBuilder } from '@gru4rec/program';

/** Trains two rows of a table of 50 by Σ rows², with momentum: input `items` i32 [2, 1], output `loss` [1, 1]. */
export function trainRows(): Program {
  const b = new ProgramBuilder('train');
  const items = b.input('items', { dtype: 'i32', rows: 2, cols: 1 });
  const rows = b.gather(b.variable('table', 'table', 50, 3), items);
  const loss = b.sum(b.sum(b.multiply(rows, rows), 1), 0);
  b.output('loss', loss);
  for (const [name, gradient] of b.gradients(loss)) {
    b.update(name, gradient, adagrad({ momentum: 0.2 }), [b.constant(0.1)]);
  }
  return b.build();
}
