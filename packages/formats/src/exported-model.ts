import { createHash } from 'node:crypto';
import type { ItemIds } from '@gru4rec/dataset/ids';
import { type ClickVocabulary, type ModelConfig, type StoredTensor, withoutFeatures } from '@gru4rec/model';
import type { Program, Tensor } from '@gru4rec/program';

/** The parts of a model that exports read. A `Gru4Rec` has them, and so has the result of `readModel`. */
export interface ExportedModel {
  readonly config: ModelConfig;
  /** The caller's item ids by item index. */
  readonly itemIds: ItemIds;
  /** Parameters and tables. Slots of an optimiser are ignored. */
  readonly tensors: readonly StoredTensor[];
  /** Which values of clicks are features, with `clickFeatures`. */
  readonly clickVocabulary?: ClickVocabulary | undefined;
}

/** Items of a model with features have the composed rows, and no features. */
export function exportedParts({ config, itemIds, tensors, clickVocabulary }: ExportedModel): ExportedModel {
  const read = tensors.filter(({ kind }) => kind !== 'slot');
  return {
    config: { ...config, itemFeatures: [], itemVectors: [] },
    itemIds,
    tensors: withoutFeatures(read),
    clickVocabulary,
  };
}

const IDS_AT_ONCE = 1 << 14;

/** A JSON array in pieces of bytes, because the text for some ten million ids is too long for a V8 string. */
export function* idChunks(itemIds: ItemIds): Iterable<Uint8Array> {
  const encoder = new TextEncoder();
  for (let from = 0; from < itemIds.length; from += IDS_AT_ONCE) {
    const list = JSON.stringify(itemIds.slice(from, from + IDS_AT_ONCE)).slice(1, -1);
    yield encoder.encode(`${from === 0 ? '[' : ','}${list}`);
  }
  yield encoder.encode(itemIds.length === 0 ? '[]\n' : ']\n');
}

/** SHA-256 in hexadecimal. Readers check with it that a graph and a list of ids belong together. */
export function idsChecksum(itemIds: ItemIds): string {
  const hash = createHash('sha256');
  for (const chunk of idChunks(itemIds)) hash.update(chunk);
  return hash.digest('hex');
}

/** Row-major. */
export type ParameterValues = ReadonlyMap<string, Float32Array>;

/** What a protobuf message can hold, less room for everything but the tables. */
const MOST_BYTES = 2 ** 31 - 2 ** 20;

/** An identifier of most languages: `layer0_h`. */
export function stateName(variable: string): string {
  return variable.replaceAll('.', '_');
}

/** To be handed in with the next event: `layer0_h_next`. */
export function nextName(variable: string): string {
  return `${stateName(variable)}_next`;
}

/** @throws RangeError if they are 2 GiB or more. */
export function parametersOf({ tensors }: ExportedModel): ParameterValues {
  const parameters = new Map(tensors.map(({ name, values }) => [name, values]));
  const bytes = [...parameters.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (bytes <= MOST_BYTES) return parameters;
  const gibibytes = (bytes / 2 ** 30).toFixed(1);
  throw new RangeError(
    `toOnnx: parameters expected less than 2 GiB, all that an ONNX file holds, got ${gibibytes} GiB. Export safetensors.`,
  );
}

/** In the style of the states: `click_features`. */
export function inputName(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Whether an input has the last items or the features of each slot: a matrix, also of one column. Other indices are vectors. */
export function isMatrix({ nodes }: Program, { id }: Tensor): boolean {
  return nodes.some(({ op, inputs }) => (op === 'add-repeats' || op === 'add-rows') && inputs[2]?.id === id);
}
