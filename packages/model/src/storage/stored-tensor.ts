import type { Runtime, RuntimeArray, Variable, VariableKind } from '@gru4rec/program';

/** A named value of a trained model, row-major float32. */
export interface StoredTensor {
  readonly name: string;
  readonly kind: VariableKind;
  readonly rows: number;
  readonly cols: number;
  readonly values: Float32Array;
}

const kept = ({ kind }: Variable): boolean => kind === 'parameter' || kind === 'table' || kind === 'slot';

/**
 * Copies of everything that a trained model keeps: parameters, tables and optimiser slots.
 * @throws RangeError if one is not finite: no loss has seen what the last step wrote.
 */
export function storedTensors(runtime: Runtime): StoredTensor[] {
  return runtime.variables.filter(kept).map((v) => storedTensor(v, runtime.read(v.name)));
}

/** The same without copies where the engine has them so; the runtime must not be run afterwards. */
export function detachedTensors(runtime: Runtime): StoredTensor[] {
  return runtime.variables.filter(kept).map((v) => storedTensor(v, runtime.detach(v.name)));
}

function storedTensor({ name, kind, rows, cols }: Variable, array: RuntimeArray): StoredTensor {
  const values = array instanceof Float32Array ? array : Float32Array.from(array);
  if (values.every(Number.isFinite)) return { name, kind, rows, cols, values };
  throw new RangeError(
    `train: "${name}" holds NaN or infinity after the last step. Lower learningRate or momentum.`,
  );
}
