import { ItemIdTable } from '@gru4rec/dataset/ids';
import { replaceFile } from '@gru4rec/durable-files';
import { tensorChunks } from '@gru4rec/model/storage';
import { type ExportedModel, exportedParts } from '../exported-model.ts';

/** `format` and `version` of our files, in their metadata. */
export const FORMAT = 'gru4rec-model';
export const VERSION = '2';
/** Names of the tensors of item ids, which have any number and any characters. A header holds only some megabytes. */
export const UTF8 = 'items.utf8';
export const OFFSETS = 'items.offsets';

/**
 * Writes a model to a safetensors file, all of it or nothing: each parameter as F32 [rows, cols] under its name;
 * item ids as `items.offsets` I32 [I + 1] and `items.utf8` U8; `format`, `version`, `config` (JSON) and, with
 * features of clicks, `click_vocabulary` (JSON) as metadata. It has neither the optimiser's values nor the history
 * of training.
 * @param file - replaced if it exists.
 * @throws DurableError if it cannot be written.
 * @throws RangeError if an item id has a lone surrogate.
 */
export async function writeSafetensors(model: ExportedModel, file: string): Promise<void> {
  const { config, itemIds, tensors, clickVocabulary } = exportedParts(model);
  const { utf8, offsets } = ItemIdTable.of(itemIds).packed;
  const metadata = {
    ...{ format: FORMAT, version: VERSION, config: JSON.stringify(config) },
    ...(clickVocabulary && { click_vocabulary: JSON.stringify(clickVocabulary) }),
  };
  const all = [
    ...tensors,
    { name: OFFSETS, rows: offsets.length, values: offsets },
    { name: UTF8, rows: utf8.length, values: utf8 },
  ];
  await replaceFile(file, tensorChunks(all, metadata));
}
