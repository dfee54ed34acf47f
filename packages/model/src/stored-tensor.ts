import type { Runtime, Variable, VariableKind } from '@gru4rec/program';

/** A named value of a trained model, row-major float32. */
export interface StoredTensor {
  readonly name: string;
  readonly kind: VariableKind;
  readonly rows: number;
  readonly cols: number;
  readonly values: Float32Array;
}

/**
 * Copies of everything that a trained model keeps: parameters, tables and optimiser slots.
 * @throws RangeError if one is not finite: no loss has seen what the last step wrote.
 */
export function storedTensors(runtime: Runtime): StoredTensor[] {
  const kept = (v: Variable): boolean => v.kind === 'parameter' || v.kind === 'table' || v.kind === 'slot';
  return runtime.variables.filter(kept).map(({ name, kind, rows, cols }) => {
    const values = Float32Array.from(runtime.read(name));
    if (!values.every(Number.isFinite)) {
      throw new RangeError(
        `train: "${name}" holds NaN or infinity after the last step. Lower learningRate or momentum.`,
      );
    }
    return { name, kind, rows, cols, values };
  });
}
