import {
  type Runtime,
  type RuntimeArray,
  sharedVariables,
  type Variable,
  type VariableKind,
} from '@gru4rec/program';
import { RandomStream } from '@gru4rec/random';
import { logSupport } from '@gru4rec/sampler';
import type { ModelConfig } from '../config.ts';
import { buildTrainProgram } from '../programs/build-train-program.ts';
import { CLICK_TABLE } from '../programs/click-features.ts';
import { featureTable } from '../programs/item-features.ts';
import type { NamedTensor, SnapshotTensor } from '../storage/tensors.ts';
import { isValidationState } from './validation.ts';

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
 * Matrices and tables start uniform in ±σ, or normal with standard deviation σ for `initAsNormal`, where σ = `sigma`, or
 * √(6 / (rows + columns)) for `sigma` 0 (Glorot 2010). Each has its own random stream, so that another layer does not change it.
 * Rows of features are scaled by `itemFeatureScale` and `clickFeatureScale`. Biases, also of the LSTM's forget gate, and
 * optimiser slots are 0. `logSupport` comes from the dataset.
 */
export function initializeVariables(
  runtime: Runtime,
  support: Int32Array,
  initialization: Initialization,
): void {
  for (const { name, kind, rows, cols } of runtime.variables) {
    if (kind === 'constant' && name === 'logSupport') {
      runtime.write(name, logSupport(support));
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

/** First values of the rows of a table that has grown, from `fromRow` on. Each is from a stream of its own: no other row changes it. */
export function drawRows(
  name: string,
  { rows, cols }: Shape,
  fromRow: number,
  initialization: Initialization,
): Float32Array {
  const values = new Float32Array((rows - fromRow) * cols);
  if (!MATRIX.test(name)) return values;
  for (let row = fromRow; row < rows; row++) {
    const random = new RandomStream(initialization.seed, `model.row.${row}.${name}`);
    const scale = scaleOf({ rows: row + 1, cols }, initialization);
    values.set(drawValues(random, cols, scale), (row - fromRow) * cols);
  }
  return values;
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

export const modelKinds: readonly VariableKind[] = ['parameter', 'table', 'slot'];

/** What training keeps for a number of items: shapes only, so nothing is allocated. Features of items are left out. */
export function trainedVariables(config: ModelConfig, itemCount: number): readonly Variable[] {
  const variables = sharedVariables([buildTrainProgram(config, itemCount)]);
  return variables.filter(({ kind }) => modelKinds.includes(kind));
}

export const snapshotKinds: readonly VariableKind[] = [...modelKinds, 'state'];

/** Takes the values of a runtime's variables. Only hidden states may be not finite: no loss has seen the last step. */
export function copyVariables<Values extends Float32Array | Float64Array>(
  runtime: Runtime,
  kinds: readonly VariableKind[],
  take: (name: string) => Values,
): NamedTensor<Values>[] {
  const variables = runtime.variables.filter(({ kind }) => kinds.includes(kind));
  return variables.map(({ name, kind, rows, cols }) => {
    const values = take(name);
    if (kind !== 'state' && !allFinite(values)) {
      throw new RangeError(
        `train: "${name}" holds NaN or infinity after the last step. Lower learningRate or momentum.`,
      );
    }
    return { name, kind, rows, cols, values };
  });
}

export function inFloat32(values: RuntimeArray): Float32Array {
  return values instanceof Float32Array ? values : Float32Array.from(values);
}

export function inFloats(values: RuntimeArray): Float32Array | Float64Array {
  return values instanceof Int32Array ? Float64Array.from(values) : values;
}

function allFinite(values: Float32Array | Float64Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

/** Writes the tensors of a snapshot, but the states of a validation: a resumed run may validate other sessions. */
export function restoreVariables(runtime: Runtime, tensors: readonly SnapshotTensor[]): void {
  const byName = new Map(tensors.map((t) => [t.name, t]));
  for (const { name, kind, rows, cols } of runtime.variables) {
    if (!snapshotKinds.includes(kind) || isValidationState(name)) continue;
    const tensor = byName.get(name);
    if (tensor?.rows !== rows || tensor.cols !== cols) {
      const got = tensor ? `[${tensor.rows}, ${tensor.cols}]` : 'none';
      throw new RangeError(
        `train: "resume" expected "${name}" [${rows}, ${cols}], got ${got}. Train from the start.`,
      );
    }
    runtime.write(name, tensor.values);
  }
}

const averagedKinds: readonly VariableKind[] = ['parameter', 'table'];

export interface AverageState {
  readonly epochs: number;
  readonly tensors: readonly SnapshotTensor[];
}

/**
 * Mean of the parameters at the ends of a run's epochs, of which later ones count more:
 * θ̄_t = Σ_i β^(t−i) θ_i / Σ_i β^(t−i), i = 1…t          (Izmailov et al. 2018, arXiv:1803.05407, with weights β^(t−i))
 *
 * Only ends of epochs are averaged: with `sessionOrder: "time"` they have just seen the latest sessions.
 */
export class ParameterAverage {
  readonly #decay: number;
  #epochs = 0;
  #tensors: ReadonlyMap<string, SnapshotTensor> = new Map();

  constructor(decay: number) {
    this.#decay = decay;
  }

  /** Includes an epoch's parameters once: an epoch whose validation was interrupted ends twice. */
  add(epoch: number, runtime: Runtime): void {
    if (epoch <= this.#epochs) return;
    const read = copyVariables(runtime, averagedKinds, (name) => inFloats(runtime.read(name)));
    const share = (1 - this.#decay) / (1 - this.#decay ** epoch);
    for (const { name, values } of read) {
      const means = this.#tensors.get(name)?.values;
      for (const [i, mean] of means?.entries() ?? []) values[i] = mean + share * (values[i] - mean);
    }
    this.#epochs = epoch;
    this.#tensors = new Map(read.map((tensor) => [tensor.name, tensor]));
  }

  /** The average of a variable, not to be written to and never changed; undefined for what is not averaged. */
  values(name: string): SnapshotTensor['values'] | undefined {
    return this.#tensors.get(name)?.values;
  }

  writeTo(runtime: Runtime): void {
    for (const { name } of runtime.variables) {
      const values = this.values(name);
      if (values) runtime.write(name, values);
    }
  }

  /** For `restore`; undefined before the end of the first epoch. Its tensors must not be written to. */
  state(): AverageState | undefined {
    return this.#epochs === 0 ? undefined : { epochs: this.#epochs, tensors: [...this.#tensors.values()] };
  }

  restore({ epochs, tensors }: AverageState): void {
    this.#epochs = epochs;
    this.#tensors = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  }
}
