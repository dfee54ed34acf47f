import { writeFolder } from '@gru4rec/durable-files';
import type { ExportedModel } from '../exported-model.ts';
import { idChunks } from '../item-ids.ts';
import { type SavedModelOptions, toSavedModel } from './to-saved-model.ts';

/** The file that makes a folder a SavedModel. */
export const SAVED_MODEL_FILE = 'saved_model.pb';

/**
 * Writes a folder with the graph of `toSavedModel` and `items.json`, a JSON array of the item ids by item index; all of it
 * or nothing.
 *
 * @param folder - created, or replaced if it is a SavedModel.
 * @throws DurableError if it has other contents or cannot be written.
 * @throws RangeError under the conditions of `toSavedModel`.
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
