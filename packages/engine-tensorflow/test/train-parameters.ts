import { adagrad, type Program, ProgramBuilder, type Tensor } from '@gru4rec/program';

/**
 * Trains `a` [2, 3], `b` [1, 2], `c` [3, 1] equally, and `d` [1, 1] with momentum: inputs `x` [1, 2] and `rate` [1, 1],
 * output `loss` [1, 1].
 */
export function trainParameters(): Program {
  const b = new ProgramBuilder('parameters');
  const x = b.input('x', { dtype: 'f32', rows: 1, cols: 2 });
  const rate = b.input('rate', { dtype: 'f32', rows: 1, cols: 1 });
  const parameter = (name: string, rows: number, cols: number): Tensor =>
    b.variable(name, 'parameter', rows, cols);
  const shifted = b.tanh(b.add(x, parameter('b', 1, 2)));
  const y = b.matmul(b.matmul(shifted, parameter('a', 2, 3)), parameter('c', 3, 1));
  const z = b.multiply(y, parameter('d', 1, 1));
  const loss = b.add(b.multiply(y, y), z);
  b.output('loss', loss);
  for (const [name, gradient] of b.gradients(loss)) {
    b.update(name, gradient, adagrad(name === 'd' ? { momentum: 0.5 } : {}), [rate]);
  }
  return b.build();
}
