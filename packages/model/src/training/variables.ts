import {
  type Runtime,
  type RuntimeArray,
  sharedVariables,
  type Variable,
  type VariableKind,
} from '@gru4rec/program';
import type { ModelConfig } from '../config.ts';
import { buildTrainProgram } from '../programs/build-train-program.ts';
import type { NamedTensor, SnapshotTensor } from '../storage/stored-tensor.ts';
import { isValidationState } from './validation.ts';

/** What a trained model keeps: parameters, tables and optimiser slots. */
export const modelKinds: readonly VariableKind[] = ['parameter', 'table', 'slot'];

/** What training keeps for a number of items: shapes only, so nothing is allocated. Features of items are left out. */
export function trainedVariables(config: ModelConfig, itemCount: number): readonly Variable[] {
  const variables = sharedVariables([buildTrainProgram(config, itemCount)]);
  return variables.filter(({ kind }) => modelKinds.includes(kind));
}

/** What changes from step to step: hidden states too. */
export const snapshotKinds: readonly VariableKind[] = [...modelKinds, 'state'];

/**
 * Takes the values of a runtime's variables.
 *
 * @param take - gives the values of a variable, such as `runtime.read(name)`.
 * @throws RangeError if a value is not finite, hidden states apart: no loss has seen what the last step wrote.
 */
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

/** The same array if it is float32, else a rounded copy. */
export function inFloat32(values: RuntimeArray): Float32Array {
  return values instanceof Float32Array ? values : Float32Array.from(values);
}

/** The same array if it holds floats, else a copy in float64. */
export function inFloats(values: RuntimeArray): Float32Array | Float64Array {
  return values instanceof Int32Array ? Float64Array.from(values) : values;
}

function allFinite(values: Float32Array | Float64Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

/**
 * Writes the tensors of a snapshot into a runtime of the same training programs. The states of a validation are left
 * out: a resumed run may validate other sessions, or none.
 *
 * @throws RangeError naming a variable that the snapshot lacks or has in another shape.
 */
export function restoreVariables(runtime: Runtime, tensors: readonly SnapshotTensor[]): void {
  const found = new Map(tensors.map((t) => [t.name, t]));
  for (const { name, kind, rows, cols } of runtime.variables) {
    if (!snapshotKinds.includes(kind) || isValidationState(name)) continue;
    const tensor = found.get(name);
    if (tensor?.rows !== rows || tensor.cols !== cols) {
      const got = tensor ? `[${tensor.rows}, ${tensor.cols}]` : 'none';
      throw new RangeError(
        `train: "resume" expected "${name}" [${rows}, ${cols}], got ${got}. Train from the start.`,
      );
    }
    runtime.write(name, tensor.values);
  }
}
