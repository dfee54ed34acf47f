import { writeFolder } from '@gru4rec/durable-files';
import type { ExportedModel } from '../exported-model.ts';
import { idChunks } from '../item-ids.ts';
import { type SavedModelOptions, toSavedModel } from './to-saved-model.ts';

/** The file of a SavedModel by which TensorFlow knows its folder. */
export const SAVED_MODEL_FILE = 'saved_model.pb';

/**
 * Writes `toSavedModel` as a folder, with the item ids by index, a JSON array of texts, in `items.json` beside the graph;
 * whole or not at all.
 *
 * @param folder - made, or replaced if it holds a SavedModel.
 * @throws DurableError if it holds something else or cannot be written, RangeError as `toSavedModel`.
 */
export async function writeSavedModel(
  model: ExportedModel,
  folder: string,
  options: SavedModelOptions = {},
): Promise<void> {
  const bytes = toSavedModel(model, options);
  await writeFolder(
    folder,
    { 'items.json': idChunks(model.itemIds) },
    { name: SAVED_MODEL_FILE, make: () => bytes },
  );
}
