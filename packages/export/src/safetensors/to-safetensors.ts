import { replaceFile } from '@gru4rec/durable-files';
import type { StoredTensor } from '@gru4rec/model';
import type { ExportedModel } from '../exported-model.ts';
import { encodeHeader } from './header.ts';
import { encodeIds, idTensors } from './item-ids.ts';

/** `format` and `version` of our files, in their metadata. */
export const FORMAT = 'gru4rec-model';
export const VERSION = '1';

/**
 * Encodes a model as a safetensors file: each parameter as F32 [rows, cols] under its name, item ids as `items.offsets`
 * I64 [I + 1] and `items.utf8` U8, and `format`, `version` and `config` (JSON) as metadata. It has neither the
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
function safetensorsChunks({ config, itemIds, tensors }: ExportedModel): Iterable<Uint8Array> {
  const parameters = tensors.filter(({ kind }) => kind !== 'slot');
  const { utf8, offsets } = encodeIds(itemIds);
  const header = encodeHeader({ format: FORMAT, version: VERSION, config: JSON.stringify(config) }, [
    { name: idTensors.offsets, type: 'I64', shape: [offsets.length] },
    ...parameters.map(({ name, rows, cols }) => ({ name, type: 'F32' as const, shape: [rows, cols] })),
    { name: idTensors.utf8, type: 'U8', shape: [utf8.length] },
  ]);
  return [header, bytesOf(offsets), ...parameters.map(({ values }: StoredTensor) => bytesOf(values)), utf8];
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | BigInt64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
