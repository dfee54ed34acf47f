import type { Runtime } from '@gru4rec/program';
import { RandomStream } from '@gru4rec/random';
import { logSupport } from '@gru4rec/sampler';
import type { ModelConfig } from '../config.ts';

/** How first values are drawn. */
export type Initialization = Pick<ModelConfig, 'seed' | 'sigma' | 'initAsNormal'>;

/** Extents of a variable. */
interface Shape {
  readonly rows: number;
  readonly cols: number;
}

/** Numbers drawn before they are handed to the engine: a table as a whole may not fit beside it. */
const DRAWN_AT_ONCE = 1 << 18;

/** Matrices and tables, whatever their extents; the others are biases. */
const MATRIX = /(^|\.)[WUE][^.]*$/;

/**
 * Writes the first values of all variables: each matrix and table uniform in ±σ, or normal with standard
 * deviation σ for `initAsNormal`, where σ = `sigma`, or √(6 / (rows + columns)) for `sigma` 0 (Glorot 2010), from
 * a random stream of its own, so that adding a layer changes no other; biases, that of the LSTM's forget gate
 * among them, and optimiser slots 0; `logSupport` as the dataset has it.
 */
export function initializeVariables(
  runtime: Runtime,
  support: Int32Array,
  initialization: Initialization,
): void {
  for (const { name, kind, rows, cols } of runtime.variables) {
    if (kind === 'constant' && name === 'logSupport') {
      runtime.write(name, logSupport(support, new Float64Array(rows)));
      continue;
    }
    if ((kind !== 'parameter' && kind !== 'table') || !MATRIX.test(name)) continue;
    const random = new RandomStream(initialization.seed, `model.initialize.${name}`);
    const scale = scaleOf({ rows, cols }, initialization);
    const most = Math.ceil(DRAWN_AT_ONCE / cols);
    for (let row = 0; row < rows; row += most) {
      runtime.write(name, drawValues(random, Math.min(most, rows - row) * cols, scale), row);
    }
  }
}

/**
 * First values of the rows that a table has grown by, as `initializeVariables` draws those of a table of its new
 * extents, but from a stream of their own, named for the first of them; 0 for biases.
 *
 * @param shape - of the grown table.
 * @param fromRow - the first new row.
 * @returns rows fromRow to rows − 1, row-major (fresh).
 */
export function drawRows(
  name: string,
  shape: Shape,
  fromRow: number,
  initialization: Initialization,
): Float32Array {
  const length = (shape.rows - fromRow) * shape.cols;
  if (!MATRIX.test(name)) return new Float32Array(length);
  const random = new RandomStream(initialization.seed, `model.grow.${fromRow}.${name}`);
  return drawValues(random, length, scaleOf(shape, initialization));
}

/** A distribution around 0: uniform in ±σ, or normal with standard deviation σ. */
interface Scale {
  readonly sigma: number;
  readonly normal: boolean;
}

function scaleOf({ rows, cols }: Shape, { sigma, initAsNormal }: Initialization): Scale {
  return { sigma: sigma === 0 ? Math.sqrt(6 / (rows + cols)) : sigma, normal: initAsNormal };
}

function drawValues(random: RandomStream, length: number, { sigma, normal }: Scale): Float32Array {
  const values = new Float32Array(length);
  for (let i = 0; i < length; i++) {
    values[i] = (normal ? random.nextNormal() : 2 * random.nextFloat() - 1) * sigma;
  }
  return values;
}
