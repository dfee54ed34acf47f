import { replaceFile } from '@gru4rec/durable-files';
import type { StoredTensor } from '@gru4rec/model';
import type { ExportedModel } from '../exported-model.ts';
import { encodeHeader } from './header.ts';
import { encodeIds, idTensors } from './item-ids.ts';

/** What marks a file as ours, in its metadata. */
export const FORMAT = 'gru4rec-model';
export const VERSION = '1';

/**
 * A model as the bytes of a safetensors file: each parameter F32 [rows, cols] under its name, item ids in
 * `items.offsets` I64 [I + 1] and `items.utf8` U8, and the texts `format`, `version` and `config` (JSON) as metadata.
 * The optimiser's values and the history of training are not in it.
 *
 * @returns fresh; `writeSafetensors` needs no second copy of the tables.
 * @throws RangeError if an item id is no text.
 */
export function toSafetensors(model: ExportedModel): Uint8Array {
  return Buffer.concat([...safetensorsChunks(model)]);
}

/**
 * Writes the same to a file, whole or not at all.
 *
 * @param file - replaced if it is there.
 * @throws DurableError if it cannot be written, RangeError as above.
 */
export async function writeSafetensors(model: ExportedModel, file: string): Promise<void> {
  await replaceFile(file, safetensorsChunks(model));
}

/** The header, then the data of each tensor; views where they can be. */
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
