import type { Runtime } from '@gru4rec/program';
import { RandomStream } from '@gru4rec/random';
import { logSupport } from '@gru4rec/sampler';
import type { ModelConfig } from '../config.ts';
import { CLICK_TABLE } from '../programs/click-features.ts';
import { featureTable } from '../programs/item-features.ts';

export type Initialization = Pick<ModelConfig, 'seed' | 'sigma' | 'initAsNormal'> &
  Partial<Pick<ModelConfig, 'itemFeatureScale' | 'clickFeatureScale'>>;

interface Shape {
  readonly rows: number;
  readonly cols: number;
}

/** Numbers drawn at once. A second copy of a whole table may not fit into memory. */
const DRAWN_AT_ONCE = 1 << 18;

/** Names of matrices and tables. The other variables are biases. */
const MATRIX = /(^|\.)[WUE][^.]*$/;

/**
 * Writes the first values of all variables.
 *
 * Matrices and tables are uniform in ±σ, or normal with standard deviation σ for `initAsNormal`, where σ = `sigma`, or
 * √(6 / (rows + columns)) for `sigma` 0 (Glorot 2010). Each has its own random stream, so that another layer does not
 * change it. Rows of features are scaled by `itemFeatureScale` and `clickFeatureScale`. Biases, also of the LSTM's
 * forget gate, and optimiser slots are 0. `logSupport` comes from the dataset.
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
    const { sigma, normal } = scaleOf({ rows, cols }, initialization);
    const scale = { sigma: shareOf(name, initialization) * sigma, normal };
    const most = Math.ceil(DRAWN_AT_ONCE / cols);
    for (let row = 0; row < rows; row += most) {
      runtime.write(name, drawValues(random, Math.min(most, rows - row) * cols, scale), row);
    }
  }
}

function shareOf(name: string, { itemFeatureScale = 1, clickFeatureScale = 1 }: Initialization): number {
  if (name === CLICK_TABLE) return clickFeatureScale;
  return name.startsWith(featureTable('')) ? itemFeatureScale : 1;
}

/** First values of the rows of a table that has grown, from `fromRow` on: those of `drawRow`, row-major. */
export function drawRows(
  name: string,
  { rows, cols }: Shape,
  fromRow: number,
  initialization: Initialization,
): Float32Array {
  const values = new Float32Array((rows - fromRow) * cols);
  if (!MATRIX.test(name)) return values;
  for (let row = fromRow; row < rows; row++) {
    values.set(drawRow(name, { row, cols }, initialization), (row - fromRow) * cols);
  }
  return values;
}

/**
 * First values of a new row of a table that has grown, as `initializeVariables` draws those of a table that ends with
 * the row. Each row has its own random stream, so that its values do not depend on the rows that were added with it.
 */
export function drawRow(
  name: string,
  { row, cols }: { readonly row: number; readonly cols: number },
  initialization: Initialization,
): Float32Array {
  if (!MATRIX.test(name)) return new Float32Array(cols);
  const random = new RandomStream(initialization.seed, `model.row.${row}.${name}`);
  return drawValues(random, cols, scaleOf({ rows: row + 1, cols }, initialization));
}

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
