import type { Program, Tensor } from '@gru4rec/program';
import type { ExportedModel } from './exported-model.ts';

/** Values of each parameter and table, row-major. */
export type ParameterValues = ReadonlyMap<string, Float32Array>;

/** What a protobuf message can hold, less room for everything but the tables. */
const MOST_BYTES = 2 ** 31 - 2 ** 20;

/** Name of a state that goes in, an identifier of most languages: `layer0_h`. */
export function stateName(variable: string): string {
  return variable.replaceAll('.', '_');
}

/** Name of the state that comes out, to be handed in with the next event: `layer0_h_next`. */
export function nextName(variable: string): string {
  return `${stateName(variable)}_next`;
}

/**
 * Parameters and tables of a model that becomes one ONNX file.
 * @throws RangeError if they are 2 GiB or more.
 */
export function parametersOf({ tensors }: ExportedModel): ParameterValues {
  const parameters = new Map(tensors.map(({ name, values }) => [name, values]));
  const bytes = [...parameters.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (bytes <= MOST_BYTES) return parameters;
  const gibibytes = (bytes / 2 ** 30).toFixed(1);
  throw new RangeError(
    `toOnnx: parameters expected less than 2 GiB, all that an ONNX file holds, got ${gibibytes} GiB. Export safetensors.`,
  );
}

/** Name of an input, in the style of the states: `click_features`. */
export function inputName(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Whether an input has the last items or the features of each slot: a matrix, also of one column. Other indices are vectors. */
export function isMatrix({ nodes }: Program, { id }: Tensor): boolean {
  return nodes.some(({ op, inputs }) => (op === 'add-repeats' || op === 'add-rows') && inputs[2]?.id === id);
}
