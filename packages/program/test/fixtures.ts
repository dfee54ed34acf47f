import { type Graph, ProgramBuilder, type Tensor } from '@gru4rec/program';
import fc from 'fast-check';

/** A builder, and a function that adds inputs of given shapes with fresh names. */
export function builder(): {
  b: ProgramBuilder;
  f32: (rows: number, cols: number) => Tensor;
  i32: (rows: number) => Tensor;
} {
  const b = new ProgramBuilder('test');
  let inputs = 0;
  return {
    b,
    f32: (rows, cols) => b.input(`x${inputs++}`, { dtype: 'f32', rows, cols }),
    i32: (rows) => b.input(`x${inputs++}`, { dtype: 'i32', rows, cols: 1 }),
  };
}

/** Σ w ∘ y with different weights per element, so that a misplaced gradient is detected. */
export function weightedSum(g: Graph, y: Tensor): Tensor {
  let rows = g.constant(1, 1, y.cols);
  for (let r = 1; r < y.rows; r++) rows = g.concat(rows, g.constant(1 + r / 3, 1, y.cols));
  let cols = g.constant(1, 1, 1);
  for (let c = 1; c < y.cols; c++) cols = g.concat(cols, g.constant(1 - c / 5, 1, 1));
  const weights = g.stopGradient(g.multiply(rows, g.transpose(cols)));
  return g.sum(g.sum(g.multiply(y, weights), 1), 0);
}

/** Seeded values in [−1, 1] that are exact in float32. */
export function uniform(length: number, seed: number): Float32Array {
  const steps = fc.noBias(fc.integer({ min: -(2 ** 20), max: 2 ** 20 }));
  return Float32Array.from(fc.sample(steps, { seed, numRuns: length }), (n) => n / 2 ** 20);
}
