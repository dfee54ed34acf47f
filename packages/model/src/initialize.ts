import type { Runtime } from '@gru4rec/program';
import { RandomStream } from '@gru4rec/random';
import { logSupport } from '@gru4rec/sampler';

/** Matrices and tables, whatever their extents; the others are biases. */
const MATRIX = /(^|\.)[WUE][^.]*$/;

/**
 * Writes the first values of all variables: each matrix and table uniform in ±√(6 / (rows + columns))
 * (Glorot 2010), from a random stream of its own, so that adding a layer changes no other; biases and optimiser
 * slots 0; `logSupport` as the dataset has it.
 */
export function initializeVariables(runtime: Runtime, support: Int32Array, seed: number): void {
  for (const { name, kind, rows, cols } of runtime.variables) {
    if (kind === 'constant' && name === 'logSupport') {
      runtime.write(name, logSupport(support, new Float64Array(rows)));
      continue;
    }
    if ((kind !== 'parameter' && kind !== 'table') || !MATRIX.test(name)) continue;
    const random = new RandomStream(seed, `model.initialize.${name}`);
    const bound = Math.sqrt(6 / (rows + cols));
    const values = new Float32Array(rows * cols);
    for (let i = 0; i < values.length; i++) values[i] = (2 * random.nextFloat() - 1) * bound;
    runtime.write(name, values);
  }
}
