import { replaceFile } from '@gru4rec/durable-files';
import type { StoredTensor } from '@gru4rec/model';
import { type ExportedModel, exportedParts } from '../exported-model.ts';
import { encodeHeader } from './header.ts';
import { encodeIds, idTensors } from './item-ids.ts';

/** `format` and `version` of our files, in their metadata. */
export const FORMAT = 'gru4rec-model';
export const VERSION = '1';
/** Which values of clicks are features, in the metadata. */
export const CLICK_VOCABULARY = 'click_vocabulary';

/**
 * Encodes a model as a safetensors file: each parameter as F32 [rows, cols] under its name, item ids as `items.offsets`
 * I64 [I + 1] and `items.utf8` U8, and `format`, `version` and `config` (JSON) as metadata, and
 * `click_vocabulary` (JSON) with features of clicks. It has neither the
 * optimiser's values nor the history of training.
 *
 * @returns fresh bytes. `writeSafetensors` makes no such copy of the tables.
 * @throws RangeError if an item id has a lone surrogate.
 */
export function toSafetensors(model: ExportedModel): Uint8Array {
  return Buffer.concat([...safetensorsChunks(model)]);
}

/**
 * Writes a model to a safetensors file, all of it or nothing.
 *
 * @param file - replaced if it exists.
 * @throws DurableError if it cannot be written.
 * @throws RangeError under the conditions of `toSafetensors`.
 */
export async function writeSafetensors(model: ExportedModel, file: string): Promise<void> {
  await replaceFile(file, safetensorsChunks(model));
}

/** The header, then the data of each tensor, as views where possible. */
function safetensorsChunks(model: ExportedModel): Iterable<Uint8Array> {
  const { config, itemIds, tensors: parameters, clickVocabulary } = exportedParts(model);
  const { utf8, offsets } = encodeIds(itemIds);
  const metadata = {
    ...{ format: FORMAT, version: VERSION, config: JSON.stringify(config) },
    ...(clickVocabulary && { [CLICK_VOCABULARY]: JSON.stringify(clickVocabulary) }),
  };
  const header = encodeHeader(metadata, [
    { name: idTensors.offsets, type: 'I64', shape: [offsets.length] },
    ...parameters.map(({ name, rows, cols }) => ({ name, type: 'F32' as const, shape: [rows, cols] })),
    { name: idTensors.utf8, type: 'U8', shape: [utf8.length] },
  ]);
  return [header, bytesOf(offsets), ...parameters.map(({ values }: StoredTensor) => bytesOf(values)), utf8];
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | BigInt64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
