import { writeFolder } from '@gru4rec/durable-files';
import type { ExportedModel } from '../exported-model.ts';
import { idChunks } from '../item-ids.ts';
import { type OnnxOptions, toOnnx } from './to-onnx.ts';

/** Name of the graph in the folder. */
export const ONNX_FILE = 'model.onnx';

/**
 * Writes a folder with the graph of `toOnnx` in `model.onnx` and `items.json`, a JSON array of the item ids by item index, and
 * with features of clicks `clicks.json`, their columns and values; all of it or nothing.
 *
 * @param folder - created, or replaced if it has a `model.onnx`.
 * @throws DurableError if it has other contents or cannot be written.
 * @throws RangeError under the conditions of `toOnnx`.
 */
export async function writeOnnx(
  model: ExportedModel,
  folder: string,
  options: OnnxOptions = {},
): Promise<void> {
  const bytes = toOnnx(model, options);
  const clicks = model.clickVocabulary;
  await writeFolder(
    folder,
    {
      'items.json': idChunks(model.itemIds),
      ...(clicks && { 'clicks.json': [Buffer.from(JSON.stringify(clicks))] }),
    },
    { name: ONNX_FILE, make: () => bytes },
  );
}
